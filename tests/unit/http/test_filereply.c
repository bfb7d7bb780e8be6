/* SPDX-License-Identifier: ISC */
/* The replies of the file server, byte for byte. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/http/filereply.h"
#include "core/http/httpdate.h"
#include "core/net/conn_limit.h"
#include "core/sonoff/devapi.h"

#include "unit/test.h"

#define MD5 "0123456789abcdef0123456789abcdef"

static struct filereply_file file = {
	.is = { .size = 504848, .etag = "\"5c1aecd2a19a49ae\"" },
	.md5 = MD5,
	.boundary = "XYZ",
};

static int
prepare(void **unused)
{
	(void)unused;
	filereply_prepare(&file);
	return 0;
}

static const char *
head_of(const struct conditional_headers *headers, bool is_get)
{
	static struct filereply reply;

	memset(&reply, 'x', sizeof(reply)); /* it is used again and again */
	filereply_make(&file, headers, is_get, &reply);
	assert_int_equal(reply.head.len, strlen(reply.head.text));
	return reply.head.text;
}

TEST(a_chunk_has_the_exact_words_the_stock_updater_looks_for)
{
	struct conditional_headers h = { .range = "bytes=4096-8191" };

	assert_string_equal(head_of(&h, true),
	    "HTTP/1.1 206 Partial Content\r\n"
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Length: 4096\r\n"
	    "Content-Range: bytes 4096-8191/504848\r\n"
	    "Accept-Ranges: bytes\r\n"
	    "ETag: \"5c1aecd2a19a49ae\"\r\n");
}

TEST(a_plain_get_is_200_with_the_md5_for_tasmota)
{
	struct conditional_headers h = { 0 };
	const char *whole = "HTTP/1.1 200 OK\r\n"
			    "Content-Type: application/octet-stream\r\n"
			    "Content-Length: 504848\r\n"
			    "Accept-Ranges: bytes\r\n"
			    "ETag: \"5c1aecd2a19a49ae\"\r\n"
			    "x-MD5: " MD5 "\r\n";

	assert_string_equal(head_of(&h, true), whole);
	assert_string_equal(head_of(&h, false), whole);
	h.range = "bytes=0-1";
	assert_string_equal(head_of(&h, false), whole);
}

TEST(a_range_beyond_the_end_names_the_size)
{
	struct conditional_headers h = { .range = "bytes=504848-" };

	assert_string_equal(head_of(&h, true),
	    "HTTP/1.1 416 Range Not Satisfiable\r\n"
	    "Content-Length: 0\r\n"
	    "Content-Range: bytes */504848\r\n");
}

TEST(a_failed_condition_has_no_body)
{
	struct conditional_headers h = { .if_match = "\"x\"" };

	assert_string_equal(head_of(&h, true),
	    "HTTP/1.1 412 Precondition Failed\r\n"
	    "Content-Length: 0\r\n");
}

TEST(a_whole_file_is_one_part_if_there_is_anything_in_it)
{
	static const uint64_t sizes[] = { 0, 1, 2, 504848 };
	struct conditional_headers h = { 0 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct filereply_file other = file;
		struct filereply reply;

		other.is.size = sizes[i];
		memset(&reply, 0xff, sizeof(reply));
		filereply_make(&other, &h, true, &reply);
		assert_int_equal(reply.parts.count, sizes[i] > 0);
		if (sizes[i] > 0) {
			assert_int_equal(reply.parts.part[0].first, 0);
			assert_int_equal(reply.parts.part[0].len, sizes[i]);
		}
		filereply_make(&other, &h, false, &reply);
		assert_int_equal(reply.parts.count, 0);
	}
}

TEST(not_modified_has_no_length_and_no_body)
{
	struct conditional_headers h = { .if_none_match = "*" };
	struct filereply reply;

	assert_string_equal(head_of(&h, true),
	    "HTTP/1.1 304 Not Modified\r\n"
	    "ETag: \"5c1aecd2a19a49ae\"\r\n");
	filereply_make(&file, &h, true, &reply);
	assert_int_equal(reply.parts.count, 0);
}

