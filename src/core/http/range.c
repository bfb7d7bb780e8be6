/* SPDX-License-Identifier: ISC */
/* Reads the Range header of a request for a file (RFC 9110 section 14). */
#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/http/range.h"

/* An element of a range set: "first-last", "first-" or "-suffix". */
struct spec {
	bool has_first;
	bool has_last; /* of a suffix: its length */
	uint64_t first;
	uint64_t last;
};

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/*
 * Read digits into *out.  A number that does not fit counts as the largest one:
 * no file is that long.  Returns false, and leaves *p, if there is no digit.
 */
static bool
read_number(const char **p, uint64_t *out)
{
	const char *start = *p;

	for (*out = 0; **p >= '0' && **p <= '9'; (*p)++) {
		unsigned digit = (unsigned)(**p - '0');

		if (*out > (UINT64_MAX - digit) / 10)
			*out = UINT64_MAX;
		else
			*out = *out * 10 + digit;
	}
	return *p != start;
}

/* Read one element.  It has no room for a blank: RFC 9110 14.1.1. */
static bool
read_spec(const char **p, struct spec *spec)
{
	spec->has_first = read_number(p, &spec->first);
	if (*(*p)++ != '-')
		return false;
	spec->has_last = read_number(p, &spec->last);
	if (!spec->has_first && !spec->has_last)
		return false;
	if (spec->has_first && spec->has_last && spec->last < spec->first)
		return false;
	*p = skip_blanks(*p);
	return **p == ',' || **p == '\0';
}

/* Return the part of it that lies in the file; len is 0 if none does. */
static struct range
clip(const struct spec *spec, uint64_t size)
{
	struct range none = { 0, 0 };
	uint64_t last;

	if (!spec->has_first) {
		uint64_t len = spec->last < size ? spec->last : size;

		return (struct range){ size - len, len };
	}
	if (spec->first >= size)
		return none;
	last = spec->has_last && spec->last < size ? spec->last : size - 1;
	return (struct range){ spec->first, last - spec->first + 1 };
}

/* Skip empty elements of a list (RFC 9110 5.6.1.2). */
static const char *
next_element(const char *p)
{
	return p + strspn(p, " \t,");
}

/*
 * Return true for a non-empty suffix of an empty file.  RFC 9110 14.1.2 calls
 * that satisfiable, but no 206 can say so: the whole empty file is sent.
 */
static bool
is_all_of_nothing(const struct spec *spec, uint64_t size)
{
	return size == 0 && !spec->has_first && spec->last > 0;
}

/* Read the elements after "bytes=".  Returns false if one is malformed. */
static bool
read_set(const char *p, uint64_t size, struct range_set *set, bool *whole)
{
	uint64_t total = 0;
	struct spec spec;
	bool any = false;

	*whole = false;
	for (p = next_element(p); *p != '\0'; p = next_element(p)) {
		struct range part;

		if (!read_spec(&p, &spec))
			return false;
		any = true;
		part = clip(&spec, size);
		if (is_all_of_nothing(&spec, size))
			*whole = true;
		if (part.len == 0 || *whole)
			continue;
		/* More bytes than the file has: the ranges overlap. */
		if (set->count == RANGE_MAX_PARTS || part.len > size - total) {
			*whole = true;
			continue;
		}
		total += part.len;
		set->part[set->count++] = part;
	}
	return any;
}

enum range_result
range_parse(const char *value, uint64_t size, struct range_set *set)
{
	static const char unit[] = "bytes=";
	bool whole;

	set->count = 0;
	if (value == NULL || strncasecmp(value, unit, strlen(unit)) != 0)
		return RANGE_NONE;
	if (!read_set(value + strlen(unit), size, set, &whole)) {
		set->count = 0;
		return RANGE_UNSATISFIABLE;
	}
	if (whole) {
		set->count = 0;
		return RANGE_NONE;
	}
	return set->count > 0 ? RANGE_PARTS : RANGE_UNSATISFIABLE;
}
