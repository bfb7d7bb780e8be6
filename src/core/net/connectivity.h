/* SPDX-License-Identifier: ISC */
/*
 * connectivity -- which networks this machine can reach, and the time in which
 * it could.
 *
 * A failure of this machine is not the device's fault.  So a clock that
 * waits for a device stands still while the network of the device is out of
 * reach, and for a while after: a switch that comes back does not pass anything
 * on at once, and silence says nothing until it does.
 */
#ifndef REFLASHD_CONNECTIVITY_H
#define REFLASHD_CONNECTIVITY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ratelimit.h"

#define CONNECTIVITY_SETTLE_MS 40000 /* spanning tree takes 30 s */
#define CONNECTIVITY_WHY_SIZE  128

struct connectivity_net {
	struct in_addr net, example; /* an address there */
	unsigned prefix;
	bool is_routed; /* behind a router: its prefix is a guess */
	char why[CONNECTIVITY_WHY_SIZE];  /* why out of reach; "": it is not */
	char last[CONNECTIVITY_WHY_SIZE]; /* why, in the last outage */
	struct ratelimit lines;		  /* of the log */
	uint64_t out_ms;     /* since when its clock stands; 0: it never did */
	uint64_t settled_ms; /* when the clock goes on, once it is back */
	uint64_t lost_ms;    /* for how long the clock had stood before */
	/* The time that this machine missed; alone: while nothing stood. */
	uint64_t missed_ms, missed_alone_ms;
	struct connectivity_net *next;
};

/* Initialize with = {0}; nothing else is needed. */
struct connectivity {
	struct connectivity_net *nets; /* owned */
	uint64_t missed_until_ms;
};

void connectivity_fini(struct connectivity *);

/* Find the network of an address (prefix 0: behind a router), or NULL. */
struct connectivity_net *connectivity_find(
    const struct connectivity *, struct in_addr address, unsigned prefix);
struct connectivity_net *connectivity_add(
    struct connectivity *, struct in_addr address, unsigned prefix);

/* Return the prefix of a known link of ours that has the address; 0: none. */
unsigned
connectivity_prefix(const struct connectivity *, struct in_addr address);

/* Write "192.168.1.0/24". */
char *
connectivity_name(const struct connectivity_net *, char *dst, size_t size);

enum connectivity_news {
	CONNECTIVITY_SAME,
	CONNECTIVITY_OUT,
	CONNECTIVITY_BACK
};

/* Note why the network cannot be reached from now on; NULL: it can. */
enum connectivity_news
connectivity_note(struct connectivity_net *, const char *why, uint64_t now_ms);

/*
 * Tell that this machine has slept until now, and its networks come back one by
 * one; or that it was too busy, or stopped, to do what was due.  If several
 * calls report the same time, it counts once.
 */
void connectivity_slept(struct connectivity *, uint64_t now_ms);
void
connectivity_missed(struct connectivity *, uint64_t due_ms, uint64_t now_ms);

/*
 * Stop the clocks of all networks, as this machine can accept no connection,
 * until it can again.  Call it again now and then, for networks that were new
 * or out of reach meanwhile.
 */
void connectivity_hold(struct connectivity *, uint64_t now_ms);
void connectivity_release(struct connectivity *, uint64_t now_ms);

/* Return for how long the network had been out of reach. */
uint64_t connectivity_outage_ms(const struct connectivity_net *);

/* Return for how long the clock of this network has stood until now. */
uint64_t connectivity_lost(const struct connectivity_net *, uint64_t now_ms);

/*
 * A clock that stands still with that of a network, which may change; all zeros
 * at the start.  NULL: it goes on.
 */
struct connectivity_clock {
	const struct connectivity_net *net; /* borrowed */
	uint64_t last_ms, value_ms;
	uint64_t stood_ms, missed_ms,
	    missed_alone_ms; /* of the network, then */
	uint64_t heard_ms;   /* the last answer of the device */
};

/* Tell that an answer has come: the network passes packets on. */
void connectivity_heard(struct connectivity_clock *, uint64_t now_ms);
uint64_t connectivity_clock(struct connectivity_clock *,
    const struct connectivity_net *, uint64_t now_ms);

#endif
