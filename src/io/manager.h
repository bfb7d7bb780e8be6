/* SPDX-License-Identifier: ISC */
/*
 * manager -- the service manager: readiness, status, watchdog, and the sockets
 * that it has opened.  Without libsystemd, or without a manager, all of it does
 * nothing.
 */
#ifndef REFLASHD_MANAGER_H
#define REFLASHD_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANAGER_MAX_HTTP 8

/* Listening sockets that were handed over; the caller owns them. */
struct manager_sockets {
	int http[MANAGER_MAX_HTTP];
	size_t http_count;
	int control; /* -1: none */
};

/*
 * Sort the sockets by their kind: TCP is HTTP, Unix is control.  Those of IPv6
 * are taken only if the caller can serve them.
 */
void manager_sockets(struct manager_sockets *, bool with_ipv6);

/*
 * Return true if a service manager has started this process, and not a person.
 */
bool manager_is_there(void);

void manager_ready(void);
void manager_reloading(void); /* followed by manager_ready() */
void manager_stopping(void);
void manager_status(const char *text); /* one line */

/* Return how often manager_alive() must be called; 0: never. */
uint64_t manager_watchdog_ms(void);
void manager_alive(void);

#endif