TEST(several_parts_are_as_long_as_announced)
{
	struct conditional_headers h = { .range = "bytes=0-1,-3" };
	char text[FILEREPLY_PART_SIZE];
	struct filereply reply;
	char want[200];
	size_t sum = 2 + 3;

	filereply_make(&file, &h, true, &reply);
	for (size_t i = 0; i <= reply.parts.count; i++) {
		size_t n = filereply_part(&file, &reply, i, text);

		assert_int_equal(n, strlen(text));
		sum += n;
	}
	assert_string_equal(text, "\r\n--XYZ--\r\n");
	filereply_part(&file, &reply, 1, text);
	assert_string_equal(text,
	    "\r\n--XYZ\r\nContent-Type: application/octet-stream\r\n"
	    "Content-Range: bytes 504845-504847/504848\r\n\r\n");
	snprintf(want, sizeof(want),
	    "HTTP/1.1 206 Partial Content\r\n"
	    "Content-Type: multipart/byteranges; boundary=XYZ\r\n"
	    "Content-Length: %zu\r\n",
	    sum);
	assert_memory_equal(reply.head.text, want, strlen(want));
}

TEST(the_largest_header_fits_the_devices_buffer)
{
	struct filereply_file large = file;
	struct conditional_headers h = {
		.range = "bytes=18446744073709551613-18446744073709551614"
	};
	struct filereply reply;

	large.is.size = UINT64_MAX;
	large.is.modified = 784111777;
	filereply_prepare(&large);
	filereply_make(&large, &h, true, &reply);
	assert_in_range(reply.head.len, 100, 400);
	h.range = NULL;
	filereply_make(&large, &h, true, &reply);
	assert_in_range(reply.head.len, 100, 400);
}

