/* SPDX-License-Identifier: ISC */
/* JSON from a stranger: what is read of it, and what becomes of odd bytes. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/json/strictjson.h"

#include "unit/test.h"

#define MAX 60

enum how { STRICT, LAX, BYTES, PLAIN_BYTES };

/* From a block of its own: a sanitizer sees one byte too far. */
static json_t *
load_as(enum how how, const char *text, size_t len, struct error *err)
{
	char *block = xcalloc(len > 0 ? len : 1, 1);
	json_t *root;

	memcpy(block, text, len);
	root = how == STRICT ? strictjson_load(block, len, MAX, err)
	    : how == LAX
	    ? strictjson_load_lax(block, len, MAX, err)
	    : strictjson_load_bytes(block, len, MAX, how == BYTES, err);
	free(block);
	return root;
}

/* The string under "a", or else what is wrong, is what it should be. */
static void
assert_reads(enum how how, const char *text, size_t len, const char *want,
    const char *why)
{
	struct error err = { 0 };
	json_auto_t *root = load_as(how, text, len, &err);
	const json_t *string = json_object_get(root, "a");
	char *got = how >= BYTES     ? strictjson_bytes(string)
	    : json_is_string(string) ? xstrdup(json_string_value(string))
				     : NULL;

	if (why != NULL) {
		assert_null(root);
		assert_int_not_equal(err.code, 0);
		if (strstr(err.text, why) == NULL)
			fail_msg("%s: %s", text, err.text);
	} else if (want == NULL) {
		assert_non_null(root);
		assert_null(got);
	} else {
		assert_non_null(got);
		assert_string_equal(got, want);
	}
	free(got);
}

static const struct {
	enum how how;
	const char *text, *want, *why;
} cases[] = {
	{ STRICT, "{\"a\":\"b\"}", "b", NULL },
	{ STRICT, "{\"a\":1}", NULL, NULL },
	{ STRICT, "[\"a\"]", NULL, "JSON, but no object" },
	{ STRICT, "{\"a\":\"b\"", NULL, "not JSON: " },
	{ STRICT, "", NULL, "not JSON, but nothing at all" },
	{ BYTES, " \r\n", NULL, "not JSON, but nothing at all" },
	{ STRICT, "<html>", NULL, "not JSON, but a web page" },
	{ BYTES, "\r\n <html>", NULL, "not JSON, but a web page" },
	{ STRICT, "{\"a\":\"b\",\"a\":\"c\"}", NULL, "not JSON: " },
	{ LAX, "{\"a\":\"b\",\"a\":\"c\"}", "c", NULL },
	{ BYTES, "{\"a\":\"b\",\"a\":\"c\"}", "c", NULL },
	/* what is no printable ASCII */
	{ STRICT, "{\"a\":\"\x1f !~\x7f\x80\xff\"}", "  !~???", NULL },
	{ STRICT, "\r\n{\t\"a\"\x01:\"b\"}", "b", NULL },
	{ BYTES, "\r\n{\t\"a\"\x1f:\"b\"}", "b", NULL },
	{ BYTES, "{\"a\"\x7f:\"b\"}", NULL, "near '?'" },
	{ BYTES, "{\"a\"\x80:\"b\"}", NULL, "near '?'" },
	/* eight levels, brackets in strings are none */
	{ STRICT, "[[[[[[[[]]]]]]]]", NULL, "JSON, but no object" },
	{ STRICT, "[[[[[[[[", NULL, "not JSON: " },
	{ STRICT, "[[[[[[[[[]]]]]]]]]", NULL, "more than 8 levels deep" },
	{ STRICT, "{\"a\":{\"a\":{\"a\":{\"a\":[[[[[", NULL, "8 levels" },
	{ STRICT, "{\"a\":\"[[[[[[[[[{{{{{{{{{\"}", "[[[[[[[[[{{{{{{{{{",
	    NULL },
	{ STRICT, "{\"a\":\"\\\"[[[[[[[[[\"}", "\"[[[[[[[[[", NULL },
	{ STRICT, "{\"b\":[[],[],[],[],[],[],[],{}],\"a\":\"b\"}", "b", NULL },
	{ STRICT, "{\"b\":\"]]]\",\"c\":[[[[[[[[]]]]]]]]}", NULL, "8 levels" },
	/* escapes, where the sender has them */
	{ BYTES, "{\"a\":\"b\\\"c\\\\\"}", "b\"c\\", NULL },
	{ BYTES, "{\"a\":\"\\\\\",\"b\":1}", "\\", NULL },
	{ BYTES, "{\"a\":\"\\\"\xfc\"}", "\"\xfc", NULL },
	{ BYTES, "{\"a\":\"\\u00fc\\u0041\"}",
	    "\xfc"
	    "A",
	    NULL },
	{ BYTES, "{\"a\":\"\\u20ac\\u0100\"}", "\xe2\x82\xac\xc4\x80", NULL },
	{ PLAIN_BYTES, "{\"a\":\"b\\\",\"c\":1}", "b\\", NULL },
	{ PLAIN_BYTES, "{\"a\":\"\\n\\\\\"}", "\\n\\\\", NULL },
};

TEST(each_text_is_read_or_refused)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_reads(cases[i].how, cases[i].text, strlen(cases[i].text),
		    cases[i].want, cases[i].why);
}

TEST(a_zero_byte_is_a_blank_or_refused)
{
	static const char text[] = "{\"a\":\"b\0c\"}";

	assert_reads(STRICT, text, sizeof(text) - 1, "b c", NULL);
	assert_reads(BYTES, text, sizeof(text) - 1, NULL, "a zero byte");
}

TEST(a_text_has_its_longest)
{
	char text[MAX + 2];

	memset(text, ' ', sizeof(text));
	memcpy(text, "{\"a\":\"b\"}", 9);
	for (enum how how = STRICT; how <= PLAIN_BYTES; how++) {
		assert_reads(how, text, MAX, "b", NULL);
		assert_reads(
		    how, text, MAX + 1, NULL, "more than 60 bytes of JSON");
	}
}

/* As many of it as fit: each byte may become six. */
TEST(each_byte_of_a_string_is_kept)
{
	for (unsigned byte = 1; byte < 256; byte++) {
		char text[MAX] = "{\"a\":\"", want[MAX] = "";

		if (byte == '"')
			continue;
		memset(text + 6, (int)byte, 40);
		memcpy(text + 46, "\"}", 2);
		memset(want, (int)byte, 40);
		assert_reads(PLAIN_BYTES, text, 48, want, NULL);
		if (byte != '\\')
			assert_reads(BYTES, text, 48, want, NULL);
	}
}

TEST(what_is_no_string_has_no_bytes)
{
	json_auto_t *number = json_integer(1);

	assert_null(strictjson_bytes(NULL));
	assert_null(strictjson_bytes(number));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
