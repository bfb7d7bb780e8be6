/* SPDX-License-Identifier: ISC */
/*
 * scheduler -- who is there, and what is to be done with them.
 *
 * With each new fact about a device, from an announcement or an answer, the
 * scheduler decides about that device again.
 */
#ifndef REFLASHD_SCHEDULER_H
#define REFLASHD_SCHEDULER_H

#include "core/schedule/decide.h"
#include "core/schedule/forecast.h"
#include "io/conffiles.h"

struct campaign;
struct event_base;
struct events;
struct flash;
struct id_conflict;
struct identify;
struct image;
struct image_cache;
struct outage;
struct persist;
struct postflash_run;
struct reachable;
struct registry;
struct rejoin;
struct scheduler;

/* What the scheduler tells its maker. */
struct scheduler_ops {
	/* All devices have been asked again, as each RequerySec=. */
	void (*asked)(void *ctx);
};

/* All borrowed until scheduler_free(); a reload may change the settings. */
struct scheduler_parts {
	struct event_base *base;
	const struct setup *setup;
	struct registry *registry;
	struct campaign *campaign;
	struct image_cache *images;
	struct events *events;
	struct persist *keep;
	struct reachable *reachable;
	struct outage *outage;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct flash *flash;
	struct postflash_run *postflash_run;
	struct rejoin *rejoin;
	const struct scheduler_ops *ops;
	void *ctx;
};

/* The first round of questions begins in the next turn of the event loop. */
struct scheduler *scheduler_new(const struct scheduler_parts *);
void scheduler_free(struct scheduler *); /* NULL is fine */

/* Decide about one device, or about all, now. */
void scheduler_consider(struct scheduler *, struct device *);
void scheduler_consider_all(struct scheduler *);

/*
 * Decide about all in the next turn of the event loop: slots have become free,
 * say.  NULL is fine: the daemon is ending.
 */
void scheduler_consider_soon(struct scheduler *);

/*
 * Ask configured devices, and those that may have gone, in the next turn and
 * then each RequerySec=, and decide about all devices.  NULL is fine.
 */
void scheduler_requery_soon(struct scheduler *);

/* fits: a policy is for what is known of the device, or may be. */
enum device_rank
scheduler_rank(const struct scheduler *, const char *id, bool fits);

/* What would be decided; the image in it is borrowed until the next call. */
void
scheduler_decide(struct scheduler *, const struct device *, struct decision *);

/* What would become of all devices now. */
void scheduler_forecast(struct scheduler *, struct forecast *);

/*
 * What is decided about a device whose job has not told it anything yet, with
 * the image that the job has: see decide_job().  Of the image nothing is told.
 */
bool scheduler_decide_job(struct scheduler *, const struct device *,
    struct image *, struct decision *);

/*
 * Return true if a person may order a flash with the image of this name, and
 * make room for the order.  NULL: the image that the policy names.
 */
bool scheduler_may_order(struct scheduler *, const char *image);

#endif
