/* SPDX-License-Identifier: ISC */
/*
 * outage_parts -- what only the files of outage share: outage.c knows networks
 * and time, outage_starved.c knows when no connection can be accepted.
 */
#ifndef REFLASHD_OUTAGE_PARTS_H
#define REFLASHD_OUTAGE_PARTS_H

#include "reflashd/net/outage.h"

#define MAX_LINES 20 /* of the log, of one network in ten minutes */

struct outage {
	struct outage_parts parts;
	struct watch *network; /* owned; what the kernel has to say */
	struct connectivity reach;
	uint64_t slept_ms;   /* for how long this machine has slept so far */
	struct timer *pulse; /* owned; runs while devices are at work */
	uint64_t pulse_ms;   /* awake: when it is due */
	uint64_t starved_ms; /* awake: accept() fails since; 0: it works */
	int starved_why;     /* errno */
	struct ratelimit starved_lines;
};

/* Excuse the silence of all devices in a network that can be reached. */
void outage_excuse_all(struct outage *, const char *what);

/* Append a sentence to the list while no connection can be accepted. */
void outage_starved_problem(const struct outage *, json_t *problems);

#endif
