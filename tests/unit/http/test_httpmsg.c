/* SPDX-License-Identifier: ISC */
/* HTTP replies, as they arrive in pieces of any size. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/http/httpmsg.h"
#include "core/http/httpreq.h"

#include "unit/test.h"

#define OK "HTTP/1.1 200 OK\r\n"

/* A reply, cut at one place, then the end of the connection. */
struct outcome {
	enum httpmsg_end fed;	 /* before the peer closed */
	enum httpmsg_end closed; /* after it */
	int status;
	char body[64];
	char why[sizeof(((struct error *)NULL)->text)];
};

static enum httpmsg_end
feed_pieces(struct httpmsg *msg, const char *text, size_t len, size_t first,
    size_t step, struct error *err)
{
	enum httpmsg_end end = httpmsg_feed(msg, text, first, err);

	for (size_t at = first; at < len && end == HTTPMSG_MORE; at += step)
		end = httpmsg_feed(
		    msg, text + at, step < len - at ? step : len - at, err);
	return end;
}

static struct outcome
read_pieces(const char *text, size_t len, size_t first, size_t step)
{
	struct httpmsg *msg = httpmsg_new();
	struct outcome out = { 0 };
	struct error err = { 0 };
	size_t body;

	out.fed = feed_pieces(msg, text, len, first, step, &err);
	out.closed = out.fed;
	if (out.fed == HTTPMSG_MORE)
		out.closed = httpmsg_close(msg, &err);
	if (out.closed == HTTPMSG_DONE) {
		out.status = httpmsg_status(msg);
		snprintf(
		    out.body, sizeof(out.body), "%s", httpmsg_body(msg, &body));
		assert_int_equal(body, strlen(out.body));
	}
	memcpy(out.why, err.text, sizeof(out.why));
	httpmsg_free(msg);
	return out;
}

static struct outcome
read_bytewise(const char *text, size_t len)
{
	return read_pieces(text, len, 0, 1);
}

static void
assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->fed, b->fed);
	assert_int_equal(a->closed, b->closed);
	assert_int_equal(a->status, b->status);
	assert_string_equal(a->body, b->body);
	assert_string_equal(a->why, b->why);
}

