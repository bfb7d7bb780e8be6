/* SPDX-License-Identifier: ISC */
/*
 * avahi_probe -- does avahi-daemon answer?
 *
 * Asked in a process of its own that is killed after 3 s: every call of
 * libavahi-client blocks for up to 25 s when D-Bus or avahi-daemon is stuck.
 */
#ifndef REFLASHD_AVAHI_PROBE_H
#define REFLASHD_AVAHI_PROBE_H

#include <avahi-common/watch.h>
#include <stdbool.h>

struct avahi_probe;

/*
 * Called from the loop, once for each start.  Where nobody could be asked there
 * is no answer.
 */
typedef void avahi_probe_fn(bool answers, void *ctx);

/* poll and ctx are borrowed. */
struct avahi_probe *
avahi_probe_new(const AvahiPoll *, avahi_probe_fn *, void *ctx);
void avahi_probe_free(struct avahi_probe *);

/* Start asking, unless it is under way. */
void avahi_probe_start(struct avahi_probe *);

#endif