TEST(dates_have_three_spellings)
{
	static const char *const good[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994" };
	static const char *const bad[] = { "", "Sun", ",",
		"Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 31 Feb 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ", "784111777" };
	char text[HTTPDATE_SIZE];
	time_t when;

	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(httpdate_parse(good[i], &when));
		assert_int_equal(when, 784111777);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(httpdate_parse(bad[i], &when));
	assert_string_equal(httpdate_format(text, when = 784111777), good[0]);
	if (sizeof(time_t) > 4) /* the year 10000, which 32 bits cannot tell */
		assert_string_equal(
		    httpdate_format(text, (time_t)253402300800LL), "");
	assert_true(httpdate_parse("Sat, 31 Dec 2016 23:59:60 GMT", &when));
	assert_int_equal(when, 1483228800);
}

TEST(a_verdict_is_a_number_under_error)
{
	static const struct {
		const char *body;
		int code; /* -1: none */
	} cases[] = {
		{ "{\"error\":0}", 0 },
		{ "{\"error\":404}", 404 },
		{ " {\"error\" : 409 }\r\n", 409 },
		{ "{\"seq\":3,\"error\":410,\"data\":{}}", 410 },
		{ "", -1 },
		{ "0", -1 },
		{ "{}", -1 },
		{ "[{\"error\":0}]", -1 },
		{ "{\"error\":\"0\"}", -1 },
		{ "{\"error\":null}", -1 },
		{ "{\"error\":true}", -1 },
		{ "{\"error\":0.5}", -1 },
		{ "{\"error\":0", -1 },
		{ "{\"error\":0}{\"error\":0}", -1 },
		{ "{\"error\":409,\"error\":0}", -1 },
		{ "{\"error\":99999999999999999999}", -1 },
		{ "{\"error\":4294967296}", -1 },
	};
	struct error err;
	int code;

	for (size_t i = 0; i < COUNT(cases); i++) {
		code = -1;
		assert_int_equal(devapi_verdict_parse(cases[i].body,
				     strlen(cases[i].body), &code, &err),
		    cases[i].code != -1);
		assert_int_equal(code, cases[i].code);
	}
	assert_true(devapi_verdict_parse("{\"error\":0}", 12, &code, &err));
	assert_false(devapi_verdict_parse(NULL, 0, &code, &err));
}

TEST(what_is_no_verdict_is_told)
{
	static const struct {
		const char *body, *told;
	} cases[] = {
		{ " ", "nothing in it" },
		{ "\r\n\t", "nothing in it" },
		{ "x", "not JSON" },
		{ "{}", "no number under \"error\"" },
		{ "{\"error\":10000}", "a code that cannot be" },
		{ "{\"error\":-10000}", "a code that cannot be" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err;
		int code;

		assert_false(devapi_verdict_parse(
		    cases[i].body, strlen(cases[i].body), &code, &err));
		assert_string_equal(err.text, cases[i].told);
	}
}

static void
leave_all(struct conn_limit *adm)
{
	while (adm->visitors != NULL)
		conn_limit_leave(adm, adm->visitors);
	assert_int_equal(adm->count, 0);
	assert_null(adm->sources);
}

/* True if the visitor came in and nobody had to leave for it. */
static bool
comes_in(struct conn_limit *adm, struct visitor *v,
    struct conn_limit_reserve *reserve)
{
	struct visitor *gives_way;
	bool entered = conn_limit_enter(adm, v, reserve, 0, &gives_way);

	assert_null(gives_way);
	return entered;
}

TEST(strangers_leave_half_of_the_house_to_devices)
{
	struct conn_limit adm = { .max = 4, .max_per_address = 3 };
	struct conn_limit_reserve reserve = { 0 };
	struct visitor v[6] = { 0 };

	for (unsigned i = 0; i < 6; i++)
		v[i].from.s_addr = i + 1;
	assert_true(comes_in(&adm, &v[0], NULL));
	assert_true(comes_in(&adm, &v[1], NULL));
	assert_false(comes_in(&adm, &v[2], NULL));
	assert_true(comes_in(&adm, &v[3], &reserve));
	assert_true(comes_in(&adm, &v[4], &reserve));
	assert_false(comes_in(&adm, &v[5], &reserve));
	conn_limit_leave(&adm, &v[0]);
	conn_limit_leave(&adm, &v[3]);
	assert_true(comes_in(&adm, &v[5], &reserve));
	assert_int_equal(reserve.count, 2);
	leave_all(&adm);
	assert_int_equal(reserve.count, 0);
}

/* Half of nine is five: the sixth needs a place, and so do the others. */
TEST(a_device_has_two_places_and_the_oldest_gives_way)
{
	struct conn_limit adm = { .max = 9, .max_per_address = 9 };
	struct conn_limit_reserve mine = { 0 }, other = { 0 };
	struct visitor v[9] = { 0 }, *gives_way;

	for (unsigned i = 0; i < 5; i++)
		assert_true(comes_in(&adm, &v[i], i == 0 ? &mine : NULL));
	assert_int_equal(mine.count, 0);
	assert_true(comes_in(&adm, &v[5], &mine));
	assert_true(comes_in(&adm, &v[6], &mine));
	assert_true(comes_in(&adm, &v[7], &other));
	assert_true(conn_limit_enter(&adm, &v[8], &mine, 0, &gives_way));
	assert_ptr_equal(gives_way, &v[5]);
	assert_null(v[5].reserve);
	assert_int_equal(mine.count, CONN_LIMIT_RESERVED);
	assert_int_equal(other.count, 1);
	conn_limit_leave(&adm, &v[5]);
	assert_int_equal(mine.count, CONN_LIMIT_RESERVED);
	leave_all(&adm);
	assert_int_equal(mine.count, 0);
}

TEST(a_visitor_with_the_token_leaves_the_places_at_the_door)
{
	struct conn_limit adm = { .max = 8, .max_per_address = 9 };
	struct conn_limit_reserve door = { 0 }, proven = { 0 };
	struct visitor v[8] = { 0 };

	for (unsigned i = 0; i < 4; i++)
		assert_true(comes_in(&adm, &v[i], NULL));
	assert_null(conn_limit_prove(&adm, &v[0], &proven));
	assert_null(v[0].reserve);
	for (unsigned i = 4; i < 6; i++) {
		assert_true(comes_in(&adm, &v[i], &door));
		assert_null(conn_limit_prove(&adm, &v[i], &proven));
	}
	assert_int_equal(door.count, 0);
	assert_int_equal(proven.count, 2);
	assert_null(conn_limit_prove(&adm, &v[4], &proven));
	assert_true(comes_in(&adm, &v[6], &door));
	assert_ptr_equal(conn_limit_prove(&adm, &v[6], &proven), &v[4]);
	assert_int_equal(proven.count, 2);
	conn_limit_dissolve(&adm, &proven);
	assert_int_equal(proven.count, 0);
	assert_null(v[5].reserve);
	assert_null(v[6].reserve);
	leave_all(&adm);
}

TEST(one_address_has_its_own_limit)
{
	struct conn_limit adm = { .max = 100, .max_per_address = 1 };
	struct visitor a = { .from.s_addr = 1 }, b = { .from.s_addr = 1 };
	struct visitor c = { .from.s_addr = 2 };
	struct conn_limit_reserve reserve = { 0 };

	assert_true(comes_in(&adm, &a, &reserve));
	assert_false(comes_in(&adm, &b, &reserve));
	assert_true(comes_in(&adm, &c, NULL));
	conn_limit_leave(&adm, &a);
	assert_true(comes_in(&adm, &b, &reserve));
	leave_all(&adm);
}

TEST(a_request_and_a_reply_each_have_an_end)
{
	struct conn_limit adm = { .max = 9, .max_per_address = 9 };
	struct visitor a = { 0 }, b = { 0 }, *gives_way;

	conn_limit_enter(&adm, &a, NULL, 1000, &gives_way);
	conn_limit_enter(&adm, &b, NULL, 1010, &gives_way);
	assert_null(conn_limit_overdue(&adm, NULL, 1059));
	assert_ptr_equal(conn_limit_overdue(&adm, NULL, 1060), &a);
	assert_null(conn_limit_overdue(&adm, &a, 1060));
	assert_ptr_equal(conn_limit_overdue(&adm, &a, 1070), &b);
	conn_limit_answer(&adm, &a, 1060);
	assert_ptr_equal(conn_limit_overdue(&adm, NULL, 1070), &b);
	assert_ptr_equal(conn_limit_overdue(&adm, NULL, 1360), &a);
	conn_limit_await(&adm, &a, 1360);
	assert_ptr_equal(conn_limit_overdue(&adm, NULL, 1419), &b);
	leave_all(&adm);
}

TEST(a_verdict_has_its_limits)
{
	static const struct {
		const char *body;
		bool good;
		int code;
	} cases[] = {
		{ "{\"error\":9999}", true, 9999 },
		{ "{\"error\":10000}", false, 0 },
		{ "{\"error\":-9999}", true, -9999 },
		{ "{\"error\":-10000}", false, 0 },
		{ "{\"error\":404} \t\r\n", true, 404 },
		{ " ", false, 0 },
	};
	char padded[514];
	struct error err;
	int code;

	for (size_t i = 0; i < COUNT(cases); i++) {
		code = 77;
		assert_int_equal(devapi_verdict_parse(cases[i].body,
				     strlen(cases[i].body), &code, &err),
		    cases[i].good);
		assert_int_equal(code, cases[i].good ? cases[i].code : 77);
	}
	memset(padded, ' ', sizeof(padded));
	memcpy(padded, "{\"error\":1}", 11);
	assert_true(devapi_verdict_parse(padded, 511, &code, &err));
	assert_true(devapi_verdict_parse(padded, 512, &code, &err));
	assert_false(devapi_verdict_parse(padded, 513, &code, &err));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, prepare, NULL);
}
