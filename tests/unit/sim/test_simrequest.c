/* SPDX-License-Identifier: ISC */
/* The simulated Sonoff API: deviations of a request are reported. */
#include "config.h"

#include <string.h>

#include "sim/stock/request.h"

#include "unit/test.h"

#define LINE   "POST /zeroconf/info HTTP/1.1\r\n"
#define HOST   "Host: 10.0.0.2\r\n"
#define LENGTH "Content-Length: 2\r\n"
#define BODY   "\r\n{}"

TEST(a_right_request_has_no_problem)
{
	static const char text[] =
	    LINE HOST "Content-Type: application/json\r\n" LENGTH
		      "Connection: close\r\n" BODY;
	struct problems found = { 0 };
	struct request r;

	assert_int_equal(request_read(text, strlen(text), &r), REQUEST_WHOLE);
	assert_string_equal(r.method, "POST");
	assert_string_equal(r.path, "/zeroconf/info");
	assert_memory_equal(r.body, "{}", 2);
	request_check(text, strlen(text), &r, &found);
	assert_int_equal(found.count, 0);
	assert_int_equal(
	    request_read(text, strlen(text) - 1, &r), REQUEST_BODY);
	assert_int_equal(
	    request_read(text, strlen(text) - 3, &r), REQUEST_MORE);
}

TEST(each_deviation_is_told)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ LINE "host: a\r\n" LENGTH BODY, "Title-Case" },
		{ LINE HOST "content-length: 2\r\n\r\n", "Title-Case" },
		{ LINE HOST "Content-length: 2\r\n\r\n", "Title-Case" },
		{ LINE HOST LENGTH "ACCEPT: x\r\n" BODY, "Title-Case" },
		{ LINE LENGTH BODY, "Host" },
		{ LINE HOST HOST LENGTH BODY, "Host" },
		{ LINE HOST "\r\n", "Content-Length" },
		{ LINE HOST LENGTH LENGTH BODY, "Content-Length" },
		{ LINE HOST LENGTH "Accept:x\r\n" BODY, "one blank" },
		{ LINE HOST LENGTH "Accept:  x\r\n" BODY, "one blank" },
		{ LINE HOST LENGTH " folded\r\n" BODY, "without a name" },
		{ LINE HOST LENGTH "Expect: 100-continue\r\n" BODY, "Expect" },
		{ LINE HOST "Transfer-Encoding: chunked\r\n\r\n",
		    "Transfer-Encoding" },
		{ "POST /zeroconf/info HTTP/1.0\r\n" HOST LENGTH BODY,
		    "HTTP/1.1" },
		{ "GET /zeroconf/info HTTP/1.1\r\n" HOST LENGTH BODY, "GET" },
		{ "POST /info HTTP/1.1\r\n" HOST LENGTH BODY, "path" },
		{ LINE HOST LENGTH BODY "x", "after the body" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;
		struct problems found = { 0 };
		struct request r;
		bool told = false;

		assert_int_equal(
		    request_read(text, strlen(text), &r), REQUEST_WHOLE);
		request_check(text, strlen(text), &r, &found);
		for (size_t n = 0; n < found.count; n++)
			told |= strstr(found.text[n], cases[i].why) != NULL;
		if (!told)
			print_error("%s: %s\n", text, cases[i].why);
		assert_true(told);
		problems_fini(&found);
	}
}

TEST(noise_is_broken)
{
	char noise[REQUEST_MAX + 1];
	struct request r;

	memset(noise, 'x', sizeof(noise));
	assert_int_equal(
	    request_read(noise, sizeof(noise), &r), REQUEST_BROKEN);
	assert_int_equal(request_read("\r\n\r\n", 4, &r), REQUEST_BROKEN);
	assert_int_equal(request_read("POST\r\n\r\n", 8, &r), REQUEST_BROKEN);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
