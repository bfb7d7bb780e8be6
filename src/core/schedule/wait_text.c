/* SPDX-License-Identifier: ISC */
/*
 * Writes the facts of a wait into the detail of a device, for the log,
 * reflashctl and its JSON.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/schedule/wait_text.h"

/* Return the time on the wall that belongs to a time in monotonic ms. */
static time_t
wall_at(const struct device *device, uint64_t ms)
{
	const struct device_ops *ops = device->ops;

	return ops->wall_clock(device->ctx) +
	    (time_t)((int64_t)(ms / 1000) - ops->steady_s(device->ctx));
}

char *
wait_text_sentence(enum hold hold, const char *detail)
{
	bool has_facts = hold != HOLD_NONE && detail[0] != '\0';

	return xasprintf("%s%s%s", hold_meaning(hold), has_facts ? ": " : "",
	    has_facts ? detail : "");
}

void
wait_text_approval(const struct device *device, char *dst, size_t size)
{
	snprintf(dst, size, "reflashctl approve %s", device->id);
}

void
wait_text_window(
    const struct policy *policy, time_t now, char *dst, size_t size)
{
	char when[TEXT_TIME_SIZE];

	snprintf(dst, size, "starts at %s",
	    text_clock(when, policy_window_next(policy, now)));
}

void
wait_text_absent(const struct device *device, char *dst, size_t size)
{
	char when[TEXT_TIME_SIZE] = "reflashd was started", tried[340] = "";

	if (device->seen.last_ms > 0)
		text_clock(when, wall_at(device, device->seen.last_ms));
	if (device->kept.reason != REASON_NONE)
		snprintf(tried, sizeof(tried), "; in attempt %u: %.300s",
		    device->kept.attempt, device->kept.detail);
	snprintf(dst, size, "not seen since %s%s", when, tried);
}

void
wait_text_backoff(const struct device *device, char *dst, size_t size)
{
	int64_t now_s = device->ops->steady_s(device->ctx);
	uint64_t until_ms = device_waits_until(device);
	time_t when = wall_at(device, until_ms);
	size_t used = strlen(dst);
	char clock[16];
	struct tm tm;

	if ((int64_t)(until_ms / 1000) <= now_s ||
	    localtime_r(&when, &tm) == NULL ||
	    strftime(clock, sizeof(clock), "%H:%M:%S", &tm) == 0)
		return;
	snprintf(dst + used, size - used, "%snext attempt at %s",
	    used > 0 ? "; " : "", clock);
}
