/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sim/stock/otareply.h"
#include "sim/stock/otaurl.h"

#define OK     "HTTP/1.1 206 Partial Content\r\n"
#define LENGTH "Content-Length: 4\r\n"
#define RANGE  "Content-Range: bytes 0-3/10\r\n"
#define BODY   "\r\nabcd"

static enum otareply_state
reads(const char *text, struct otareply *r, struct error *err)
{
	return otareply_read(text, strlen(text), 0, 3, r, err);
}

static void
a_right_answer_is_whole_at_its_last_byte(void **unused)
{
	static const char text[] = OK LENGTH RANGE BODY;
	struct otareply r;
	struct error err;

	(void)unused;
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(
		    otareply_read(text, n, 0, 3, &r, &err), OTAREPLY_MORE);
	assert_int_equal(reads(text, &r, &err), OTAREPLY_WHOLE);
	assert_int_equal(r.total, 10);
	assert_int_equal(r.body_len, 4);
	assert_string_equal(text + r.head_len, "abcd");
}

static void
what_the_old_client_minds_is_bad(void **unused)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "HTTP/1.0 206 Partial Content\r\n" LENGTH RANGE BODY,
		    "status line" },
		{ "HTTP/1.1 200 OK\r\n" LENGTH RANGE BODY, "status line" },
		{ "HTTP/1.1 206 partial content\r\n" LENGTH RANGE BODY,
		    "status line" },
		{ OK "content-length: 4\r\n" RANGE BODY, "Content-Length" },
		{ OK "Content-Length:4\r\n" RANGE BODY, "Content-Length" },
		{ OK "Content-Length:  4\r\n" RANGE BODY, "Content-Length" },
		{ OK "Content-Length: 0\r\n" RANGE "\r\n", "Content-Length" },
		{ OK "Content-Length: 4097\r\n" RANGE BODY, "Content-Length" },
		{ OK RANGE BODY, "Content-Length" },
		{ OK LENGTH BODY, "Content-Range" },
		{ OK LENGTH "content-range: bytes 0-3/10\r\n" BODY,
		    "Content-Range" },
		{ OK LENGTH "Content-Range: bytes 0-4/10\r\n" BODY,
		    "Content-Range" },
		{ OK LENGTH "Content-Range: bytes 0-3/*\r\n" BODY,
		    "Content-Range" },
		{ OK LENGTH "Content-Range: bytes 4-7/10\r\n" BODY,
		    "Content-Range" },
		{ OK "Content-Length: 3\r\n" RANGE BODY, "does not fit" },
		{ OK "Transfer-Encoding: chunked\r\n" LENGTH RANGE BODY,
		    "Transfer-Encoding" },
		{ OK LENGTH RANGE BODY "e", "behind the body" },
	};
	struct otareply r;
	struct error err;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(reads(cases[i].text, &r, &err), OTAREPLY_BAD);
		assert_non_null(strstr(err.text, cases[i].why));
	}
}

static void
the_last_range_may_reach_over_the_end(void **unused)
{
	static const char text[] =
	    OK "Content-Length: 2\r\nContent-Range: bytes 8-9/10\r\n\r\nij";
	struct otareply r;
	struct error err;

	(void)unused;
	assert_int_equal(otareply_read(text, strlen(text), 8, 4103, &r, &err),
	    OTAREPLY_WHOLE);
}

static void
a_long_header_is_bad_before_it_ends(void **unused)
{
	char text[1200];
	struct otareply r;
	struct error err;
	int n;

	(void)unused;
	n = snprintf(
	    text, sizeof(text), OK LENGTH RANGE "X: %0900d\r\n" BODY, 0);
	assert_int_equal(
	    otareply_read(text, (size_t)n, 0, 3, &r, &err), OTAREPLY_WHOLE);
	n = snprintf(
	    text, sizeof(text), OK LENGTH RANGE "X: %0940d\r\n" BODY, 0);
	assert_int_equal(
	    otareply_read(text, (size_t)n, 0, 3, &r, &err), OTAREPLY_BAD);
	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    otareply_read(text, sizeof(text), 0, 3, &r, &err), OTAREPLY_BAD);
}

static void
urls_are_taken_or_refused(void **unused)
{
	static const struct {
		const char *url;
		bool ok;
	} cases[] = {
		{ "http://192.168.1.2:8266/abc/tasmota.bin", true },
		{ "http://192.168.1.2/a", true },
		{ "https://192.168.1.2/a", false },
		{ "HTTP://192.168.1.2/a", false },
		{ "http://server.local/a", false },
		{ "http://192.168.1.2", false },
		{ "http://192.168.1.2/", false },
		{ "http://192.168.1.2:0/a", false },
		{ "http://192.168.1.2/a:b", false },
		{ "http://192.168.1.2/a b", false },
		{ "http://192.168.100.200:10000/"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    true },
		{ "http://192.168.100.200:10000/"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    false },
	};
	struct ota_url u;
	struct error err;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    ota_url_parse(&u, cases[i].url, &err), cases[i].ok);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_answer_is_whole_at_its_last_byte),
		cmocka_unit_test(what_the_old_client_minds_is_bad),
		cmocka_unit_test(the_last_range_may_reach_over_the_end),
		cmocka_unit_test(a_long_header_is_bad_before_it_ends),
		cmocka_unit_test(urls_are_taken_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
