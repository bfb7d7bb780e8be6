/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <limits.h>
#include <string.h>
#include <time.h>

#include "reflashctl/duration.h"
#include "base/text.h"

bool
duration_parse(const char *text, unsigned *seconds)
{
	uint64_t value;

	if (*text == '\0' || !text_read_seconds(text, &value) ||
	    value > DURATION_MAX_SEC)
		return false;
	*seconds = (unsigned)value;
	return true;
}

uint64_t
duration_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int
duration_left_ms(uint64_t then_ms)
{
	uint64_t now = duration_now_ms();

	if (now >= then_ms)
		return 0;
	return then_ms - now < INT_MAX ? (int)(then_ms - now) : INT_MAX;
}
