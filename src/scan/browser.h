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
struct hunt;
struct options;
struct output;
struct stack;

/* All are borrowed. */
struct hunt *
hunt_new(const AvahiPoll *, const struct options *, struct output *);
void hunt_free(struct hunt *);

/* Ask this stack (borrowed) from now on, until it is detached. */
void hunt_attach(struct hunt *, const struct backend *, struct stack *);

/* The stack is about to be closed, and its questions with it. */
void hunt_detach(struct hunt *);

/* Ask the LAN again, and give up what has not been alive for long. */
void hunt_requery(struct hunt *);

/* A packet with an announcement came from there. */
void hunt_hear(struct hunt *, int ifindex, const struct dnsscan_hit *,
    struct in_addr from);

/* Tell again what has this in its name, in lower case. */
void hunt_repeat(struct hunt *, const char *part, size_t len);

/* What is known of the packets of others, told with the status. */
void hunt_set_heard(struct hunt *, enum scan_heard);
enum scan_heard hunt_heard(const struct hunt *);

/* Tell what is due, as long as the output takes it. */
void hunt_tell(struct hunt *);

/* How many services have been turned away for --max, since last asked. */
unsigned hunt_take_refused(struct hunt *);

#endif
