/* SPDX-License-Identifier: ISC */
/* Reads the characters of UTF-8 text, and tells those that can be seen. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

/* Return how many bytes a character has that begins with this one; 0: none. */
static size_t
length_by(unsigned char first)
{
	if (first < 0x80)
		return first != '\0';
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/*
 * Return false for a character that is written with more bytes than it needs,
 * that is half of a pair of UTF-16, or that lies beyond Unicode.
 */
static bool
is_well_formed(uint32_t c, size_t len)
{
	return (len < 3 || c >= 0x800) && (len < 4 || c >= 0x10000) &&
	    !(c >= 0xd800 && c <= 0xdfff) && c <= 0x10ffff;
}

size_t
utf8_char(const char *s, uint32_t *out)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = length_by(u[0]);
	uint32_t c = u[0];

	if (len > 1)
		c &= 0x3fu >> (len - 1);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	*out = c;
	return is_well_formed(c, len) ? len : 0;
}

bool
utf8_is_visible(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0xad &&
	    c != 0x061c && !(c >= 0x200b && c <= 0x200f) &&
	    !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2060 && c <= 0x206f) &&
	    c != 0xfeff && !(c >= 0xfff9 && c <= 0xfffb) &&
	    !(c >= 0xe0000 && c <= 0xe007f) && (c & 0xfffe) != 0xfffe;
}

bool
utf8_check(const char *what, const char *text, size_t max, struct error *err)
{
	uint32_t c = 0;

	for (size_t len, count = 0; *text != '\0'; text += len) {
		len = utf8_char(text, &c);
		if (len == 0)
			return error_set(
			    err, EINVAL, "%s is not UTF-8 text", what);
		if (!utf8_is_visible(c))
			return error_set(err, EINVAL,
			    "%s has a character that cannot be seen (U+%04X)",
			    what, (unsigned)c);
		if (++count > max)
			return error_set(err, EINVAL,
			    "%s is longer than %zu characters", what, max);
	}
	return true;
}
