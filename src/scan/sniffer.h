/* SPDX-License-Identifier: ISC */
/* sniffer -- hears which hosts send announcements, besides the mDNS stack. */
#ifndef REFLASHD_SNIFFER_H
#define REFLASHD_SNIFFER_H

#include <avahi-common/watch.h>

struct browser;
struct sniffer;
struct options;

/* All are borrowed. */
struct sniffer *
sniffer_new(const AvahiPoll *, const struct options *, struct browser *);
void sniffer_free(struct sniffer *);

#endif
