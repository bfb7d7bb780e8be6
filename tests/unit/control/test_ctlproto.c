/* SPDX-License-Identifier: ISC */
/* The requests of reflashctl: which are read, and how others are refused. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "core/control/ctlproto.h"

#include "unit/test.h"

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

TEST(requests_are_read_strictly)
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

	for (size_t i = 0; i < COUNT(cases); i++)
		if (parse(cases[i].line) != cases[i].code)
			fail_msg("%s: %d", cases[i].line, parse(cases[i].line));
}

TEST(what_a_request_asks_for_is_handed_on)
{
	static const char line[] = "{\"v\":1,\"do\":\"flash\",\"args\":{"
				   "\"id\":\"a\",\"again\":true}}";
	struct ctl_request request;
	struct error err;

	assert_true(ctl_request_parse(line, strlen(line), &request, &err));
	assert_string_equal(ctl_arg_text(request.args, "id"), "a");
	assert_null(ctl_arg_text(request.args, "image"));
	assert_true(ctl_arg_flag(request.args, "again"));
	assert_false(ctl_arg_flag(request.args, "id"));
	ctl_request_fini(&request);
	assert_null(request.args);
	assert_null(request.command);
}

TEST(an_argument_too_many_is_told_with_those_that_there_are)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ctl_request request;
		struct error err;

		assert_false(ctl_request_parse(
		    cases[i].line, strlen(cases[i].line), &request, &err));
		assert_int_equal(err.code, EINVAL);
		assert_contains(err.text, cases[i].told);
	}
}

TEST(size_and_depth_are_bounded)
{
	static const char head[] = "{\"v\":1,\"do\":\"status\",\"x\":\"";
	char *line = xcalloc(1, CTL_MAX_LINE + 2);

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

TEST(a_long_argument_is_refused)
{
	char text[CTL_MAX_TEXT + 2];
	struct ctl_request request;
	struct error err;

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

/* Return the arguments that a command needs, and no others. */
static json_t *
needed_arguments(const struct ctl_command *command)
{
	static const struct {
		const char *name, *value;
	} texts[] = { { "id", "1000a05bf6" }, { "name", "a.bin" },
		{ "sha256", "5c1a" } };
	json_t *args = json_object();
	char words[64];

	snprintf(words, sizeof(words), " %s ", command->args);
	for (size_t i = 0; i < COUNT(texts); i++) {
		char word[16];

		snprintf(word, sizeof(word), " %s ", texts[i].name);
		if (strstr(words, word) != NULL)
			json_object_set_new(
			    args, texts[i].name, json_string(texts[i].value));
	}
	if (strstr(words, " size ") != NULL)
		json_object_set_new(args, "size", json_integer(1));
	return args;
}

/* Holds for commands that are not written yet. */
TEST(every_command_can_be_asked)
{
	for (enum ctl_id id = 0; id < CTL_COUNT; id++) {
		const struct ctl_command *command = ctl_command_get(id);
		struct ctl_request request;
		struct error err;
		json_auto_t *root =
		    ctl_request_new(id, needed_arguments(command));
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

TEST(answers_keep_their_fixed_keys)
{
	struct error err;
	json_auto_t *done =
	    ctl_done_new(json_pack("{s:b,s:i}", "ok", 0, "n", 3));
	json_auto_t *failed = NULL, *odd = NULL;

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

TEST(the_meant_word_is_suggested)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
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
TEST(nesting_has_its_limit)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *line = xasprintf(
		    "{\"v\":1,\"do\":\"status\",\"note\":%s}", cases[i].note);

		print_message("  %s\n", cases[i].note);
		assert_int_equal(parse(line), cases[i].code);
		free(line);
	}
}

TEST(each_code_has_its_name)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(
		    ctl_code_name(cases[i].code), cases[i].name);
		assert_int_equal(ctl_code_find(cases[i].name), cases[i].code);
	}
	assert_string_equal(ctl_code_name(EXDEV), "EIO");
	assert_int_equal(ctl_code_find("EXDEV"), EIO);
}

TEST(what_an_argument_must_be_is_said)
{
	static const char *const cases[][2] = {
		{ "{\"v\":1,\"do\":\"show\",\"args\":{\"id\":1}}",
		    "argument id is not a string" },
		{ "{\"v\":1,\"do\":\"flash\",\"args\":{\"id\":\"a\","
		  "\"again\":\"yes\"}}",
		    "argument again is not a boolean" },
		{ "{\"v\":1,\"do\":\"image-add\",\"args\":{\"name\":\"a\","
		  "\"sha256\":\"\",\"size\":\"1\"}}",
		    "argument size is not a whole number" },
		{ "{\"v\":1,\"do\":\"image-add\",\"args\":{\"name\":\"a\","
		  "\"sha256\":\"\",\"size\":1.5}}",
		    "argument size is not a whole number" },
		{ "{\"v\":1,\"do\":\"image-add\",\"args\":{\"name\":\"a\"}}",
		    "image-add needs the argument sha256" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ctl_request request;
		struct error err;

		assert_false(ctl_request_parse(
		    cases[i][0], strlen(cases[i][0]), &request, &err));
		assert_string_equal(err.text, cases[i][1]);
	}
}

TEST(numbers_texts_and_flags_of_a_request_are_found)
{
	static const char line[] =
	    "{\"v\":1,\"do\":\"image-add\",\"args\":{\"name\":\"a.bin\","
	    "\"sha256\":\"5c1a\",\"size\":504848,\"replace\":true}}";
	struct ctl_request request;
	struct error err;

	assert_true(ctl_request_parse(line, strlen(line), &request, &err));
	assert_int_equal(request.command->id, CTL_IMAGE_ADD);
	assert_true(request.command->admin);
	assert_string_equal(ctl_arg_text(request.args, "name"), "a.bin");
	assert_int_equal(ctl_arg_number(request.args, "size"), 504848);
	assert_int_equal(ctl_arg_number(request.args, "name"), 0);
	assert_true(ctl_arg_flag(request.args, "replace"));
	ctl_request_fini(&request);
}

TEST(slips_are_counted)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b),
		    cases[i].distance);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a),
		    cases[i].distance);
	}
}

TEST(a_word_is_meant_that_is_the_nearest_alone)
{
	static const char *const words[] = { "status", "devices", "plan",
		"pause", "history", "monitor", "resume" };
	const size_t count = COUNT(words);
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

	for (size_t i = 0; i < COUNT(cases); i++) {
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

TEST(a_beginning_is_completed_where_one_fits)
{
	static const char *const ids[] = { "1000a05bf6", "1000a05bf7",
		"1000b00001", "1000a0" };
	size_t found = 99;

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
	return cmocka_run_group_tests(tests, NULL, NULL);
}
