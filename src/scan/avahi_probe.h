/* SPDX-License-Identifier: ISC */
/*
 * avahi_probe -- asks whether avahi-daemon answers.
 *
 * A process of its own asks, and is ended after 3 s: every call of
 * libavahi-client blocks for up to 25 s when D-Bus or avahi-daemon is stuck.
 */
#ifndef REFLASHD_AVAHI_PROBE_H
#define REFLASHD_AVAHI_PROBE_H

#include <avahi-common/watch.h>
#include <stdbool.h>

struct avahi_probe;

/*
 * Called from the loop, once for each start.  If no process could be started,
 * the answer is no.
 */
typedef void avahi_probe_fn(bool answers, void *ctx);

/* poll and ctx are borrowed. */
struct avahi_probe *
avahi_probe_new(const AvahiPoll *, avahi_probe_fn *, void *ctx);
void avahi_probe_free(struct avahi_probe *);

/* Start asking, unless that is under way. */
void avahi_probe_start(struct avahi_probe *);

#endif