/* clang-format off */
static const struct {
	const char *text;
	int status;
	const char *body;
} good[] = {
	{ OK "Content-Length: 2\r\n\r\nhi", 200, "hi" },
	{ OK "content-length:2 \r\n\r\nhi and what follows", 200, "hi" },
	{ OK "Content-Length: 0\r\n\r\n", 200, "" },
	{ OK "\r\nto the end", 200, "to the end" },
	{ OK "\r\n", 200, "" },
	{ "HTTP/1.0 200 OK\nServer: x\n\nbare LF", 200, "bare LF" },
	{ "HTTP/1.1 599 x\r\nContent-Length: 1\r\n\r\n!", 599, "!" },
	{ "HTTP/1.1 303 x\r\nContent-Length: 1\r\n\r\n!", 303, "!" },
	{ "HTTP/1.1 304 x\r\nContent-Length: 1\r\n\r\n", 304, "" },
	{ "HTTP/1.1 305 x\r\nContent-Length: 1\r\n\r\n!", 305, "!" },
	{ "HTTP/1.1 203 x\r\nContent-Length: 1\r\n\r\n!", 203, "!" },
	{ "HTTP/1.1 205 x\r\nContent-Length: 1\r\n\r\n!", 205, "!" },
	{ "HTTP/1.1 404\r\nContent-Length: 1\r\n\r\n!", 404, "!" },
	{ "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "" },
	{ "HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n", 302, "" },
	/* Tasmota 14, "/cm?cmnd=Power" */
	{ "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: Tasmota/14.2.0 (ESP8285N08)\r\n"
	  "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	  "f\r\n{\"POWER\":\"OFF\"}\r\n0\r\n\r\n", 200, "{\"POWER\":\"OFF\"}" },
	{ OK "Transfer-Encoding: Chunked\r\n\r\n1;x=y\r\na\r\n00000002 \r\nbc\r\n0\r\nTrailer: x\r\n\r\nmore", 200, "abc" },
};

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "", "the reply is empty" },
	{ "HTTP/1.1 200 OK\r\nContent-Le", "the reply is cut short" },
	{ OK "Content-Length: 3\r\n\r\nhi", "the reply is cut short" },
	{ OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", "the reply is cut short" },
	/* A line that goes on, or is to end the head and does not. */
	{ OK "Server: x\r\n \r\nContent-Length: 0\r\n\r\n", "the reply has a bad header" },
	{ OK "Server: x\r\n\t \r\nContent-Length: 0\r\n\r\n", "the reply has a bad header" },
	{ "\n", "the reply is not HTTP/1" },
	{ "SSH-2.0-OpenSSH_9.2\r\n", "the reply is not HTTP/1" },
	{ "\r\n" OK "\r\n", "the reply is not HTTP/1" },
	{ "HTTP/2.0 200 OK\r\n\r\n", "the reply is not HTTP/1" },
	{ "HTTP/1.x 200 OK\r\n\r\n", "the reply is not HTTP/1" },
	{ "HTTP/1.1\r\n\r\n", "the reply is not HTTP/1" },
	{ "HTTP/1.1 -5 OK\r\n\r\n", "the reply is not HTTP/1" },
	{ "HTTP/1.1 2000 OK\r\n\r\n", "the reply is not HTTP/1" },
	{ "HTTP/1.1 100 Continue\r\n\r\n", "the reply has status 100" },
	{ "HTTP/1.1 103 Early Hints\r\n\r\n" OK "\r\n", "the reply has status 103" },
	{ "HTTP/1.1 199 Odd\r\n\r\n", "the reply has status 199" },
	{ "HTTP/1.1 600 Odd\r\n\r\n", "the reply has status 600" },
	{ "HTTP/1.1 999 Odd\r\n\r\n", "the reply has status 999" },
	{ OK "no colon\r\n\r\n", "the reply has a bad header" },
	{ OK ": no name\r\n\r\n", "the reply has a bad header" },
	{ OK "A : blank\r\n\r\n", "the reply has a bad header" },
	{ OK "A: b\r\n folded\r\n\r\n", "the reply has a bad header" },
	{ OK "A: \033[31m\r\n\r\n", "the reply has a bad header" },
	{ OK "A: b\rC: d\r\n\r\n", "the reply has a bad byte" },
	{ OK "Content-Length: -1\r\n\r\n", "Content-Length is not a number" },
	{ OK "Content-Length: +1\r\n\r\n", "Content-Length is not a number" },
	{ OK "Content-Length: 0x1\r\n\r\n", "Content-Length is not a number" },
	{ OK "Content-Length: 1, 1\r\n\r\n", "Content-Length is not a number" },
	{ OK "Content-Length:\r\n\r\n", "Content-Length is not a number" },
	{ OK "Content-Length: 18446744073709551616\r\n\r\n", "Content-Length is not a number" },
	{ OK "Content-Length: 16385\r\n\r\n", "the body has more than 16384 bytes" },
	{ OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "Content-Length comes twice" },
	{ OK "Transfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding is not just chunked" },
	{ OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "the reply has two opinions on its length" },
	{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "the reply has two opinions on its length" },
	{ OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", "the reply has a bad chunk size" },
	{ OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "the reply has a bad chunk size" },
	{ OK "Transfer-Encoding: chunked\r\n\r\n0x1\r\n", "the reply has a bad chunk size" },
	{ OK "Transfer-Encoding: chunked\r\n\r\n000000001\r\n", "the reply has a bad chunk size" },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "a chunk is longer than its size" },
	{ OK "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", "the body has more than 16384 bytes" },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n4000\r\n", "the body has more than 16384 bytes" },
};
/* clang-format on */

TEST(good_replies_are_read)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		struct outcome out =
		    read_bytewise(good[i].text, strlen(good[i].text));

		assert_string_equal(out.why, "");
		assert_int_equal(out.status, good[i].status);
		assert_string_equal(out.body, good[i].body);
	}
}

TEST(bad_replies_say_what_is_wrong)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct outcome out =
		    read_bytewise(bad[i].text, strlen(bad[i].text));

		assert_int_equal(out.closed, HTTPMSG_BAD);
		assert_string_equal(out.why, bad[i].why);
	}
}

static void
assert_cuts_change_nothing(const char *text)
{
	size_t len = strlen(text);
	struct outcome want = read_bytewise(text, len);

	for (size_t cut = 0; cut <= len; cut++) {
		struct outcome out = read_pieces(text, len, cut, len + 1);

		assert_same(&out, &want);
	}
}

TEST(where_a_reply_is_cut_changes_nothing)
{
	for (size_t i = 0; i < COUNT(good); i++)
		assert_cuts_change_nothing(good[i].text);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_cuts_change_nothing(bad[i].text);
}

