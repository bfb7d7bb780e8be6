/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "core/control/ctlproto.h"

static int
parse(const char *line)
{
	/* Without its end: a sanitizer sees one byte too far. */
	size_t len = strlen(line);
	char *block = xcalloc(len > 0 ? len : 1, 1);
	struct ctl_request request;
	struct error err;
	bool ok;

	memcpy(block, line, len);
	ok = ctl_request_parse(block, len, &request, &err);
	free(block);
	if (!ok)
		return err.code;
	ctl_request_fini(&request);
	return 0;
}

static void
requests_are_read_strictly(void **unused)
{
	static const struct {
		const char *line;
		int code;
	} cases[] = {
		{ "{\"v\":1,\"do\":\"status\"}", 0 },
		{ "{\"v\":1,\"do\":\"status\",\"args\":{}}", 0 },
		{ " {\"v\":1,\"do\":\"status\"} \r", 0 },
		{ "{\"v\":1,\"do\":\"status\",\"note\":[{}]}", 0 },
		{ "{\"v\":1,\"do\":\"show\",\"args\":{\"id\":\"a\"}}", 0 },
		{ "{\"v\":1,\"do\":\"flash\",\"args\":{\"id\":\"a\","
		  "\"image\":\"x.bin\",\"again\":true}}",
		    0 },
		{ "{\"v\":1,\"do\":\"flash\",\"args\":{\"id\":\"a\","
		  "\"again\":false}}",
		    0 },
		{ "", EPROTO },
		{ "[]", EPROTO },
		{ "status", EPROTO },
		{ "{\"v\":1,\"do\":\"status\"}x", EPROTO },
		{ "{\"v\":1,\"do\":\"status\"}{}", EPROTO },
		{ "{\"v\":1,\"do\":\"status\",\"do\":\"reload\"}", EPROTO },
		{ "{\"do\":\"status\"}", EPROTO },
		{ "{\"v\":\"1\",\"do\":\"status\"}", EPROTO },
		{ "{\"v\":2,\"do\":\"status\"}", EPROTONOSUPPORT },
		{ "{\"v\":1}", EPROTO },
		{ "{\"v\":1,\"do\":7}", EPROTO },
		{ "{\"v\":1,\"do\":\"stat\"}", EOPNOTSUPP },
		{ "{\"v\":1,\"do\":\"\\u0000\"}", EPROTO },
		{ "{\"v\":1,\"do\":\"status\",\"args\":[]}", EPROTO },
		{ "{\"v\":1,\"do\":\"status\",\"args\":{\"id\":\"a\"}}",
		    EINVAL },
		{ "{\"v\":1,\"do\":\"show\"}", EINVAL },
		{ "{\"v\":1,\"do\":\"show\",\"args\":{\"id\":1}}", EINVAL },
		{ "{\"v\":1,\"do\":\"show\",\"args\":{\"id\":null}}", EINVAL },
		{ "{\"v\":1,\"do\":\"flash\",\"args\":{\"id\":\"a\","
		  "\"again\":\"yes\"}}",
		    EINVAL },
		{ "{\"v\":1,\"do\":\"status\",\"x\":\"\xff\"}", EPROTO },
		{ "{\"a\":[[[[[[[[]]]]]]]]}", EPROTO },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (parse(cases[i].line) != cases[i].code)
			fail_msg("%s: %d", cases[i].line, parse(cases[i].line));
}

static void
what_a_request_asks_for_is_handed_on(void **unused)
{
	static const char line[] = "{\"v\":1,\"do\":\"flash\",\"args\":{"
				   "\"id\":\"a\",\"again\":true}}";
	struct ctl_request request;
	struct error err;

	(void)unused;
	assert_true(ctl_request_parse(line, strlen(line), &request, &err));
	assert_string_equal(ctl_arg_text(request.args, "id"), "a");
	assert_null(ctl_arg_text(request.args, "image"));
	assert_true(ctl_arg_flag(request.args, "again"));
	assert_false(ctl_arg_flag(request.args, "id"));
	ctl_request_fini(&request);
	assert_null(request.args);
	assert_null(request.command);
}

static void
an_argument_too_many_is_told_with_those_that_there_are(void **unused)
{
	static const struct {
		const char *line, *told;
	} cases[] = {
		{ "{\"v\":1,\"do\":\"status\",\"args\":{\"x\":1}}",
		    "it takes: none" },
		{ "{\"v\":1,\"do\":\"show\",\"args\":{\"id\":\"a\","
		  "\"x\":1}}",
		    "it takes: id" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ctl_request request;
		struct error err;

		assert_false(ctl_request_parse(
		    cases[i].line, strlen(cases[i].line), &request, &err));
		assert_int_equal(err.code, EINVAL);
		assert_non_null(strstr(err.text, cases[i].told));
	}
}

static void
size_and_depth_are_bounded(void **unused)
{
	static const char head[] = "{\"v\":1,\"do\":\"status\",\"x\":\"";
	char *line = xcalloc(1, CTL_MAX_LINE + 2);

	(void)unused;
	memset(line, ' ', CTL_MAX_LINE + 1);
	memcpy(line, head, sizeof(head) - 1);
	memcpy(line + CTL_MAX_LINE - 2, "\"}", 2);
	assert_int_equal(parse(line), EMSGSIZE);
	line[CTL_MAX_LINE] = '\0';
	assert_int_equal(parse(line), 0);

	memset(line, '[', CTL_MAX_LINE);
	assert_int_equal(parse(line), EPROTO);
	free(line);

	/* Brackets inside of a string are no nesting. */
	assert_int_equal(parse("{\"v\":1,\"do\":\"status\","
			       "\"x\":\"[[[[[[[[[\\\"[[[[[[[[\"}"),
	    0);
}

static void
a_long_argument_is_refused(void **unused)
{
	char text[CTL_MAX_TEXT + 2];
	struct ctl_request request;
	struct error err;

	(void)unused;
	memset(text, 'a', sizeof(text));
	for (size_t len = CTL_MAX_TEXT; len <= CTL_MAX_TEXT + 1; len++) {
		json_auto_t *root = ctl_request_new(
		    CTL_SHOW, json_pack("{s:s%}", "id", text, len));
		char *line = json_dumps(root, JSON_COMPACT);
		bool ok = ctl_request_parse(line, strlen(line), &request, &err);

		assert_int_equal(ok, len <= CTL_MAX_TEXT);
		if (ok)
			ctl_request_fini(&request);
		else
			assert_int_equal(err.code, EMSGSIZE);
		free(line);
	}
}

/* Holds for commands that are not written yet. */
static void
every_command_can_be_asked(void **unused)
{
	(void)unused;
	for (enum ctl_id id = 0; id < CTL_COUNT; id++) {
		const struct ctl_command *command = ctl_command_get(id);
		struct ctl_request request;
		struct error err;
		json_auto_t *root = ctl_request_new(id,
		    strncmp(command->args, "id", 2) == 0
			? json_pack("{s:s}", "id", "1000a05bf6")
			: NULL);
		char *line = json_dumps(root, JSON_COMPACT);

		assert_ptr_equal(ctl_command_find(command->word), command);
		assert_true(
		    ctl_request_parse(line, strlen(line), &request, &err));
		assert_ptr_equal(request.command, command);
		assert_true(json_is_object(request.args));
		ctl_request_fini(&request);
		free(line);
	}
}

static void
answers_keep_their_fixed_keys(void **unused)
{
	struct error err;
	json_auto_t *done =
	    ctl_done_new(json_pack("{s:b,s:i}", "ok", 0, "n", 3));
	json_auto_t *failed = NULL, *odd = NULL;

	(void)unused;
	assert_true(json_is_true(json_object_get(done, "ok")));
	assert_int_equal(json_integer_value(json_object_get(done, "n")), 3);

	error_set(&err, ENOENT, "x: no such device");
	failed = ctl_fail_new(&err, json_pack("{s:[]}", "problems"));
	assert_true(json_is_false(json_object_get(failed, "ok")));
	assert_string_equal(
	    json_string_value(json_object_get(failed, "code")), "ENOENT");
	assert_true(json_is_array(json_object_get(failed, "problems")));

	error_set(&err, 4711, "%s", "\xff");
	odd = ctl_fail_new(&err, NULL);
	assert_string_equal(
	    json_string_value(json_object_get(odd, "code")), "EIO");
	assert_int_equal(ctl_code_find("ENOENT"), ENOENT);
	assert_int_equal(ctl_code_find("EWHAT"), EIO);
}

static void
the_meant_word_is_suggested(void **unused)
{
	static const char *const words[] = { "status", "devices", "show",
		"plan", "pause", "resume", "reload", "retry" };
	static const char *const ever_closer[] = { "abcdefyy", "abcdefgy",
		"abcdefgz", "abcdefgh" };
	static const struct {
		const char *typed, *meant;
	} cases[] = {
		{ "stauts", "status" }, { "STATSU", "status" },
		{ "device", "devices" }, { "devcies", "devices" },
		{ "plann", "plan" }, { "relaod", "reload" },
		{ "pasue", "pause" }, { "xyz", NULL }, { "", NULL },
		{ "s", NULL }, { "approve", NULL },
		{ "stxyz", NULL }, /* three slips are too many for five */
		{ "pl", NULL }, { "pln", "plan" }, { "p", NULL },
		{ "re", NULL }, /* a tie */
	};
	const char *close[3] = { NULL, NULL, "untouched" };
	size_t found = 99;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = suggest_word(cases[i].typed, words, 8);

		if (cases[i].meant == NULL)
			assert_null(got);
		else
			assert_string_equal(got, cases[i].meant);
	}
	assert_int_equal(suggest_words("rtesume", words, 8, close, 2), 1);
	assert_string_equal(close[0], "resume");
	assert_int_equal(suggest_words("relume", words, 8, close, 2), 1);
	assert_int_equal(suggest_words("pau", words, 8, close, 2), 2);
	assert_int_equal(suggest_words("rexxz", words, 8, close, 2), 0);
	assert_int_equal(
	    suggest_words("abcdefgx", ever_closer, 3, close, 2), 2);
	assert_string_equal(close[0], "abcdefgy");
	assert_string_equal(close[1], "abcdefgz");
	assert_int_equal(
	    suggest_words("abcdefgx", ever_closer, 4, close, 2), 3);
	assert_string_equal(close[2], "untouched");
	assert_int_equal(suggest_complete("d", words, 8, &found), 1);
	assert_int_equal(found, 1);
	assert_int_equal(suggest_complete("p", words, 8, &found), 2);
	assert_int_equal(suggest_complete("re", words, 8, &found), 3);
	assert_int_equal(suggest_complete("Show", words, 8, &found), 1);
	assert_int_equal(suggest_complete("shows", words, 8, &found), 0);
	assert_int_equal(suggest_distance("ab", "ba"), 1);
	assert_int_equal(suggest_distance("", "abc"), 3);
	assert_int_equal(suggest_distance("bcdefghijklmnopqrstuvwxyz012345!",
			     "abcdefghijklmnopqrstuvwxyz012345"),
	    2);
}

/* Eight deep is deep enough, whatever it is made of. */
static void
nesting_has_its_limit(void **unused)
{
	static const struct {
		const char *note;
		int code;
	} cases[] = {
		{ "[[[[[[[]]]]]]]", 0 },
		{ "[[[[[[[[]]]]]]]]", EPROTO },
		{ "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}", 0 },
		{ "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}",
		    EPROTO },
		{ "[[],[],[],[],[],[],[],[],[],{},{},{}]", 0 },
		{ "\"[[[[[[[[[[{{{{{{{{{\"", 0 },
		{ "\"\\\"[[[[[[[[[[{{{{{{{{{\"", 0 },
		{ "[\"]\",[[[[[[]]]]]]]", 0 },
		{ "[\"]\",[[[[[[[]]]]]]]]", EPROTO },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *line = xasprintf(
		    "{\"v\":1,\"do\":\"status\",\"note\":%s}", cases[i].note);

		print_message("  %s\n", cases[i].note);
		assert_int_equal(parse(line), cases[i].code);
		free(line);
	}
}

static void
each_code_has_its_name(void **unused)
{
	static const struct {
		int code;
		const char *name;
	} cases[] = {
#define X(code) { code, #code }
		X(EPERM),
		X(ENOENT),
		X(EINVAL),
		X(EALREADY),
		X(EAGAIN),
		X(EBUSY),
		X(EPROTO),
		X(EMSGSIZE),
		X(EPROTONOSUPPORT),
		X(EOPNOTSUPP),
		X(ESHUTDOWN),
		X(EACCES),
		X(EEXIST),
		X(ENOSPC),
		X(EROFS),
		X(EIO),
#undef X
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(
		    ctl_code_name(cases[i].code), cases[i].name);
		assert_int_equal(ctl_code_find(cases[i].name), cases[i].code);
	}
	assert_string_equal(ctl_code_name(EXDEV), "EIO");
	assert_int_equal(ctl_code_find("EXDEV"), EIO);
}

static void
what_an_argument_must_be_is_said(void **unused)
{
	static const char *const cases[][2] = {
		{ "{\"v\":1,\"do\":\"show\",\"args\":{\"id\":1}}",
		    "argument id is not a string" },
		{ "{\"v\":1,\"do\":\"flash\",\"args\":{\"id\":\"a\","
		  "\"again\":\"yes\"}}",
		    "argument again is not a boolean" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ctl_request request;
		struct error err;

		assert_false(ctl_request_parse(
		    cases[i][0], strlen(cases[i][0]), &request, &err));
		assert_string_equal(err.text, cases[i][1]);
	}
}

static void
slips_are_counted(void **unused)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{ "", "", 0 },
		{ "a", "", 1 },
		{ "", "ab", 2 },
		{ "abc", "abc", 0 },
		{ "abc", "ABC", 0 },
		{ "abc", "abd", 1 },
		{ "abc", "ab", 1 },
		{ "bc", "abc", 1 },
		{ "ab", "ba", 1 },
		{ "abcd", "acbd", 1 },
		{ "abcd", "badc", 2 },
		{ "ca", "abc", 3 },
		{ "kitten", "sitting", 3 },
		{ "abcdef", "ghijkl", 6 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b),
		    cases[i].distance);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a),
		    cases[i].distance);
	}
}

