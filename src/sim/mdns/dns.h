/* SPDX-License-Identifier: ISC */
/*
 * dns -- writes and reads the few parts of DNS messages that a responder
 * needs (RFC 1035 section 4, RFC 6762 section 18).
 */
#ifndef REFLASHD_SIM_DNS_H
#define REFLASHD_SIM_DNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_SIZE 256
#define DNS_MESSAGE   1460

enum {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_TXT = 16,
	DNS_SRV = 33,
	DNS_ANY = 255,
};

/* A response that is being written; records that do not fit are left out. */
struct dns_writer {
	unsigned char bytes[DNS_MESSAGE];
	size_t len;
};

/* Names are written "label.label", without the dot at the end. */
void dns_begin(struct dns_writer *, uint16_t id);
void dns_add_question(struct dns_writer *, const char *name, uint16_t type);
void dns_add_ptr(
    struct dns_writer *, const char *name, uint32_t ttl, const char *target);
void dns_add_srv(struct dns_writer *, const char *name, uint32_t ttl,
    uint16_t port, const char *host);
void dns_add_txt(struct dns_writer *, const char *name, uint32_t ttl,
    const unsigned char *txt, size_t len);
void
dns_add_a(struct dns_writer *, const char *name, uint32_t ttl, struct in_addr);

struct dns_query {
	uint16_t id, questions, answers;
	size_t at; /* offset of the next entry */
};

/* Read the head of a message; false: it is not a query. */
bool dns_read_query(const unsigned char *msg, size_t len, struct dns_query *);

/* Read the next question; its name is in lower case. */
bool dns_read_question(const unsigned char *msg, size_t len, struct dns_query *,
    char name[DNS_NAME_SIZE], uint16_t *type);

/* Read the next known answer; target is "" if it is no PTR record. */
bool dns_read_answer(const unsigned char *msg, size_t len, struct dns_query *,
    char target[DNS_NAME_SIZE]);

#endif
