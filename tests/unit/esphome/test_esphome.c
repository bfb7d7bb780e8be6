/* SPDX-License-Identifier: ISC */
/* What answers as ESPHome does, and what does not. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/esphome/esphome.h"

#include "unit/test.h"

#define BYTES(s) s, sizeof(s) - 1
#define HELLO                                                                  \
	"\x00\x20\x02\x08\x01\x10\x0a\x1a\x14"                                 \
	"a (esphome v2024.10)\x22\x04"                                         \
	"name"
#define INFO(frame, info, text) "\x00" frame "\x02\x08\x01\x1a" info text
#define LETTERS31		"1234567890123456789012345678901"

static const struct {
	enum esphome_question question;
	const char *data;
	size_t len;
	enum esphome_verdict verdict;
	const char *version, *how;
} table[] = {
	{ ESPHOME_API, BYTES(HELLO), ESPHOME_YES, "2024.10", "native API" },
	/* Without a version, and with another major version. */
	{ ESPHOME_API, BYTES("\x00\x02\x02\x08\x01"), ESPHOME_YES, "",
	    "API answers" },
	{ ESPHOME_API, BYTES("\x00\x02\x02\x08\x02"), ESPHOME_NO, "", "" },
	/* Another message, a field that goes past the end, nothing at all. */
	{ ESPHOME_API, BYTES("\x00\x02\x04\x08\x01"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\x00\x04\x02\x08\x01\x1a\x09"), ESPHOME_NO, "",
	    "" },
	{ ESPHOME_API, BYTES("\x00\x00\x02"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\x00\xff\xff\xff\xff\xff\xff"), ESPHOME_NO, "",
	    "" },
	{ ESPHOME_API, BYTES("\x00\xff\x7f\x02"), ESPHOME_NO, "", "" },
	/* A wire type that has 8 bytes, and half a field. */
	{ ESPHOME_API, BYTES("\x00\x04\x02\x08\x01\x09\x01"), ESPHOME_NO, "",
	    "" },
	{ ESPHOME_API, BYTES("\x00\x03\x02\x08\x01\x10"), ESPHOME_NO, "", "" },
	/* The longest frame, and a longer one. */
	{ ESPHOME_API, BYTES("\x00\x80\x04\x02"), ESPHOME_MORE, "", "" },
	{ ESPHOME_API, BYTES("\x00\x81\x04\x02"), ESPHOME_NO, "", "" },
	/* Versions of 0, 1, 31 and 32 letters, and one without an end. */
	{ ESPHOME_API, BYTES(INFO("\x11", "\x0d", "a (esphome v)")),
	    ESPHOME_YES, "", "API answers" },
	{ ESPHOME_API, BYTES(INFO("\x12", "\x0e", "a (esphome v2)")),
	    ESPHOME_YES, "2", "as its native API says" },
	{ ESPHOME_API,
	    BYTES(INFO("\x30", "\x2c", "a (esphome v" LETTERS31 ")")),
	    ESPHOME_YES, LETTERS31, "as its native API says" },
	{ ESPHOME_API,
	    BYTES(INFO("\x31", "\x2d", "a (esphome v" LETTERS31 "x)")),
	    ESPHOME_YES, "", "API answers" },
	{ ESPHOME_API, BYTES(INFO("\x12", "\x0e", "a (esphome v2 ")),
	    ESPHOME_YES, "", "API answers" },
	{ ESPHOME_API, BYTES(""), ESPHOME_MORE, "", "" },
	{ ESPHOME_API,
	    BYTES("\x01\x00\x13\x01"
		  "Bad indicator byte"),
	    ESPHOME_YES, "", "encryption" },
	{ ESPHOME_API,
	    BYTES("\x01\x00\x13\x00"
		  "Bad indicator byte"),
	    ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\x01\x00\x02\x01\x07"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\x01\x10\x02\x01"), ESPHOME_NO, "", "" },
	/* No text, the shortest, the longest, and longer ones. */
	{ ESPHOME_API, BYTES("\x01\x00\x01\x01"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\x01\x00\x02\x01!"), ESPHOME_YES, "",
	    "encryption" },
	{ ESPHOME_API, BYTES("\x01\x00\x80\x01"), ESPHOME_MORE, "", "" },
	{ ESPHOME_API, BYTES("\x01\x00\x81\x01"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\x01\x01\x00\x01"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("\0Bad indicator byte"), ESPHOME_NO, "", "" },
	{ ESPHOME_API, BYTES("HTTP/1.1 400 Bad Request\r\n"), ESPHOME_NO, "",
	    "" },
	{ ESPHOME_API, BYTES("SSH-2.0-OpenSSH_9.2\r\n"), ESPHOME_NO, "", "" },
	{ ESPHOME_WEB,
	    BYTES("HTTP/1.0 200 OK\r\n\r\n<body><esp-app></esp-app>"),
	    ESPHOME_YES, "", "page of ESPHome" },
	{ ESPHOME_WEB,
	    BYTES("<link rel=\"stylesheet\" "
		  "href=\"https://oi.esphome.io/v1/webserver-v1.min.css\">"),
	    ESPHOME_YES, "", "page of ESPHome" },
	{ ESPHOME_WEB, BYTES("<title>Tasmota</title>"), ESPHOME_MORE, "", "" },
	{ ESPHOME_WEB, BYTES(""), ESPHOME_MORE, "", "" },
	{ ESPHOME_EVENTS,
	    BYTES("retry: 30000\r\nid: 81\r\nevent: ping\r\ndata: "
		  "{\"title\":\"a\",\"comment\":\"\",\"ota\":true,"
		  "\"log\":true,\"lang\":\"en\"}\r\n"),
	    ESPHOME_YES, "", "events of ESPHome" },
	{ ESPHOME_EVENTS, BYTES("event: ping\r\ndata: {}\r\n"), ESPHOME_MORE,
	    "", "" },
	{ ESPHOME_EVENTS, BYTES("data: {\"title\":\"a\",\"ota\":true}\r\n"),
	    ESPHOME_MORE, "", "" },
	{ ESPHOME_EVENTS, BYTES("event: ping\r\ndata: {\"ota\":true}\r\n"),
	    ESPHOME_MORE, "", "" },
	{ ESPHOME_EVENTS, BYTES("event: ping\r\ndata: {\"title\":\"a\"}\r\n"),
	    ESPHOME_MORE, "", "" },
	{ ESPHOME_OTA, BYTES("\x00\x01"), ESPHOME_YES, "", "updates" },
	{ ESPHOME_OTA, BYTES("\x00\x02"), ESPHOME_YES, "", "updates" },
	{ ESPHOME_OTA, BYTES("\x00"), ESPHOME_MORE, "", "" },
	{ ESPHOME_OTA, BYTES("\x80\x01"), ESPHOME_NO, "", "" },
	{ ESPHOME_OTA, BYTES("\x00\x01\x02"), ESPHOME_NO, "", "" },
	{ ESPHOME_OTA, BYTES("\x00\x03"), ESPHOME_NO, "", "" },
};

/* Exactly so many bytes, so that a read behind them is noticed. */
static enum esphome_verdict
judge(size_t row, size_t len, struct esphome_sign *sign)
{
	char *data = xcalloc(len + 1, 1), *begin = data + 1;
	enum esphome_verdict verdict;

	memcpy(begin, table[row].data, len);
	verdict = esphome_judge(table[row].question, begin, len, sign);
	free(data);
	return verdict;
}

TEST(each_answer_is_judged)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		struct esphome_sign sign;

		assert_int_equal(
		    judge(i, table[i].len, &sign), table[i].verdict);
		assert_string_equal(sign.version, table[i].version);
		assert_contains(sign.how, table[i].how);
		assert_int_equal(
		    sign.how[0] == '\0', table[i].verdict != ESPHOME_YES);
	}
}

/* However it is cut into pieces, it is no before it is yes. */
TEST(a_part_of_an_answer_asks_for_more)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		struct esphome_sign sign;

		if (table[i].verdict != ESPHOME_YES ||
		    table[i].question == ESPHOME_WEB ||
		    table[i].question == ESPHOME_EVENTS)
			continue;
		for (size_t n = 0; n < table[i].len; n++)
			if (judge(i, n, &sign) != ESPHOME_MORE)
				fail_msg("row %zu, %zu bytes", i, n);
	}
}