static void
a_word_is_meant_that_is_the_nearest_alone(void **unused)
{
	static const char *const words[] = { "status", "devices", "plan",
		"pause", "history", "monitor", "resume" };
	const size_t count = sizeof(words) / sizeof(words[0]);
	static const char *const cases[][2] = {
		{ "status", "status" },
		{ "stauts", "status" },
		{ "statu", "status" },
		{ "sttu", "status" }, /* two slips of four letters */
		{ "devcie", "devices" },
		{ "stxxxs", NULL },
		{ "plan", "plan" },
		{ "pl", NULL }, /* as many slips as letters */
		{ "historical", NULL },
		{ "histories", "history" }, /* three of nine */
		{ "pause", "pause" },
		{ "xyz", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *found = suggest_word(cases[i][0], words, count);

		print_message("  %s\n", cases[i][0]);
		if (cases[i][1] == NULL)
			assert_null(found);
		else
			assert_string_equal(found, cases[i][1]);
	}
	/* Of two that are as near none is. */
	assert_null(
	    suggest_word("pan", (const char *const[]){ "pin", "pen" }, 2));
}

static void
a_beginning_is_completed_where_one_fits(void **unused)
{
	static const char *const ids[] = { "1000a05bf6", "1000a05bf7",
		"1000b00001", "1000a0" };
	size_t found = 99;

	(void)unused;
	assert_int_equal(suggest_complete("1000b", ids, 4, &found), 1);
	assert_int_equal(found, 2);
	assert_int_equal(suggest_complete("1000A05BF6", ids, 4, &found), 1);
	assert_int_equal(found, 0);
	assert_int_equal(suggest_complete("1000a05", ids, 4, &found), 2);
	assert_int_equal(suggest_complete("1000a0", ids, 4, &found), 1);
	assert_int_equal(found, 3);
	assert_int_equal(suggest_complete("2", ids, 4, &found), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read_strictly),
		cmocka_unit_test(what_a_request_asks_for_is_handed_on),
		cmocka_unit_test(
		    an_argument_too_many_is_told_with_those_that_there_are),
		cmocka_unit_test(size_and_depth_are_bounded),
		cmocka_unit_test(a_long_argument_is_refused),
		cmocka_unit_test(every_command_can_be_asked),
		cmocka_unit_test(answers_keep_their_fixed_keys),
		cmocka_unit_test(the_meant_word_is_suggested),
		cmocka_unit_test(nesting_has_its_limit),
		cmocka_unit_test(each_code_has_its_name),
		cmocka_unit_test(what_an_argument_must_be_is_said),
		cmocka_unit_test(slips_are_counted),
		cmocka_unit_test(a_word_is_meant_that_is_the_nearest_alone),
		cmocka_unit_test(a_beginning_is_completed_where_one_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
