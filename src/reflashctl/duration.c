/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "reflashctl/duration.h"
#include "base/clock.h"
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

int
duration_left_ms(uint64_t then_ms)
{
	uint64_t now = clock_awake_ms();

	if (now >= then_ms)
		return 0;
	return then_ms - now < INT_MAX ? (int)(then_ms - now) : INT_MAX;
}
