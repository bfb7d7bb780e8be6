/* SPDX-License-Identifier: ISC */
/* The web server of the simulated Tasmota. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/web/web_reply.h"
#include "sim/web/web_request.h"

#include "unit/test.h"

static enum web_request_state
read_text(const char *text, struct web_request *r)
{
	return web_request_read(text, strlen(text), r);
}

TEST(a_request_is_a_path_and_arguments)
{
	struct web_request r;
	char value[32];

	assert_int_equal(
	    read_text(
		"GET /cm?user=admin&cmnd=A%20b+c%3B%zz HTTP/1.1\r\n"
		"Host: x\r\nauthorization: basic YWRtaW46c2VjcmV0\r\n\r\n",
		&r),
	    WEB_REQUEST_WHOLE);
	assert_string_equal(r.path, "/cm");
	assert_true(r.http11);
	assert_string_equal(r.credentials, "admin:secret");
	assert_true(web_request_arg(&r, "cmnd", value, sizeof(value)));
	assert_string_equal(value, "A b c;%zz");
	assert_true(web_request_arg(&r, "user", value, sizeof(value)));
	assert_string_equal(value, "admin");
	assert_false(web_request_arg(&r, "password", value, sizeof(value)));
	assert_false(web_request_arg(&r, "use", value, sizeof(value)));
	assert_false(web_request_arg(&r, "cmnd", value, 5));
}

TEST(a_small_request_does_as_well)
{
	struct web_request r;

	assert_int_equal(
	    read_text("GET / HTTP/1.0\r\n\r\n", &r), WEB_REQUEST_WHOLE);
	assert_string_equal(r.path, "/");
	assert_string_equal(r.query, "");
	assert_string_equal(r.credentials, "");
	assert_false(r.http11);
}

TEST(what_is_no_request_is_broken_or_not_yet_one)
{
	static const char *const broken[] = { "\r\n\r\n", "GET\r\n\r\n",
		"GET x HTTP/1.1\r\n\r\n", "GET /\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n" };
	struct web_request r;
	char *flood = malloc(WEB_REQUEST_MAX + 2);

	for (size_t i = 0; i < COUNT(broken); i++)
		assert_int_equal(read_text(broken[i], &r), WEB_REQUEST_BROKEN);
	assert_int_equal(read_text("", &r), WEB_REQUEST_MORE);
	assert_int_equal(read_text("GET / HTTP/1.1\r\n", &r), WEB_REQUEST_MORE);
	memset(flood, 'x', WEB_REQUEST_MAX + 1);
	flood[WEB_REQUEST_MAX + 1] = '\0';
	assert_int_equal(read_text(flood, &r), WEB_REQUEST_BROKEN);
	free(flood);
}

TEST(credentials_that_are_none_are_left_out)
{
	static const char *const none[] = {
		"GET / HTTP/1.1\r\nAuthorization: Basic ???\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Basic \r\n\r\n",
	};
	struct web_request r;

	for (size_t i = 0; i < COUNT(none); i++) {
		assert_int_equal(read_text(none[i], &r), WEB_REQUEST_WHOLE);
		assert_string_equal(r.credentials, "");
	}
}

TEST(a_reply_is_in_chunks_for_who_knows_them)
{
	struct web_reply r = { 0 };

	web_reply_set(&r, "200 OK", WEB_REPLY_JSON, "T/1", true, "{\"A\":1}");
	assert_memory_equal(r.text, "HTTP/1.1 200 OK\r\n", 17);
	assert_contains(r.text, "\r\nServer: T/1\r\n");
	assert_contains(r.text, "\r\nTransfer-Encoding: chunked\r\n");
	assert_contains(r.text, "\r\n\r\n7\r\n{\"A\":1}\r\n0\r\n\r\n");
	web_reply_set(&r, "200 OK", WEB_REPLY_JSON, "", false, "{\"A\":1}");
	assert_memory_equal(r.text, "HTTP/1.0 200 OK\r\n", 17);
	assert_null(strstr(r.text, "Server"));
	assert_null(strstr(r.text, "chunked"));
	assert_contains(r.text, "\r\n\r\n{\"A\":1}");
	free(r.text);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
