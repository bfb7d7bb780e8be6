/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/ratelimit.h"

bool
quota_take(struct quota *quota, unsigned max, uint64_t now_ms)
{
	if (now_ms - quota->since_ms >= QUOTA_MS) {
		quota->since_ms = now_ms;
		quota->used = 0;
	}
	if (quota->used < max) {
		quota->used++;
		return true;
	}
	if (quota->missed < UINT32_MAX)
		quota->missed++;
	return false;
}

unsigned
quota_tell(struct quota *quota, uint64_t now_ms)
{
	unsigned missed = quota->missed;

	if (missed == 0 || now_ms < quota->quiet_ms)
		return 0;
	quota->quiet_ms = now_ms + QUOTA_MS;
	quota->missed = 0;
	return missed;
}