TEST(a_nul_in_the_head_is_bad)
{
	static const char text[] = OK "A: b\0c\r\n\r\n";
	struct outcome out = read_bytewise(text, sizeof(text) - 1);

	assert_int_equal(out.fed, HTTPMSG_BAD);
	assert_string_equal(out.why, "the reply has a bad byte");
}

TEST(headers_are_found_in_any_case)
{
	static const char text[] =
	    OK "Server:  Tasmota/14.2.0 \t\r\nServer: b\r\n"
	       "X:\r\nContent-Length: 0\r\n\r\n";
	struct httpmsg *msg = httpmsg_new();
	struct error err;

	assert_int_equal(
	    httpmsg_feed(msg, text, sizeof(text) - 1, &err), HTTPMSG_DONE);
	assert_string_equal(httpmsg_header(msg, "sERVER"), "Tasmota/14.2.0");
	assert_string_equal(httpmsg_header(msg, "X"), "");
	assert_null(httpmsg_header(msg, "Serve"));
	assert_null(httpmsg_header(msg, "Servers"));
	httpmsg_free(msg);
}

/* How many bytes of an endless line, header or body are taken. */
static size_t
feed_endlessly(const char *start, const char *again)
{
	struct httpmsg *msg = httpmsg_new();
	struct error err;
	size_t fed = 0;

	httpmsg_feed(msg, start, strlen(start), &err);
	while (httpmsg_feed(msg, again, strlen(again), &err) == HTTPMSG_MORE)
		fed += strlen(again);
	assert_int_equal(httpmsg_feed(msg, "x", 1, &err), HTTPMSG_BAD);
	httpmsg_free(msg);
	return fed;
}

