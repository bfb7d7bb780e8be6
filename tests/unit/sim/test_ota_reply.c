/* SPDX-License-Identifier: ISC */
/* The updater of the simulated Sonoff: what it thinks of a reply. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "sim/stock/ota_reply.h"
#include "sim/stock/ota_url.h"

#include "unit/test.h"

#define OK     "HTTP/1.1 206 Partial Content\r\n"
#define LENGTH "Content-Length: 4\r\n"
#define RANGE  "Content-Range: bytes 0-3/10\r\n"
#define BODY   "\r\nabcd"

static enum ota_reply_state
reads(const char *text, struct ota_reply *r, struct error *err)
{
	return ota_reply_read(text, strlen(text), 0, 3, r, err);
}

TEST(a_right_answer_is_whole_at_its_last_byte)
{
	static const char text[] = OK LENGTH RANGE BODY;
	struct ota_reply r;
	struct error err;

	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(
		    ota_reply_read(text, n, 0, 3, &r, &err), OTA_REPLY_MORE);
	assert_int_equal(reads(text, &r, &err), OTA_REPLY_WHOLE);
	assert_int_equal(r.total, 10);
	assert_int_equal(r.body_len, 4);
	assert_string_equal(text + r.head_len, "abcd");
}

TEST(what_the_old_client_minds_is_bad)
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
		{ OK LENGTH RANGE BODY "e", "after the body" },
	};
	struct ota_reply r;
	struct error err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(reads(cases[i].text, &r, &err), OTA_REPLY_BAD);
		assert_contains(err.text, cases[i].why);
	}
}

TEST(the_last_range_may_reach_over_the_end)
{
	static const char text[] =
	    OK "Content-Length: 2\r\nContent-Range: bytes 8-9/10\r\n\r\nij";
	struct ota_reply r;
	struct error err;

	assert_int_equal(ota_reply_read(text, strlen(text), 8, 4103, &r, &err),
	    OTA_REPLY_WHOLE);
}

TEST(a_long_header_is_bad_before_it_ends)
{
	char text[1200];
	struct ota_reply r;
	struct error err;
	int n;

	n = snprintf(
	    text, sizeof(text), OK LENGTH RANGE "X: %0900d\r\n" BODY, 0);
	assert_int_equal(
	    ota_reply_read(text, (size_t)n, 0, 3, &r, &err), OTA_REPLY_WHOLE);
	n = snprintf(
	    text, sizeof(text), OK LENGTH RANGE "X: %0940d\r\n" BODY, 0);
	assert_int_equal(
	    ota_reply_read(text, (size_t)n, 0, 3, &r, &err), OTA_REPLY_BAD);
	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    ota_reply_read(text, sizeof(text), 0, 3, &r, &err), OTA_REPLY_BAD);
}

TEST(urls_are_taken_or_refused)
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

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    ota_url_parse(&u, cases[i].url, &err), cases[i].ok);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
