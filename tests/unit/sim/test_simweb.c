/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/tasmota/webreply.h"
#include "sim/tasmota/webrequest.h"

static enum webrequest_state
read_text(const char *text, struct webrequest *r)
{
	return webrequest_read(text, strlen(text), r);
}

static void
a_request_is_a_path_and_arguments(void **unused)
{
	struct webrequest r;
	char value[32];

	(void)unused;
	assert_int_equal(
	    read_text(
		"GET /cm?user=admin&cmnd=A%20b+c%3B%zz HTTP/1.1\r\n"
		"Host: x\r\nauthorization: basic YWRtaW46c2VjcmV0\r\n\r\n",
		&r),
	    WEBREQUEST_WHOLE);
	assert_string_equal(r.path, "/cm");
	assert_true(r.http11);
	assert_string_equal(r.credentials, "admin:secret");
	assert_true(webrequest_arg(&r, "cmnd", value, sizeof(value)));
	assert_string_equal(value, "A b c;%zz");
	assert_true(webrequest_arg(&r, "user", value, sizeof(value)));
	assert_string_equal(value, "admin");
	assert_false(webrequest_arg(&r, "password", value, sizeof(value)));
	assert_false(webrequest_arg(&r, "use", value, sizeof(value)));
	assert_false(webrequest_arg(&r, "cmnd", value, 5));
}

static void
a_small_request_does_as_well(void **unused)
{
	struct webrequest r;

	(void)unused;
	assert_int_equal(
	    read_text("GET / HTTP/1.0\r\n\r\n", &r), WEBREQUEST_WHOLE);
	assert_string_equal(r.path, "/");
	assert_string_equal(r.query, "");
	assert_string_equal(r.credentials, "");
	assert_false(r.http11);
}

static void
what_is_no_request_is_broken_or_not_yet_one(void **unused)
{
	static const char *const broken[] = { "\r\n\r\n", "GET\r\n\r\n",
		"GET x HTTP/1.1\r\n\r\n", "GET /\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n" };
	struct webrequest r;
	char *flood = malloc(WEBREQUEST_MAX + 2);

	(void)unused;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(read_text(broken[i], &r), WEBREQUEST_BROKEN);
	assert_int_equal(read_text("", &r), WEBREQUEST_MORE);
	assert_int_equal(read_text("GET / HTTP/1.1\r\n", &r), WEBREQUEST_MORE);
	memset(flood, 'x', WEBREQUEST_MAX + 1);
	flood[WEBREQUEST_MAX + 1] = '\0';
	assert_int_equal(read_text(flood, &r), WEBREQUEST_BROKEN);
	free(flood);
}

static void
credentials_that_are_none_are_left_out(void **unused)
{
	static const char *const none[] = {
		"GET / HTTP/1.1\r\nAuthorization: Basic ???\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Basic \r\n\r\n",
	};
	struct webrequest r;

	(void)unused;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(read_text(none[i], &r), WEBREQUEST_WHOLE);
		assert_string_equal(r.credentials, "");
	}
}

static void
a_reply_is_in_chunks_for_who_knows_them(void **unused)
{
	struct webreply r = { 0 };

	(void)unused;
	webreply_set(&r, "200 OK", WEBREPLY_JSON, "T/1", true, "{\"A\":1}");
	assert_memory_equal(r.text, "HTTP/1.1 200 OK\r\n", 17);
	assert_non_null(strstr(r.text, "\r\nServer: T/1\r\n"));
	assert_non_null(strstr(r.text, "\r\nTransfer-Encoding: chunked\r\n"));
	assert_non_null(strstr(r.text, "\r\n\r\n7\r\n{\"A\":1}\r\n0\r\n\r\n"));
	webreply_set(&r, "200 OK", WEBREPLY_JSON, "", false, "{\"A\":1}");
	assert_memory_equal(r.text, "HTTP/1.0 200 OK\r\n", 17);
	assert_null(strstr(r.text, "Server"));
	assert_null(strstr(r.text, "chunked"));
	assert_non_null(strstr(r.text, "\r\n\r\n{\"A\":1}"));
	free(r.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_a_path_and_arguments),
		cmocka_unit_test(a_small_request_does_as_well),
		cmocka_unit_test(what_is_no_request_is_broken_or_not_yet_one),
		cmocka_unit_test(credentials_that_are_none_are_left_out),
		cmocka_unit_test(a_reply_is_in_chunks_for_who_knows_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
