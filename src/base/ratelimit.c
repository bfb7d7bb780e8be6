/* SPDX-License-Identifier: ISC */
/* Limits how often strangers can cause something, such as a log line. */
#include "config.h"

#include "base/ratelimit.h"

bool
ratelimit_take(struct ratelimit *ratelimit, unsigned max, uint64_t now_ms)
{
	if (now_ms - ratelimit->since_ms >= RATELIMIT_MS) {
		ratelimit->since_ms = now_ms;
		ratelimit->used = 0;
	}
	if (ratelimit->used < max) {
		ratelimit->used++;
		return true;
	}
	if (ratelimit->missed < UINT32_MAX)
		ratelimit->missed++;
	return false;
}

unsigned
ratelimit_tell(struct ratelimit *ratelimit, uint64_t now_ms)
{
	unsigned missed = ratelimit->missed;

	if (missed == 0 || now_ms < ratelimit->quiet_ms)
		return 0;
	ratelimit->quiet_ms = now_ms + RATELIMIT_MS;
	ratelimit->missed = 0;
	return missed;
}
