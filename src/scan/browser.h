/* SPDX-License-Identifier: ISC */
/*
 * browser -- looks for services through any mDNS stack, and reports what it
 * finds.
 *
 * For each type of service a PTR question stands.  Most services need no more,
 * as their announcements say everything.  For the others a question for SRV,
 * TXT and A stands; if the stack has no room for so many questions, the
 * services take turns.  Nothing is forgotten when the stack changes.
 */
#ifndef REFLASHD_BROWSER_H
#define REFLASHD_BROWSER_H

#include <avahi-common/watch.h>
#include <netinet/in.h>

#include "core/mdns/scanline.h"

struct backend;
struct dnsscan_hit;
struct browser;
struct options;
struct output;
struct stack;

/* All are borrowed. */
struct browser *
browser_new(const AvahiPoll *, const struct options *, struct output *);
void browser_free(struct browser *);

/* Ask this stack (borrowed) from now on, until it is detached. */
void browser_attach(struct browser *, const struct backend *, struct stack *);

/* Stop asking the stack: the caller closes it, and its questions with it. */
void browser_detach(struct browser *);

/* Ask the LAN again, and give up services that have been silent for long. */
void browser_requery(struct browser *);

/* Take in a packet with an announcement that came from this address. */
void browser_hear(struct browser *, int ifindex, const struct dnsscan_hit *,
    struct in_addr from);

/* Report again what has this in its name, in lower case. */
void browser_repeat(struct browser *, const char *part, size_t len);

/*
 * Set whether packets of other hosts were heard, to be reported with the
 * status.
 */
void browser_set_heard(struct browser *, enum scan_heard);
enum scan_heard browser_heard(const struct browser *);

/* Report what is due, as long as the output takes it. */
void browser_tell(struct browser *);

/*
 * Return how many services have been refused because of --max since the last
 * call.
 */
unsigned browser_take_refused(struct browser *);

#endif