TEST(what_never_ends_is_ended)
{
	assert_in_range(feed_endlessly("", "x"), 0, HTTPMSG_MAX_HEAD);
	assert_in_range(feed_endlessly(OK, "A: b\r\n"), 0, HTTPMSG_MAX_HEAD);
	assert_int_equal(feed_endlessly(OK "\r\n", "x"), HTTPMSG_MAX_BODY);
	assert_in_range(feed_endlessly(OK "Transfer-Encoding: chunked\r\n\r\n",
			    "1\r\nx\r\n"),
	    0, 2 * HTTPMSG_MAX_HEAD);
	assert_in_range(
	    feed_endlessly(OK "Transfer-Encoding: chunked\r\n\r\n1", ";x"), 0,
	    HTTPMSG_MAX_HEAD);
	assert_in_range(
	    feed_endlessly(
		OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\n"),
	    0, HTTPMSG_MAX_HEAD);
}

TEST(the_largest_body_fits)
{
	struct httpmsg *msg = httpmsg_new();
	char *body = xcalloc(1, HTTPMSG_MAX_BODY);
	static const char head[] = OK "Content-Length: 16384\r\n\r\n";
	struct error err;
	size_t len;

	assert_int_equal(
	    httpmsg_feed(msg, head, sizeof(head) - 1, &err), HTTPMSG_MORE);
	assert_int_equal(
	    httpmsg_feed(msg, body, HTTPMSG_MAX_BODY, &err), HTTPMSG_DONE);
	httpmsg_body(msg, &len);
	assert_int_equal(len, HTTPMSG_MAX_BODY);
	free(body);
	httpmsg_free(msg);
}

TEST(requests_have_the_form_the_oldest_device_reads)
{
	struct httpreq post = { .method = "POST",
		.path = "/zeroconf/info",
		.port = 8081,
		.content_type = "application/json",
		.body = "{\"data\":{}}",
		.body_len = 11 };
	struct httpreq get = { .method = "GET",
		.path = "/cm?cmnd=Status",
		.port = 80,
		.has_referer = true,
		.authorization = "Basic YWRtaW46eA==" };
	size_t len;
	char *text;

	post.address.s_addr = get.address.s_addr = htonl(0xc0a80117);
	text = httpreq_build(&post, &len);
	assert_int_equal(len, strlen(text));
	assert_string_equal(text,
	    "POST /zeroconf/info HTTP/1.1\r\nHost: 192.168.1.23:8081\r\n"
	    "Content-Type: application/json\r\nContent-Length: 11\r\n"
	    "Connection: close\r\n\r\n{\"data\":{}}");
	free(text);
	text = httpreq_build(&get, &len);
	assert_int_equal(len, strlen(text));
	assert_string_equal(text,
	    "GET /cm?cmnd=Status HTTP/1.1\r\nHost: 192.168.1.23\r\n"
	    "Authorization: Basic YWRtaW46eA==\r\n"
	    "Referer: http://192.168.1.23/\r\nConnection: close\r\n\r\n");
	free(text);
}

/* A reply of three parts, the second of so many 'x'. */
static enum httpmsg_end
feed_long(const char *before, size_t count, const char *after)
{
	size_t head = strlen(before), tail = strlen(after);
	char *text = xcalloc(1, head + count + tail + 1);
	struct httpmsg *msg = httpmsg_new();
	struct error err = { 0 };
	enum httpmsg_end end;

	memcpy(text, before, head);
	memset(text + head, 'x', count);
	memcpy(text + head + count, after, tail);
	end = httpmsg_feed(msg, text, head + count + tail, &err);
	if (end == HTTPMSG_MORE)
		end = httpmsg_close(msg, &err);
	if (end == HTTPMSG_BAD)
		assert_int_equal(err.code, EMSGSIZE);
	httpmsg_free(msg);
	free(text);
	return end;
}

TEST(a_body_has_its_limit_however_its_length_is_told)
{
	for (size_t n = HTTPMSG_MAX_BODY - 1; n <= HTTPMSG_MAX_BODY + 1; n++) {
		bool fits = n <= HTTPMSG_MAX_BODY;
		enum httpmsg_end want = fits ? HTTPMSG_DONE : HTTPMSG_BAD;
		char head[100];

		snprintf(
		    head, sizeof(head), OK "Content-Length: %zu\r\n\r\n", n);
		assert_int_equal(feed_long(head, n, ""), want);
		assert_int_equal(feed_long(OK "\r\n", n, ""), want);
		snprintf(head, sizeof(head),
		    OK "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", n);
		assert_int_equal(feed_long(head, n, "\r\n0\r\n\r\n"), want);
		/* Of the last chunk as much as there is room for. */
		snprintf(head, sizeof(head),
		    OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n%zx\r\n",
		    n - 2);
		assert_int_equal(feed_long(head, n - 2, "\r\n0\r\n\r\n"), want);
	}
}

TEST(a_head_has_its_limit_and_so_has_what_frames_chunks)
{
	static const char status[] = OK "X: ";
	static const char chunked[] = OK "Transfer-Encoding: chunked\r\n\r\n1;";

	for (size_t n = HTTPMSG_MAX_HEAD - 1; n <= HTTPMSG_MAX_HEAD + 1; n++) {
		enum httpmsg_end want =
		    n <= HTTPMSG_MAX_HEAD ? HTTPMSG_DONE : HTTPMSG_BAD;

		/* With the two blank lines at its end. */
		assert_int_equal(feed_long(status, n - (sizeof(status) - 1) - 4,
				     "\r\n\r\nbody"),
		    want);
		/* The head does not count, and what the chunks hold. */
		assert_int_equal(feed_long(chunked, n - 2 - 2 - 2 - 3 - 2,
				     "\r\na\r\n0\r\n\r\n"),
		    want);
	}
}

/* Trailers come too late to count, and so does all behind the end. */
TEST(what_is_behind_the_head_is_no_header)
{
	static const char text[] =
	    OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
	       "Trailer: x\r\n\r\n";
	char *long_text = xcalloc(1, sizeof(text) + HTTPMSG_MAX_HEAD + 1);
	size_t len = sizeof(text) - 1;
	struct httpmsg *msg = httpmsg_new();
	struct error err;

	assert_null(httpmsg_header(msg, "Trailer"));
	memcpy(long_text, text, len);
	memset(long_text + len, 'x', HTTPMSG_MAX_HEAD + 1);
	assert_int_equal(
	    httpmsg_feed(msg, long_text, len + HTTPMSG_MAX_HEAD + 1, &err),
	    HTTPMSG_DONE);
	assert_string_equal(
	    httpmsg_header(msg, "Transfer-Encoding"), "chunked");
	assert_null(httpmsg_header(msg, "Trailer"));
	httpmsg_free(msg);
	free(long_text);
}

TEST(what_was_bad_stays_so)
{
	struct httpmsg *msg = httpmsg_new();
	struct error err = { 0 };

	assert_int_equal(httpmsg_feed(msg, "x\r\n", 3, &err), HTTPMSG_BAD);
	err.text[0] = '\0';
	assert_int_equal(httpmsg_feed(msg, OK "\r\n", 19, &err), HTTPMSG_BAD);
	assert_string_equal(err.text, "the reply was bad already");
	httpmsg_free(msg);
	httpmsg_free(NULL);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
