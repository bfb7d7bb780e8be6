/* SPDX-License-Identifier: ISC */
/*
 * scheduler -- decides what is to be done with each device, and has it done.
 *
 * It decides again with each new fact, from an announcement or an answer, and
 * owns the timers for what waits.
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
struct identify;
struct image;
struct image_cache;
struct outage;
struct persist;
struct postflash_run;
struct reachable;
struct registry;
struct scheduler;

/* All borrowed until scheduler_free(); a reload may change the settings. */
struct scheduler_parts {
	struct event_base *base;
	const struct setup *setup;
	struct registry *registry;
	struct campaign *campaign;
	struct image_cache *images;
	struct events *events;
	struct persist *persist;
	struct reachable *reachable;
	struct outage *outage;
	struct identify *identify;
	struct flash *flash;
	struct postflash_run *postflash_run;
};

struct scheduler *scheduler_new(const struct scheduler_parts *);
void scheduler_free(struct scheduler *); /* NULL is fine */

/*
 * Decide about one device, or about all, now.  What registry_learned() notes is
 * decided in the next turn, or now by the last of these.
 */
void scheduler_consider(struct scheduler *, struct device *);
void scheduler_consider_all(struct scheduler *);
void scheduler_consider_learned(struct scheduler *);

/*
 * Decide about all in the next turn of the event loop, because slots are free,
 * for example.  NULL is fine: the daemon is ending.
 */
void scheduler_consider_soon(struct scheduler *);

/* Return the rank of an id; fits: a policy fits the device, or may fit. */
enum device_rank
scheduler_rank(const struct scheduler *, const char *id, bool fits);

/* Return what is decided; the image in it is borrowed until the next call. */
void
scheduler_decide(struct scheduler *, const struct device *, struct decision *);

/* Count what is decided about all devices. */
void scheduler_forecast(struct scheduler *, struct forecast *);

/*
 * Decide about a device whose job has not told it anything yet, with the image
 * that the job has, as decide_job() does; out has no image.
 */
bool scheduler_decide_job(struct scheduler *, const struct device *,
    struct image *, struct decision *);

/*
 * Return true if a person may order a flash with the image of this name, and
 * make room for the order.  NULL: the image that the policy names.
 */
bool scheduler_may_order(struct scheduler *, const char *image);

#endif
