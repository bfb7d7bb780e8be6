/* SPDX-License-Identifier: ISC */
/*
 * discovery -- runs reflash-scan as configured, takes in what it hears, and
 * knows whether it works.
 */
#ifndef REFLASHD_DISCOVERY_H
#define REFLASHD_DISCOVERY_H

#include <stdbool.h>

#include "io/conffiles.h"

struct discovery;
struct event_base;
struct id_conflict;
struct identify;
struct netdiag_log;
struct postflash_run;
struct reachable;
struct registry;
struct scheduler;
struct starter;

/* All borrowed until discovery_free(); a reload may change the settings. */
struct discovery_parts {
	struct event_base *base;
	const struct setup *setup;
	struct starter *starter;
	const char *scan_program;
	struct registry *registry;
	struct scheduler *scheduler;
	struct netdiag_log *netdiag_log;
	struct reachable *reachable;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct postflash_run *postflash_run;
};

/* reflash-scan does not run yet. */
struct discovery *discovery_new(const struct discovery_parts *);
void discovery_free(struct discovery *); /* NULL is fine */

/* Run reflash-scan with the configuration as it is now; end it. */
void discovery_start(struct discovery *);
void discovery_stop(struct discovery *);

/* A device was forgotten: have its announcement reported again. */
void discovery_repeat(struct discovery *, const char *id);

/* The LAN has been asked again, as each RequerySec=. */
void discovery_asked(const struct discovery *);

/* Return whether devices can be heard, and a clause for status. */
bool discovery_is_ready(const struct discovery *);
const char *discovery_text(const struct discovery *);

#endif
