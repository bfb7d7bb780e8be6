/* SPDX-License-Identifier: ISC */
/*
 * service -- what the service manager is told while the daemon lives: that the
 * event loop turns, and in one line what it is doing.
 */
#ifndef REFLASHD_SERVICE_H
#define REFLASHD_SERVICE_H

#include "reflashd/daemon.h"

struct service;

/* From now on it is ready.  The daemon is borrowed. */
struct service *service_new(struct daemon *);
void service_free(struct service *); /* NULL is fine */

/* Something has changed: the line is made anew, once a second at most. */
void service_changed(struct service *);

/* "2 seen, 1 flashing 43 %, 5 verified" */
void service_line(struct daemon *, char *dst, size_t size);

#endif
