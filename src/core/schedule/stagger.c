/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "core/schedule/stagger.h"

unsigned
stagger_wait(const struct stagger *stagger, uint64_t now_ms)
{
	uint64_t passed = now_ms - stagger->since_ms;

	if (stagger->count < STAGGER_AT_ONCE || passed >= STAGGER_MS)
		return 0;
	return (unsigned)(STAGGER_MS - passed);
}

void
stagger_count(struct stagger *stagger, uint64_t now_ms)
{
	if (now_ms - stagger->since_ms >= STAGGER_MS)
		*stagger = (struct stagger){ .since_ms = now_ms };
	stagger->count++;
}
