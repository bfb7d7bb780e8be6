/* SPDX-License-Identifier: ISC */
/*
 * firewall -- would the rules of this machine let a packet in?
 *
 * The rules are what "nft -j list ruleset" and "iptables-save" print.  What is
 * not understood of a rule may fit or not: the answer is "perhaps" then, and
 * never "closed".  Pure: it reads text and returns an answer.
 */
#ifndef REFLASHD_FIREWALL_H
#define REFLASHD_FIREWALL_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* A packet from a device, the first of its connection.  All is borrowed. */
struct firewall_packet {
	bool is_udp;   /* else TCP */
	uint16_t port; /* to which it is sent */
	const char *interface;
	struct in_addr from, to;
	bool is_multicast; /* to is 224.0.0.251 */
};

enum firewall_answer {
	FIREWALL_OPEN,
	FIREWALL_PERHAPS, /* closed by what was understood; other rules may
			     open it */
	FIREWALL_CLOSED,
};

/* The chain that does not let the packet in; texts are "" where it is open. */
struct firewall_place {
	bool is_iptables;
	char family[16], table[64], chain[64];
};

/* Examine rules of nftables: the whole object that nft prints. */
enum firewall_answer firewall_ask_nft(const json_t *ruleset,
    const struct firewall_packet *, struct firewall_place *);

/* Examine rules of iptables: the whole text of iptables-save. */
enum firewall_answer firewall_ask_iptables(
    const char *text, const struct firewall_packet *, struct firewall_place *);

/* Return true if the text of iptables-save has a chain that a packet meets. */
bool firewall_has_iptables(const char *text);

/* Return the command that lets such packets in at that place; free() it. */
char *
firewall_command(const struct firewall_place *, const struct firewall_packet *);

#endif
