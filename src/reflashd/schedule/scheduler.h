/* SPDX-License-Identifier: ISC */
/*
 * scheduler -- who is there, and what is to be done with them.
 *
 * With each new fact about a device, from an announcement or an answer, it is
 * decided about again.
 */
#ifndef REFLASHD_SCHEDULER_H
#define REFLASHD_SCHEDULER_H

#include "core/schedule/decide.h"
#include "core/schedule/forecast.h"
#include "reflashd/daemon.h"

struct image;

/* Decide about one device, or about all, now. */
void scheduler_consider(struct daemon *, struct device *);
void scheduler_consider_all(struct daemon *);

/* Decide about all in the next turn of the loop: slots have become free. */
void scheduler_consider_soon(struct daemon *);

/* fits: a policy is for what is known of it, or may be. */
enum device_rank
scheduler_rank(const struct daemon *, const char *id, bool fits);

/* What would be decided; the image in it is borrowed until the next call. */
void
scheduler_decide(struct daemon *, const struct device *, struct decision *);

/* What would become of all devices now. */
void scheduler_forecast(struct daemon *, struct forecast *);

/*
 * What is decided about a device whose job has not told it anything yet, with
 * the image that the job has: see decide_job().  Of the image nothing is told.
 */
bool scheduler_decide_job(
    struct daemon *, const struct device *, struct image *, struct decision *);

/* Ask configured devices, and those that are not known to be there. */
void scheduler_requery(struct daemon *);

#endif
