/* SPDX-License-Identifier: ISC */
/*
 * listen -- hears who sends announcements, beside the mDNS stack.
 */
#ifndef REFLASHD_LISTEN_H
#define REFLASHD_LISTEN_H

#include <avahi-common/watch.h>

struct hunt;
struct listen;
struct options;

/* All are borrowed. */
struct listen *
listen_new(const AvahiPoll *, const struct options *, struct hunt *);
void listen_free(struct listen *);

#endif