/* The length that the frame tells is that of what it has. */
TEST(the_hello_is_one_whole_frame)
{
	const struct esphome_ask *ask = esphome_ask(ESPHOME_API);

	assert_int_equal(ask->data[0], 0);
	assert_int_equal(ask->data[1], ask->len - 3);
	assert_int_equal(ask->data[2], 1);
}

TEST(what_follows_the_hello_is_not_read)
{
	struct esphome_sign sign;

	assert_int_equal(esphome_judge(ESPHOME_API,
			     BYTES("\x00\x02\x02\x08\x01\x08\x02"), &sign),
	    ESPHOME_YES);
}

/* Which ports are asked, and with what. */
TEST(each_question_goes_to_its_port)
{
	static const struct {
		enum esphome_question question;
		unsigned port;
		size_t len;
		const char *begin;
	} cases[ESPHOME_QUESTIONS] = {
		{ ESPHOME_API, 6053, 17, "" },
		{ ESPHOME_WEB, 80, 18, "GET / HTTP/1.0\r\n" },
		{ ESPHOME_EVENTS, 80, 51, "GET /events HTTP/1.0\r\n" },
		{ ESPHOME_OTA, 8266, 5, "\x6c\x26\xf7\x5c\x45" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct esphome_ask *ask = esphome_ask(cases[i].question);

		assert_int_equal(ask->port, cases[i].port);
		assert_int_equal(ask->len, cases[i].len);
		assert_memory_equal(
		    ask->data, cases[i].begin, strlen(cases[i].begin));
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
