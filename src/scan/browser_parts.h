/* SPDX-License-Identifier: ISC */
/*
 * browser_parts -- what the files of scan/browser share: browser.c keeps the
 * services, browser_ask.c asks about them, browser_tell.c reports them.
 */
#ifndef REFLASHD_BROWSER_PARTS_H
#define REFLASHD_BROWSER_PARTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scan/browser.h"
#include "scan/options.h"

#define FORGET_MS 600000 /* a service that is not listed or heard is gone */

struct service_entry;
struct question;

struct browse { /* the standing question for one type of service */
	struct browser *browser; /* borrowed */
	size_t service;
	struct question *question;
};

struct browser {
	const struct options *options; /* borrowed */
	struct output *output;	       /* borrowed */
	const struct backend *backend; /* borrowed; NULL while detached */
	struct stack *stack;	       /* borrowed */
	struct alarm_timer *alarm;
	struct browse browse[OPTIONS_MAX_SERVICES];
	struct service_entry *entries;	      /* by key */
	unsigned count[OPTIONS_MAX_SERVICES]; /* of them, by service */
	struct service_entry *waiting;	      /* for their turn to ask */
	struct service_entry *asked;	      /* longest first */
	struct service_entry *due;	      /* with something to tell */
	enum scan_heard heard;
	unsigned asked_count, refused;
	unsigned lines; /* written since second_ms */
	int64_t second_ms;
};

/* browser.c */
void browser_remove(struct browser *, struct service_entry *);
/*
 * Return the name of the interface; false: reflash-scan is not to listen there.
 */
bool browser_read_interface(
    const struct browser *, int ifindex, char name[IF_NAMESIZE]);

/* browser_ask.c */
void browser_want_to_ask(struct browser *, struct service_entry *);
void browser_stop_asking(struct browser *, struct service_entry *);
/*
 * Return true if the service need not be asked: it lately announced everything
 * itself.
 */
bool browser_says_all(const struct service_entry *, int64_t now);
/*
 * Give the waiting services their turn.  Returns when to go on; 0: not at all.
 */
int64_t browser_take_turns(struct browser *, int64_t now);
void browser_ask_new_host(struct browser *, struct service_entry *);

/* browser_tell.c */
void browser_wake(struct browser *);
/* Check whether there is something to report about the service. */
void browser_touch(struct browser *, struct service_entry *);
void browser_untouch(struct browser *, struct service_entry *);
/*
 * Report a service for which there is no room as it was heard, without asking
 * about it: the daemon may know it by its name alone.
 */
void browser_tell_heard(struct browser *, int ifindex,
    const struct dnsscan_hit *, struct in_addr from);

#endif
