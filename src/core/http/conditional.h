/* SPDX-License-Identifier: ISC */
/*
 * conditional -- which status a request for a file gets: the preconditions of
 * RFC 9110 section 13, in the order of 13.2.2, and its Range.
 */
#ifndef REFLASHD_CONDITIONAL_H
#define REFLASHD_CONDITIONAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/http/range.h"

struct conditional_file {
	uint64_t size;
	const char *etag; /* strong, with its quotes; borrowed */
	time_t modified;  /* 0: not known, conditions on it do not count */
};

/* Values as they came; NULL where the request has none.  All are borrowed. */
struct conditional_headers {
	const char *range;
	const char *if_range;
	const char *if_match;
	const char *if_none_match;
	const char *if_modified_since;
	const char *if_unmodified_since;
};

/*
 * Return 200, 206 (the set says which bytes), 304, 412 or 416.  Range and
 * If-Range count for GET only (14.2), so a HEAD never gets 206 or 416.
 */
int conditional_status(const struct conditional_file *,
    const struct conditional_headers *, bool is_get, struct range_set *);

#endif
