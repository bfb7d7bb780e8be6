/* SPDX-License-Identifier: ISC */
/* Texts in answers of a Tasmota that are no JSON, at every limit. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/tasmota/tasmota_raw.h"

#include "unit/test.h"

#define SEEN 60 /* bytes of what was read, which is cut somewhere */
#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10

/* The bytes alone, so that a read behind them is noticed; a blank before. */
static char *
copy_bytes(const char *text, char **owner)
{
	size_t len = strlen(text);

	*owner = xcalloc(len + 1, 1);
	**owner = ' ';
	return memcpy(*owner + 1, text, len);
}

TEST(an_answer_is_whole_from_brace_to_brace)
{
	static const struct {
		const char *body;
		bool whole;
	} cases[] = {
		{ "", false },
		{ " ", false },
		{ "\r\n", false },
		{ "{", false },
		{ "}", false },
		{ "{}", true },
		{ "{} \r\n", true },
		{ "{\"a\":1}", true },
		{ "{\"a\":1", false },
		{ "{\"a\":1 \n", false },
		{ "\"a\":1}", false },
		{ " {}", false },
		{ "[}", false },
		{ "{]", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *owner, *body = copy_bytes(cases[i].body, &owner);

		if (tasmota_raw_is_whole(body, strlen(cases[i].body)) !=
		    cases[i].whole)
			fail_msg("%s", cases[i].body);
		free(owner);
	}
}

/* NULL for what was read: the name is not there, and nothing is noted. */
static const struct {
	const char *kept;
	bool escapes;
	const char *body;
	enum tasmota_taken taken;
	const char *got;
} cases[] = {
	{ "Hall", false, "{\"N\":\"Hall\"}", TASMOTA_TAKEN, "Hall\"}" },
	{ "Hall", false, "{\"N\":\"Hall\",\"x\":1}", TASMOTA_TAKEN,
	    "Hall\",\"x\":1}" },
	{ "Hall", false, "{\"x\":1,\"N\":\"Hall\"}", TASMOTA_TAKEN, "Hall\"}" },
	{ "", false, "{\"N\":\"\"}", TASMOTA_TAKEN, "\"}" },
	{ "Hall", false, "{\"N\":\"Hall\"]", TASMOTA_NOT_TAKEN, "Hall\"]" },
	{ "Hall", false, "{\"N\":\"Hall'}", TASMOTA_NOT_TAKEN, "Hall'}" },
	{ "Hall", false, "{\"N\":\"Hall\"", TASMOTA_NOT_TAKEN, "Hall\"" },
	{ "Hall", false, "{\"N\":\"Hall", TASMOTA_NOT_TAKEN, "Hall" },
	{ "Hall", false, "{\"N\":\"Hal", TASMOTA_NOT_TAKEN, "Hal" },
	{ "Hall", false, "{\"N\":\"", TASMOTA_NOT_TAKEN, "" },
	{ "Hall", false, "{\"N\":\"Halls\"}", TASMOTA_NOT_TAKEN, "Halls\"}" },
	{ "Hall", false, "{\"N\":\"Ball\"}", TASMOTA_NOT_TAKEN, "Ball\"}" },
	{ "Hall", false, "{\"N\":\"Hal\"}", TASMOTA_NOT_TAKEN, "Hal\"}" },
	{ "Hall", false, "{\"M\":\"Hall\"}", TASMOTA_UNCLEAR, NULL },
	{ "Hall", false, "{\"N\":1}", TASMOTA_UNCLEAR, NULL },
	{ "Hall", false, "", TASMOTA_UNCLEAR, NULL },
	/* Quotation marks and backslashes, without escapes and with them. */
	{ "a\"b", false, "{\"N\":\"a\"b\"}", TASMOTA_TAKEN, "a\"b\"}" },
	{ "a\"b", false, "{\"N\":\"a\\\"b\"}", TASMOTA_NOT_TAKEN,
	    "a\\\\\"b\"}" },
	{ "a\"b", true, "{\"N\":\"a\\\"b\"}", TASMOTA_TAKEN, "a\\\\\"b\"}" },
	{ "a\"b", true, "{\"N\":\"a\"b\"}", TASMOTA_NOT_TAKEN, "a\"b\"}" },
	{ "a\\b", true, "{\"N\":\"a\\\\b\"}", TASMOTA_TAKEN, "a\\\\\\\\b\"}" },
	{ "a\\b", false, "{\"N\":\"a\\b\"}", TASMOTA_TAKEN, "a\\\\b\"}" },
	{ "\"\\\"", true, "{\"N\":\"\\\"\\\\\\\"\"}", TASMOTA_TAKEN,
	    "\\\\\"\\\\\\\\\\\\\"\"}" },
	/* Cut behind 101 letters at least, with up to 6 that mark it. */
	{ A100 "abc", false, "{\"N\":\"" A100 " ..}", TASMOTA_NOT_TAKEN,
	    A100 " ..}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a ..}", TASMOTA_UNCLEAR,
	    A100 "a ..}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a", TASMOTA_UNCLEAR, A100 "a" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a}", TASMOTA_UNCLEAR,
	    A100 "a}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a ....}", TASMOTA_UNCLEAR,
	    A100 "a ....}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a .....}", TASMOTA_NOT_TAKEN,
	    A100 "a .....}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a! ..}", TASMOTA_NOT_TAKEN,
	    A100 "a! ..}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "a ..!", TASMOTA_NOT_TAKEN,
	    A100 "a ..!" },
	{ A100 "abc", false, "{\"N\":\"" A100 "abc ..}", TASMOTA_UNCLEAR,
	    A100 "abc ..}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "abc\"}", TASMOTA_TAKEN,
	    A100 "abc\"}" },
	{ A100 "abc", false, "{\"N\":\"" A100 "abc\"", TASMOTA_NOT_TAKEN,
	    A100 "abc\"" },
};

TEST(a_text_is_compared_byte_by_byte)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_verdict verdict = { .taken = TASMOTA_UNCLEAR };
		char *owner, *body = copy_bytes(cases[i].body, &owner);
		const char *got = cases[i].got != NULL ? cases[i].got : "";

		tasmota_raw_compare("N", cases[i].kept, cases[i].escapes, body,
		    strlen(cases[i].body), &verdict);
		if (verdict.taken != cases[i].taken ||
		    strncmp(verdict.got, got, SEEN) != 0)
			fail_msg("row %zu, %s: %d, %s", i, cases[i].body,
			    verdict.taken, verdict.got);
		free(owner);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
