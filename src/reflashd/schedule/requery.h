/* SPDX-License-Identifier: ISC */
/*
 * requery -- asks configured devices, and those that may have gone, each
 * RequerySec=.
 *
 * It owns the timer of that.  Where there is no room for a new device, it
 * forgets silent ones.
 */
#ifndef REFLASHD_REQUERY_H
#define REFLASHD_REQUERY_H

#include "io/conffiles.h"

struct event_base;
struct events;
struct id_conflict;
struct identify;
struct outage;
struct registry;
struct rejoin;
struct requery;
struct scheduler;

/* All borrowed until requery_free(); a reload may change the settings. */
struct requery_parts {
	struct event_base *base;
	const struct setup *setup;
	struct registry *registry;
	struct events *events;
	struct outage *outage;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct rejoin *rejoin;
	struct scheduler *scheduler;
	/* All devices have been asked again. */
	void (*asked)(void *ctx);
	void *ctx;
};

/* The first round of questions begins in the next turn of the event loop. */
struct requery *requery_new(const struct requery_parts *);
void requery_free(struct requery *); /* NULL is fine */

/*
 * Ask in the next turn, and decide about all devices.  NULL is fine: the daemon
 * is ending.
 */
void requery_soon(struct requery *);

#endif
