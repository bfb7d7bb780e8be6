/* SPDX-License-Identifier: ISC */
/* The headers Range, If-Range and the other preconditions. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/http/conditional.h"
#include "core/http/httpdate.h"
#include "core/http/range.h"

#include "unit/range_table.h"
#include "unit/test.h"

/* "0+5 7+2", "none" or "bad": what a set looks like in the table. */
static char *
describe(enum range_result result, const struct range_set *set, char *dst,
    size_t size)
{
	size_t n = 0;

	if (result != RANGE_PARTS) {
		assert_int_equal(set->count, 0);
		snprintf(dst, size, "%s", result == RANGE_NONE ? "200" : "416");
		return dst;
	}
	for (size_t i = 0; i < set->count; i++)
		n += (size_t)snprintf(dst + n, size - n, "%s%ju+%ju",
		    i > 0 ? " " : "", (uintmax_t)set->part[i].first,
		    (uintmax_t)set->part[i].len);
	return dst;
}

TEST(each_header_of_the_table_gives_its_parts)
{
	char got[512];
	struct range_set set;

	for (size_t i = 0; i < COUNT(ranges); i++) {
		describe(range_parse(ranges[i].header, RANGE_TABLE_SIZE, &set),
		    &set, got, sizeof(got));
		if (strcmp(got, ranges[i].want) != 0)
			fail_msg("%s: %s, not %s", ranges[i].header, got,
			    ranges[i].want);
	}
}

TEST(no_header_is_no_range)
{
	struct range_set set;

	assert_int_equal(range_parse(NULL, 1000, &set), RANGE_NONE);
}

TEST(of_an_empty_file_only_a_suffix_is_whole)
{
	struct range_set set;

	assert_int_equal(range_parse("bytes=0-", 0, &set), RANGE_UNSATISFIABLE);
	assert_int_equal(range_parse("bytes=-1", 0, &set), RANGE_NONE);
	assert_int_equal(range_parse("bytes=-0", 0, &set), RANGE_UNSATISFIABLE);
}

TEST(a_file_as_long_as_can_be_does_not_overflow)
{
	struct range_set set;

	assert_int_equal(
	    range_parse("bytes=0-99999999999999999999,-5", UINT64_MAX, &set),
	    RANGE_NONE);
	assert_int_equal(
	    range_parse("bytes=18446744073709551614-", UINT64_MAX, &set),
	    RANGE_PARTS);
	assert_int_equal(set.part[0].len, 1);
	assert_int_equal(
	    range_parse("bytes=18446744073709551615-", UINT64_MAX, &set),
	    RANGE_UNSATISFIABLE);
}

TEST(more_parts_than_the_limit_are_the_whole_file)
{
	char header[200] = "bytes=";
	struct range_set set;

	for (size_t i = 0; i < RANGE_MAX_PARTS; i++)
		strcat(header, "1-1,");
	assert_int_equal(range_parse(header, 1000, &set), RANGE_PARTS);
	assert_int_equal(set.count, RANGE_MAX_PARTS);
	strcat(header, "1-1");
	assert_int_equal(range_parse(header, 1000, &set), RANGE_NONE);
}

#define ETAG   "\"abc,def\""
#define DATE   "Sun, 06 Nov 1994 08:49:37 GMT" /* of the file */
#define LATER  "Sun, 06 Nov 1994 08:49:38 GMT"
#define SOONER "Sun, 06 Nov 1994 08:49:36 GMT"
#define PART   .range = "bytes=0-1"

