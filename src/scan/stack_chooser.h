/* SPDX-License-Identifier: ISC */
/*
 * stack_chooser -- keeps an mDNS stack open: which one, and when to change.
 *
 *               avahi-daemon answers
 *      none ---------------------------> avahi
 *       | ^                                |
 *       | | it failed        it failed, or does not answer before a requery
 *       v |                                v
 *     embedded <-------------------------- none
 *       |                                  ^
 *       +--- avahi-daemon answers again ---+
 *
 * With --backend one of the two is never tried.  Retries come after 1 s,
 * twice as long each time, at most 30 s.
 */
#ifndef REFLASHD_STACK_CHOOSER_H
#define REFLASHD_STACK_CHOOSER_H

#include <avahi-common/watch.h>

struct hunt;
struct keeper;
struct options;
struct output;

/* All are borrowed. */
struct keeper *keeper_new(
    const AvahiPoll *, const struct options *, struct hunt *, struct output *);
void keeper_free(struct keeper *);

/* Tell the status if it is not told yet and the output has room. */
void keeper_tell(struct keeper *);

#endif
