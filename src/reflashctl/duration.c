/* SPDX-License-Identifier: ISC */
/* Parses lengths of time and times in the past, and says what is left. */
#include "config.h"

#include <limits.h>

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

/* Read a whole text as a time of this form. */
static bool
read_time(const char *text, const char *form, struct tm *tm)
{
	const char *end;

	*tm = (struct tm){ .tm_isdst = -1 };
	end = strptime(text, form, tm);
	return end != NULL && *end == '\0';
}

bool
duration_since(const char *text, time_t now, time_t *since)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%d %H:%M", "%Y-%m-%d" };
	uint64_t ago;
	struct tm tm;
	int day;

	if (*text != '\0' && text_read_seconds(text, &ago)) {
		*since = ago < (uint64_t)now ? now - (time_t)ago : 0;
		return true;
	}
	if (read_time(text, "%Y-%m-%dT%H:%M:%SZ", &tm)) {
		*since = timegm(&tm);
		return true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!read_time(text, forms[i], &tm))
			continue;
		day = tm.tm_mday;
		*since = mktime(&tm);
		return tm.tm_mday == day; /* there is no 31 February */
	}
	return false;
}

int
duration_left_ms(uint64_t then_ms)
{
	uint64_t now = clock_awake_ms();

	if (now >= then_ms)
		return 0;
	return then_ms - now < INT_MAX ? (int)(then_ms - now) : INT_MAX;
}
