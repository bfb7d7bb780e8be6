/* SPDX-License-Identifier: ISC */
/*
 * browser -- looks for services through whatever mDNS stack there is, and tells
 * what it finds.
 *
 * For each type of service a PTR question stands.  What is overheard says all
 * of most services; for the others one for SRV, TXT and A stands, as far as
 * the stack has room for so many questions: beyond that they take turns.
 * Nothing is forgotten when the stack changes.
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

/* The stack is about to be closed, and its questions with it. */
void browser_detach(struct browser *);

/* Ask the LAN again, and give up what has not been alive for long. */
void browser_requery(struct browser *);

/* A packet with an announcement came from there. */
void browser_hear(struct browser *, int ifindex, const struct dnsscan_hit *,
    struct in_addr from);

/* Tell again what has this in its name, in lower case. */
void browser_repeat(struct browser *, const char *part, size_t len);

/* What is known of the packets of others, told with the status. */
void browser_set_heard(struct browser *, enum scan_heard);
enum scan_heard browser_heard(const struct browser *);

/* Tell what is due, as long as the output takes it. */
void browser_tell(struct browser *);

/* How many services have been turned away for --max, since last asked. */
unsigned browser_take_refused(struct browser *);

#endif
