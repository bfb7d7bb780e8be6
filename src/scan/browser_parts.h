/* SPDX-License-Identifier: ISC */
/*
 * browser_parts -- what the files of scan/browser share: browser.c has the
 * services that there are, browser_ask.c asks about them, browser_tell.c tells
 * of them.
 */
#ifndef REFLASHD_BROWSER_PARTS_H
#define REFLASHD_BROWSER_PARTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scan/browser.h"
#include "scan/options.h"

#define FORGET_MS 600000 /* not listed and not heard for so long */

struct entry;
struct question;

struct browse {		   /* the standing question for one type of service */
	struct hunt *hunt; /* borrowed */
	size_t service;
	struct question *question;
};

struct hunt {
	const struct options *options; /* borrowed */
	struct output *output;	       /* borrowed */
	const struct backend *backend; /* borrowed; NULL while detached */
	struct stack *stack;	       /* borrowed */
	struct alarm *alarm;
	struct browse browse[OPTIONS_MAX_SERVICES];
	struct entry *entries;		      /* by key */
	unsigned count[OPTIONS_MAX_SERVICES]; /* of them, by service */
	struct entry *waiting;		      /* for their turn to ask */
	struct entry *asked;		      /* longest first */
	struct entry *due;		      /* with something to tell */
	enum scan_heard heard;
	unsigned asked_count, refused;
	unsigned lines; /* since second_ms */
	int64_t second_ms;
};

/* browser.c */
void hunt_remove(struct hunt *, struct entry *);
/* The name of the interface, if we are to listen there. */
bool
hunt_read_interface(const struct hunt *, int ifindex, char name[IF_NAMESIZE]);

/* browser_ask.c */
void hunt_want_to_ask(struct hunt *, struct entry *);
void hunt_stop_asking(struct hunt *, struct entry *);
/* One that tells all of itself, and has done so lately, is not asked. */
bool hunt_says_all(const struct entry *, int64_t now);
/* Give those that wait their turn.  Returns when to go on, 0 = not at all. */
int64_t hunt_take_turns(struct hunt *, int64_t now);
void hunt_ask_new_host(struct hunt *, struct entry *);

/* browser_tell.c */
void hunt_wake(struct hunt *);
/* Something about it may have to be told. */
void hunt_touch(struct hunt *, struct entry *);
void hunt_untouch(struct hunt *, struct entry *);
/*
 * One for whom there is no room is told as it was heard, and not asked about:
 * whoever reads this may know it, if by its name alone.
 */
void hunt_tell_heard(struct hunt *, int ifindex, const struct dnsscan_hit *,
    struct in_addr from);

#endif
