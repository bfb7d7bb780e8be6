/* SPDX-License-Identifier: ISC */
/*
 * firewall_parts -- what the files of firewall share: how a packet goes from
 * rule to rule.
 *
 *	firewall.c		the way of a packet, and the command that opens
 *it firewall_nft.c		chains and rules of nftables
 *	firewall_nft_match.c	whether a packet fits what a rule of them asks
 *for firewall_iptables.c	chains and rules of iptables
 */
#ifndef REFLASHD_FIREWALL_PARTS_H
#define REFLASHD_FIREWALL_PARTS_H

#include <stddef.h>

#include "core/net/firewall.h"

#define FIREWALL_DEPTH 16    /* chains within chains; Linux has 16, too */
#define FIREWALL_STEPS 50000 /* rules that are looked at, at most */

/* Whether a packet fits; ordered, so that the least of several counts. */
enum firewall_fit { FIREWALL_NO, FIREWALL_MAYBE, FIREWALL_YES };

/* The fate of the packet at a rule, or at the end of a chain. */
enum firewall_verdict {
	FIREWALL_GOES_ON,
	FIREWALL_ACCEPT,
	FIREWALL_DROP,
	FIREWALL_RETURN,
};

/* A packet on its way through the chains of one hook. */
struct firewall_way {
	const struct firewall_packet *packet; /* borrowed */
	unsigned steps;			      /* rules so far */
	bool may_be_taken; /* a rule that may fit would have accepted it */
};

static inline enum firewall_fit
firewall_least(enum firewall_fit a, enum firewall_fit b)
{
	return a < b ? a : b;
}

/*
 * Return what follows from the verdict of a rule that fits so: of one that may
 * fit, only that it may accept is kept.
 */
enum firewall_verdict
firewall_weigh(struct firewall_way *, enum firewall_fit, enum firewall_verdict);

/* Return the answer of a hook whose chains have ended with that verdict. */
enum firewall_answer
firewall_conclude(const struct firewall_way *, enum firewall_verdict);

/* Return true if the address is in the net, "192.168.1.0" and 24. */
bool
firewall_is_within(struct in_addr, const char *net, unsigned bits, bool *ok);

/* Return true if a name fits; one that ends in the sign is a beginning. */
bool firewall_name_fits(const char *name, const char *pattern, char sign);

/* Return how the packet fits {"match":...}; sets are looked up in ruleset. */
enum firewall_fit firewall_nft_match(const json_t *ruleset, const json_t *rule,
    const json_t *match, const struct firewall_packet *);

#endif
