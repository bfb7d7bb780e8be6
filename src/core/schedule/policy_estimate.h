/* SPDX-License-Identifier: ISC */
/*
 * policy_estimate -- about how long a policy still takes.
 *
 * The estimate counts the devices that go on by themselves once a person has
 * approved or resumed what waits for that.  Devices that are absent, cancelled
 * or out of reach are left out: nobody knows when they come.  Devices of other
 * policies, which may take the same slots, are not looked at.
 */
#ifndef REFLASHD_POLICY_ESTIMATE_H
#define REFLASHD_POLICY_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/policy/policy.h"
#include "core/schedule/policy_progress.h"

/* The estimate needs this besides the policy and its progress. */
struct policy_estimate_world {
	unsigned max_parallel; /* of the configuration */
	uint64_t image_size;   /* bytes; 0: not known */
	bool is_esphome;       /* it comes back by itself, and soon */
	const struct policy_progress *all; /* of all policies together */
	time_t now;			   /* on the wall */
	int64_t now_s;			   /* steady_s() of device_ops */
};

struct policy_estimate {
	unsigned devices;  /* still to be flashed; 0: all else is 0, too */
	unsigned left_out; /* absent, cancelled, out of reach */
	unsigned parallel; /* so many at a time */
	unsigned each_s;   /* for one device */
	bool is_measured;  /* devices took so long before; else it is assumed */
	uint64_t seconds;  /* from now until the last has its image */
	time_t not_before; /* no device begins sooner; 0: they may begin now */
};

void policy_estimate_make(struct policy_estimate *out, const struct policy *,
    const struct policy_progress *, const struct policy_estimate_world *);

#endif
