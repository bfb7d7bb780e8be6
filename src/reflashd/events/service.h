/* SPDX-License-Identifier: ISC */
/*
 * service -- what the service manager is told while the daemon lives: that the
 * event loop turns, and in one line what it is doing.
 */
#ifndef REFLASHD_SERVICE_H
#define REFLASHD_SERVICE_H

#include <stddef.h>

struct event_base;
struct registry;
struct service;

/* The daemon is ready from now on.  Both are borrowed. */
struct service *service_new(struct event_base *, struct registry *);
void service_free(struct service *); /* NULL is fine */

/* A device has changed: the line is made anew, once a second at most.  NULL is
 * fine. */
void service_changed(struct service *);

/* "2 seen, 1 flashing 43 %, 5 verified" */
void service_line(struct registry *, char *dst, size_t size);

#endif
