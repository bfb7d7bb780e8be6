/* SPDX-License-Identifier: ISC */
/* Counts the devices of a policy by what has become of them. */
#include "config.h"

#include "core/schedule/policy_progress.h"

static void
add_done(struct policy_progress *progress, const struct device *device)
{
	if (progress->done++ == 0 || device->since_s > progress->last_done_s)
		progress->last_done_s = device->since_s;
	if (device->state == STATE_FLASHED)
		progress->joining++;
	if (device->attempt.took_s == 0)
		return;
	progress->timed++;
	progress->timed_s += device->attempt.took_s;
}

void
policy_progress_add(
    struct policy_progress *progress, const struct device *device)
{
	progress->devices++;
	if (state_is_success(device->state)) {
		add_done(progress, device);
	} else if (state_is_at_work(device->state)) {
		progress->at_work++;
	} else if (device->state == STATE_FAILED) {
		progress->failed++;
		progress->failed_for[device->reason]++;
	} else if (device->state == STATE_HELD) {
		progress->waiting++;
		progress->held[device->hold]++;
	} else if (device->state == STATE_REFUSED) {
		progress->refused++;
		progress->refused_for[device->reason]++;
	} else {
		progress->idle++;
	}
}
