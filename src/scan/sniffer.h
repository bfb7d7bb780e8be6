/* SPDX-License-Identifier: ISC */
/*
 * sniffer -- hears who sends announcements, beside the mDNS stack.
 */
#ifndef REFLASHD_SNIFFER_H
#define REFLASHD_SNIFFER_H

#include <avahi-common/watch.h>

struct hunt;
struct overhear;
struct options;

/* All are borrowed. */
struct overhear *
overhear_new(const AvahiPoll *, const struct options *, struct hunt *);
void overhear_free(struct overhear *);

#endif
