/* SPDX-License-Identifier: ISC */
/*
 * policy_progress -- how far a policy has come: how many of its devices are
 * done, at work, failed or waiting, and for what.
 *
 * The devices of a policy are those that show its name: the policy decides
 * about them now, or has flashed them.
 */
#ifndef REFLASHD_POLICY_PROGRESS_H
#define REFLASHD_POLICY_PROGRESS_H

#include <stdint.h>

#include "core/device/device.h"
#include "core/state/reason.h"
#include "core/state/state.h"

/* Numbers of devices.  Initialize with = {0}. */
struct policy_progress {
	unsigned devices; /* the sum of the next six */
	unsigned done;	  /* flashed or verified */
	unsigned at_work, failed, waiting, refused;
	unsigned idle; /* only observed, or ignored */

	unsigned joining; /* of those done: not back on the LAN yet */
	unsigned held[HOLD_COUNT], refused_for[REASON_COUNT],
	    failed_for[REASON_COUNT];

	unsigned timed;	     /* of those done: it is known how long it took */
	uint64_t timed_s;    /* in all, in seconds */
	int64_t last_done_s; /* the last of them, by steady_s() of device_ops */
};

/* Count a device, which is one of the policy. */
void policy_progress_add(struct policy_progress *, const struct device *);

#endif
