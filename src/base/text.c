/* SPDX-License-Identifier: ISC */
/*
 * Copies, escapes, splits and parses strings, where libc has no safe function.
 */
#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const char digits[] = "0123456789abcdef";

bool
text_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);

	dst[0] = '\0';
	if (len >= size)
		return false;
	memcpy(dst, src, len + 1);
	return true;
}

/*
 * Write the byte c so that it is printable.  Returns how many characters that
 * takes.
 */
static size_t
escape_byte(char out[4], unsigned char c)
{
	if (c == '\\') {
		memcpy(out, "\\\\", 2);
		return 2;
	}
	if (c >= 0x20 && c < 0x7f) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[c >> 4];
	out[3] = digits[c & 15];
	return 4;
}

char *
text_escape(char *dst, size_t size, const void *src, size_t len)
{
	const unsigned char *in = src;
	size_t used = 0, cut = 0;
	char one[4];

	for (size_t i = 0; i < len; i++) {
		size_t n = escape_byte(one, in[i]);

		if (used + n >= size) {
			memcpy(dst + cut, "...", 4);
			return dst;
		}
		memcpy(dst + used, one, n);
		used += n;
		if (used + 4 <= size)
			cut = used;
	}
	dst[used] = '\0';
	return dst;
}

bool
text_number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

char *
text_hex(char *dst, const unsigned char *src, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		dst[2 * i] = digits[src[i] >> 4];
		dst[2 * i + 1] = digits[src[i] & 15];
	}
	dst[2 * len] = '\0';
	return dst;
}

bool
text_is_hex(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)s[i]))
			return false;
	return s[len] == '\0';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *
text_trim(char *s)
{
	size_t len;

	while (is_blank(*s))
		s++;
	len = strlen(s);
	while (len > 0 && is_blank(s[len - 1]))
		s[--len] = '\0';
	return s;
}

char *
text_word(char **rest)
{
	char *word = *rest, *end;

	while (is_blank(*word))
		word++;
	if (*word == '\0')
		return NULL;
	for (end = word; *end != '\0' && !is_blank(*end); end++)
		;
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

bool
text_each_word(const char *words,
    bool (*take)(void *ctx, const char *word, struct error *), void *ctx,
    struct error *err)
{
	char *copy = xstrdup(words), *rest = copy, *word;
	bool ok = true;

	while (ok && (word = text_word(&rest)) != NULL)
		ok = take(ctx, word, err);
	free(copy);
	return ok;
}

char *
text_time(char dst[TEXT_TIME_SIZE], time_t when)
{
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(dst, TEXT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		dst[0] = '\0';
	return dst;
}

char *
text_clock(char dst[TEXT_TIME_SIZE], time_t when)
{
	char month[8];
	struct tm tm;

	dst[0] = '\0';
	if (localtime_r(&when, &tm) == NULL ||
	    strftime(dst, TEXT_TIME_SIZE, "%H:%M on %a", &tm) == 0 ||
	    strftime(month, sizeof(month), "%b", &tm) == 0)
		return dst;
	snprintf(dst + strlen(dst), TEXT_TIME_SIZE - strlen(dst), " %d %s",
	    tm.tm_mday, month);
	return dst;
}

char *
text_seconds(char *dst, size_t size, uint64_t seconds)
{
	if (seconds < 120)
		snprintf(dst, size, "%" PRIu64 " s", seconds);
	else if (seconds < 120 * 60)
		snprintf(dst, size, "%" PRIu64 " min", seconds / 60);
	else if (seconds < 48 * 3600)
		snprintf(dst, size, "%" PRIu64 " h", seconds / 3600);
	else
		snprintf(dst, size, "%" PRIu64 " d", seconds / 86400);
	return dst;
}

char *
text_duration(char *dst, size_t size, uint64_t seconds)
{
	static const struct {
		unsigned seconds;
		const char *name;
	} spans[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" },
		{ 1, "s" } };
	unsigned i = 0;
	uint64_t rest;
	int used;

	while (seconds < 2 * 60 ? i < 3 : seconds < spans[i].seconds)
		i++;
	used = snprintf(dst, size, "%" PRIu64 " %s", seconds / spans[i].seconds,
	    spans[i].name);
	rest = i < 3 ? seconds % spans[i].seconds / spans[i + 1].seconds : 0;
	if (rest > 0 && used > 0 && (size_t)used < size)
		snprintf(dst + used, size - (size_t)used, " %" PRIu64 " %s",
		    rest, spans[i + 1].name);
	return dst;
}

/* clang-format off */
static const struct {
	const char *names; /* as systemd.time(7) has them */
	unsigned seconds;
} units[] = {
	{ " s sec second seconds ",	1 },
	{ " m min minute minutes ",	60 },
	{ " h hr hour hours ",		60 * 60 },
	{ " d day days ",		24 * 60 * 60 },
};
/* clang-format on */

static uint64_t
find_unit(const char *name, size_t len)
{
	char padded[16];

	if (len == 0)
		return 1;
	snprintf(padded, sizeof(padded), " %.*s ", (int)len, name);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (len < 8 && strstr(units[i].names, padded) != NULL)
			return units[i].seconds;
	return 0;
}

bool
text_read_seconds(const char *s, uint64_t *total)
{
	for (*total = 0; *s != '\0'; s += strspn(s, " \t")) {
		size_t len = strspn(s, "0123456789"), letters;
		char number[12];
		uint64_t n, unit;

		if (len >= sizeof(number))
			return false;
		memcpy(number, s, len);
		number[len] = '\0';
		s += len;
		s += strspn(s, " \t");
		letters = strcspn(s, " \t0123456789");
		unit = find_unit(s, letters);
		if (unit == 0 || !text_number(number, 0, UINT32_MAX, &n))
			return false;
		s += letters;
		*total += n * unit;
		if (*total > UINT32_MAX)
			return false;
	}
	return true;
}
