/* SPDX-License-Identifier: ISC */
/*
 * range -- the Range header of RFC 9110 section 14, as byte ranges of a file.
 *
 * Each resulting part lies inside the file and is not empty, for any header.
 */
#ifndef REFLASHD_RANGE_H
#define REFLASHD_RANGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A request for more parts than this gets the whole file instead: RFC 9110 14.2
 * allows that, and no honest client needs more.
 */
#define RANGE_MAX_PARTS 16

struct range {
	uint64_t first;
	uint64_t len;
};

struct range_set {
	struct range part[RANGE_MAX_PARTS]; /* in the order asked for */
	size_t count;
};

enum range_result {
	RANGE_NONE,	     /* nothing to obey: send the whole file */
	RANGE_PARTS,	     /* at least one part in the set */
	RANGE_UNSATISFIABLE, /* no part lies in the file, or bad syntax */
};

/*
 * Parse the value of the header, or NULL for none.  A unit other than bytes is
 * ignored (14.2: must be).  Nonsense after "bytes=" is refused, as nginx does:
 * a device that asked for a part has no use for the whole.
 */
enum range_result
range_parse(const char *value, uint64_t size, struct range_set *);

#endif
