/* SPDX-License-Identifier: ISC */
/*
 * service -- tells the service manager that the event loop turns, and in one
 * line what the daemon is doing.
 */
#ifndef REFLASHD_SERVICE_H
#define REFLASHD_SERVICE_H

struct event_base;
struct registry;
struct service;

/* Tell that the daemon is ready.  Both are borrowed. */
struct service *service_new(struct event_base *, struct registry *);
void service_free(struct service *); /* NULL is fine */

/* Make the line anew, at most once a second.  NULL is fine. */
void service_changed(struct service *);

#endif