/* clang-format off */
static const struct {
	struct conditional_headers h;
	int get, head;
} conditions[] = {
	{ { 0 },							200, 200 },
	{ { PART },							206, 200 },
	{ { .range = "bytes=5000-" },					416, 200 },
	{ { .if_match = ETAG },						200, 200 },
	{ { .if_match = "*" },						200, 200 },
	{ { .if_match = "\"x\" , " ETAG },				200, 200 },
	{ { .if_match = "\"x\"" },					412, 412 },
	{ { .if_match = "W/" ETAG },					412, 412 },
	{ { .if_match = "abc" },					412, 412 },
	{ { .if_match = "*x" },						412, 412 },
	{ { .if_match = "\"x\"", PART },				412, 412 },
	{ { .if_match = " * " },					200, 200 },
	{ { .if_match = "* *" },					412, 412 },
	{ { .if_match = "\"\", " ETAG },				200, 200 },
	{ { .if_match = "\"x\"abc,def\"y\"" },			412, 412 },
	{ { .if_none_match = "Wx" ETAG },				200, 200 },
	{ { .range = "lines=0-1" },					200, 200 },
	/* If-Match, where there is one, counts alone: 13.2.2 step 2. */
	{ { .if_match = ETAG, .if_unmodified_since = SOONER },		200, 200 },
	{ { .if_unmodified_since = SOONER },				412, 412 },
	{ { .if_unmodified_since = DATE },				200, 200 },
	{ { .if_unmodified_since = "yesterday" },			200, 200 },
	{ { .if_none_match = ETAG },					304, 304 },
	{ { .if_none_match = "W/" ETAG },				304, 304 },
	{ { .if_none_match = "*" },					304, 304 },
	{ { .if_none_match = "\"x\", W/\"y\"," ETAG },			304, 304 },
	{ { .if_none_match = "\"x\"" },					200, 200 },
	{ { .if_none_match = "\"abc" },					200, 200 },
	{ { .if_none_match = ETAG, PART },				304, 304 },
	{ { .if_none_match = "\"x\"", .if_modified_since = DATE },	200, 200 },
	{ { .if_modified_since = DATE },				304, 304 },
	{ { .if_modified_since = LATER },				304, 304 },
	{ { .if_modified_since = SOONER },				200, 200 },
	{ { .if_modified_since = "" },					200, 200 },
	{ { .if_match = ETAG, .if_none_match = ETAG },			304, 304 },
	{ { .if_match = "\"x\"", .if_none_match = ETAG },		412, 412 },
	{ { .if_range = ETAG, PART },					206, 200 },
	{ { .if_range = "\"x\"", PART },				200, 200 },
	{ { .if_range = "W/" ETAG, PART },				200, 200 },
	{ { .if_range = DATE, PART },					206, 200 },
	{ { .if_range = "Sunday, 06-Nov-94 08:49:37 GMT", PART },	206, 200 },
	{ { .if_range = "Sun Nov  6 08:49:37 1994", PART },		206, 200 },
	{ { .if_range = LATER, PART },					200, 200 },
	{ { .if_range = SOONER, PART },					200, 200 },
	{ { .if_range = "junk", PART },					200, 200 },
	{ { .if_range = ETAG },						200, 200 },
	{ { .if_range = "\"x\"", .range = "bytes=5000-" },		200, 200 },
	{ { .if_range = ETAG, .range = "bytes=5000-" },			416, 200 },
};
/* clang-format on */

TEST(preconditions_count_in_the_order_of_rfc_9110)
{
	struct conditional_file file = { 1000, ETAG, 784111777 };
	struct range_set set;

	for (size_t i = 0; i < COUNT(conditions); i++) {
		int get =
		    conditional_status(&file, &conditions[i].h, true, &set);
		int head =
		    conditional_status(&file, &conditions[i].h, false, &set);

		if (get != conditions[i].get || head != conditions[i].head)
			fail_msg("row %zu: GET %d, HEAD %d", i, get, head);
	}
}

TEST(without_a_date_of_its_own_a_file_ignores_dates)
{
	struct conditional_file file = { 1000, ETAG, 0 };
	struct conditional_headers since = { .if_modified_since = LATER,
		.if_unmodified_since = SOONER };
	struct conditional_headers range = { .if_range = DATE, PART };
	struct range_set set;

	assert_int_equal(conditional_status(&file, &since, true, &set), 200);
	assert_int_equal(conditional_status(&file, &range, true, &set), 200);
}

/* One of them begins as a weak tag does. */
TEST(a_date_of_any_day_of_the_week_is_compared)
{
	struct range_set set;

	for (time_t day = 0; day < 7; day++) {
		struct conditional_file file = { 1000, ETAG,
			784111777 + day * 24 * 3600 };
		struct conditional_headers h = { PART };
		char date[HTTPDATE_SIZE];

		h.if_range = httpdate_format(date, file.modified);
		assert_int_equal(
		    conditional_status(&file, &h, true, &set), 206);
		file.modified++;
		assert_int_equal(
		    conditional_status(&file, &h, true, &set), 200);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
