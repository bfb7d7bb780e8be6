/* SPDX-License-Identifier: ISC */
/*
 * resolver -- the addresses of a name, found by a child process.
 *
 * getaddrinfo(3) asks everything that this machine is configured for (hosts,
 * DNS, multicast DNS, systemd-resolved), and blocks: so each question is asked
 * by a process of its own, which ends with the answer, and at the latest after
 * RESOLVER_SEC.
 */
#ifndef REFLASHD_RESOLVER_H
#define REFLASHD_RESOLVER_H

#include <stddef.h>

#include "base/error.h"

#define RESOLVER_SEC	   10
#define RESOLVER_MAX	   8
#define RESOLVER_TEXT_SIZE 64 /* "fe80::1%wlan0" */

struct event_base;
struct resolver;

/* The addresses as numbers, the best first; none: the error says why. */
struct resolver_answer {
	char address[RESOLVER_MAX][RESOLVER_TEXT_SIZE];
	size_t count;
	struct error error;
};

/*
 * Ask for the addresses of a host.  The answer comes later, exactly once, and
 * the callback may free the resolver.
 */
struct resolver *resolver_new(struct event_base *, const char *host,
    void (*answer)(const struct resolver_answer *, void *ctx), void *ctx);

/* Free it, and end its child; no answer comes any more.  NULL is fine. */
void resolver_free(struct resolver *);

#endif
