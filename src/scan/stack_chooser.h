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
 * With --backend, only the named one is ever tried.  Retries come after 1 s,
 * twice as long each time, at most 30 s.
 */
#ifndef REFLASHD_STACK_CHOOSER_H
#define REFLASHD_STACK_CHOOSER_H

#include <avahi-common/watch.h>

struct browser;
struct stack_chooser;
struct options;
struct output;

/* All are borrowed. */
struct stack_chooser *stack_chooser_new(const AvahiPoll *,
    const struct options *, struct browser *, struct output *);
void stack_chooser_free(struct stack_chooser *);

/* Report the status if it is not reported yet and the output has room. */
void stack_chooser_tell(struct stack_chooser *);

#endif
