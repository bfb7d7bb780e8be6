/* SPDX-License-Identifier: ISC */
/*
 * scheduler_parts -- what only the files of the scheduler share.
 *
 *	scheduler.c		when it is decided: the timers, and rounds of
 *				all devices in the order of their turns
 *	scheduler_view.c	what a decision needs to know of the world: the
 *				image, the means, the moment
 *	scheduler_device.c	what follows from the decision about one device
 */
#ifndef REFLASHD_SCHEDULER_PARTS_H
#define REFLASHD_SCHEDULER_PARTS_H

#include "core/schedule/rollout.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/schedule/orders.h"
#include "reflashd/schedule/scheduler.h"

struct scheduler {
	struct scheduler_parts parts;
	struct orders *orders; /* owned */
	struct timer *due;     /* owned; what is held may go then */
	uint64_t due_ms;       /* monotonic: then; UINT64_MAX: it is not set */
	struct timer *again;   /* owned; decide about all in the next turn */
	struct timer *learned; /* owned; and about what was learned of */
	struct timer *go_on;   /* owned; then more jobs may start */
	struct rollout_starts starts;
};

/*
 * What one decision, or one round of them, has looked up, each file once.
 * Start with the first members set; end with scheduler_view_fini().
 */
struct scheduler_view {
	struct scheduler *scheduler;
	struct error *why;		/* borrowed; why there is no image */
	struct image *own;		/* borrowed; of the job, or NULL */
	struct image *image;		/* a reference, or NULL and why */
	const char *image_path;		/* borrowed from the policy */
	const struct policy *needed_by; /* whose needs these are; NULL: none */
	struct policy_files needs;
	char forbidden[240]; /* why the device may not be asked; "": it may */
};

void scheduler_view_decide(
    struct scheduler_view *, const struct device *, struct decision *);
void scheduler_view_fini(struct scheduler_view *);

/* Decide about one device, and do what follows from it. */
void scheduler_consider_by(struct scheduler_view *, struct device *);

#endif
