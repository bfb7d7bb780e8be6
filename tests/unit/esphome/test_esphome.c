/* SPDX-License-Identifier: ISC */
/* What answers as ESPHome does, and what does not. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/esphome/esphome.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) s, sizeof(s) - 1
#define HELLO                                                                  \
	"\x00\x20\x02\x08\x01\x10\x0a\x1a\x14"                                 \
	"a (esphome v2024.10)\x22\x04"                                         \
	"name"

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
	{ ESPHOME_OTA, BYTES("\x00\x01"), ESPHOME_YES, "", "updates" },
	{ ESPHOME_OTA, BYTES("\x00\x02"), ESPHOME_YES, "", "updates" },
	{ ESPHOME_OTA, BYTES("\x00"), ESPHOME_MORE, "", "" },
	{ ESPHOME_OTA, BYTES("\x80\x01"), ESPHOME_NO, "", "" },
	{ ESPHOME_OTA, BYTES("\x00\x01\x02"), ESPHOME_NO, "", "" },
	{ ESPHOME_OTA, BYTES("\x00\x03"), ESPHOME_NO, "", "" },
};

static void
each_answer_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct esphome_sign sign;

		assert_int_equal(esphome_judge(table[i].question, table[i].data,
				     table[i].len, &sign),
		    table[i].verdict);
		assert_string_equal(sign.version, table[i].version);
		assert_non_null(strstr(sign.how, table[i].how));
	}
}

/* However it is cut into pieces, it is no before it is yes. */
static void
a_part_of_an_answer_asks_for_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct esphome_sign sign;

		if (table[i].verdict != ESPHOME_YES ||
		    table[i].question == ESPHOME_WEB ||
		    table[i].question == ESPHOME_EVENTS)
			continue;
		for (size_t n = 0; n < table[i].len; n++)
			assert_int_equal(esphome_judge(table[i].question,
					     table[i].data, n, &sign),
			    ESPHOME_MORE);
	}
}

/* The length that the frame tells is that of what it has. */
static void
the_hello_is_one_whole_frame(void **state)
{
	const struct esphome_ask *ask = esphome_ask(ESPHOME_API);

	(void)state;
	assert_int_equal(ask->data[0], 0);
	assert_int_equal(ask->data[1], ask->len - 3);
	assert_int_equal(ask->data[2], 1);
	assert_int_equal(esphome_ask(ESPHOME_OTA)->len, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_is_judged),
		cmocka_unit_test(a_part_of_an_answer_asks_for_more),
		cmocka_unit_test(the_hello_is_one_whole_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
