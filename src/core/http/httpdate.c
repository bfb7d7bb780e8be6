/* SPDX-License-Identifier: ISC */
/* Writes and reads the dates of HTTP. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/http/httpdate.h"

/* strftime(3) cannot be used: its names follow the locale. */
static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

char *
httpdate_format(char dst[HTTPDATE_SIZE], time_t when)
{
	struct tm tm;
	long long year;
	int n;

	dst[0] = '\0';
	if (gmtime_r(&when, &tm) == NULL)
		return dst;
	year = tm.tm_year + 1900LL;
	if (year < 1)
		return dst;
	n = snprintf(dst, HTTPDATE_SIZE,
	    "%.3s, %02d %.3s %04lld %02d:%02d:%02d GMT", &days[tm.tm_wday * 3],
	    tm.tm_mday, &months[tm.tm_mon * 3], year, tm.tm_hour, tm.tm_min,
	    tm.tm_sec);
	if (n != HTTPDATE_SIZE - 1) /* a year of five digits */
		dst[0] = '\0';
	return dst;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Return true if s matches the pattern up to its end.  In a pattern 9 is a
 * digit, _ a digit or a blank, a a letter; anything else is itself.
 */
static bool
looks_like(const char *s, const char *pattern)
{
	for (; *pattern != '\0'; s++, pattern++) {
		bool letter =
		    (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');

		if (*pattern == '9'	  ? !is_digit(*s)
			: *pattern == '_' ? !is_digit(*s) && *s != ' '
			: *pattern == 'a' ? !letter
					  : *s != *pattern)
			return false;
	}
	return *s == '\0';
}

static int
two(const char *s)
{
	return (s[0] == ' ' ? 0 : s[0] - '0') * 10 + s[1] - '0';
}

static bool
read_month(const char *s, int *month)
{
	for (int i = 0; i < 12; i++) {
		if (strncmp(s, &months[i * 3], 3) == 0) {
			*month = i;
			return true;
		}
	}
	return false;
}

/* Make a time from its fields; refuse one that does not exist. */
static bool
compose(int year, const char *month, const char *day, const char *clock,
    time_t *out)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mday = two(day),
		.tm_hour = two(clock),
		.tm_min = two(clock + 3),
		.tm_sec = two(clock + 6) };
	struct tm check;

	if (!read_month(month, &tm.tm_mon) || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	check = tm;
	check.tm_sec = 0; /* a leap second may be asked for */
	errno = 0;
	*out = timegm(&check);
	if (*out == -1 && errno == EOVERFLOW)
		return false; /* after 2038, where time_t has 32 bits */
	*out += tm.tm_sec;
	return check.tm_mday == tm.tm_mday;
}

bool
httpdate_parse(const char *s, time_t *out)
{
	const char *comma = strchr(s, ',');

	if (looks_like(s, "aaa, 99 aaa 9999 99:99:99 GMT"))
		return compose(
		    two(s + 12) * 100 + two(s + 14), s + 8, s + 5, s + 17, out);
	if (looks_like(s, "aaa aaa _9 99:99:99 9999"))
		return compose(
		    two(s + 20) * 100 + two(s + 22), s + 4, s + 8, s + 11, out);
	if (comma != NULL && comma - s >= 6 && comma - s <= 9 &&
	    looks_like(comma, ", 99-aaa-99 99:99:99 GMT")) {
		int year = two(comma + 9);

		return compose(year + (year < 70 ? 2000 : 1900), comma + 5,
		    comma + 2, comma + 12, out);
	}
	return false;
}
