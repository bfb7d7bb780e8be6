/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <limits.h>
#include <string.h>
#include <time.h>

#include "reflashctl/duration.h"
#include "base/text.h"

static const struct {
	char unit;
	unsigned seconds;
} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

bool
duration_parse(const char *text, unsigned *seconds)
{
	char number[16];
	unsigned unit = 1;
	uint64_t value;
	size_t len;

	if (!text_copy(number, sizeof(number), text))
		return false;
	len = strlen(number);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (len > 0 && number[len - 1] == units[i].unit) {
			unit = units[i].seconds;
			number[--len] = '\0';
			break;
		}
	if (!text_number(number, 0, DURATION_MAX_SEC / unit, &value))
		return false;
	*seconds = (unsigned)value * unit;
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
