/* SPDX-License-Identifier: ISC */
/* Decides the status of a reply by its preconditions (RFC 9110, 13). */
#include "config.h"

#include <string.h>

#include "core/http/conditional.h"
#include "core/http/httpdate.h"

/*
 * Return true if etag is in the list.  A weak one in the list is equal only
 * where weak comparison is asked for (RFC 9110 8.8.3.2); our own etag is always
 * strong.
 */
static bool
list_has(const char *list, const char *etag, bool weakly)
{
	size_t len = strlen(etag);

	for (const char *p = list + strspn(list, " \t,"); *p != '\0';
	    p += strspn(p, " \t,")) {
		bool weak = strncmp(p, "W/", 2) == 0;
		const char *end;

		if (weak)
			p += 2;
		/* There may be a comma between the quotes. */
		if (*p != '"' || (end = strchr(p + 1, '"')) == NULL)
			return false;
		if ((weakly || !weak) && (size_t)(end + 1 - p) == len &&
		    memcmp(p, etag, len) == 0)
			return true;
		p = end + 1;
	}
	return false;
}

static bool
is_star(const char *value)
{
	value += strspn(value, " \t");
	return *value == '*' && value[1 + strspn(value + 1, " \t")] == '\0';
}

/*
 * Read the date of a precondition.  Returns false also if the header does not
 * count: the date is bad, or the file has no date.
 */
static bool
read_condition_date(
    const struct conditional_file *file, const char *value, time_t *when)
{
	return value != NULL && file->modified != 0 &&
	    httpdate_parse(value, when);
}

/* Return true if If-Range names this version of the file (RFC 9110 13.1.5). */
static bool
if_range_holds(const struct conditional_file *file, const char *value)
{
	time_t when;

	if (value == NULL)
		return true;
	/* A quoted tag is no date, and "Wed, ..." is no weak tag. */
	return strcmp(value, file->etag) == 0 ||
	    (read_condition_date(file, value, &when) && when == file->modified);
}

/* Return the status by RFC 9110 13.2.2, steps 1 to 4; 0: go on. */
static int
check_preconditions(
    const struct conditional_file *file, const struct conditional_headers *h)
{
	time_t when;

	if (h->if_match != NULL) {
		if (!is_star(h->if_match) &&
		    !list_has(h->if_match, file->etag, false))
			return 412;
	} else if (read_condition_date(file, h->if_unmodified_since, &when) &&
	    file->modified > when)
		return 412;

	if (h->if_none_match != NULL) {
		if (is_star(h->if_none_match) ||
		    list_has(h->if_none_match, file->etag, true))
			return 304;
	} else if (read_condition_date(file, h->if_modified_since, &when) &&
	    file->modified <= when)
		return 304;
	return 0;
}

int
conditional_status(const struct conditional_file *file,
    const struct conditional_headers *h, bool is_get, struct range_set *set)
{
	int status = check_preconditions(file, h);
	enum range_result result;

	set->count = 0;
	if (status != 0)
		return status;
	if (!is_get || h->range == NULL || !if_range_holds(file, h->if_range))
		return 200;
	result = range_parse(h->range, file->size, set);
	if (result == RANGE_PARTS)
		return 206;
	return result == RANGE_UNSATISFIABLE ? 416 : 200;
}
