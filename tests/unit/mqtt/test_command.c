/* SPDX-License-Identifier: ISC */
/* Which commands from the broker are carried out, and why the others are not.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "mqtt/message/command.h"

#include "unit/test.h"

#define SHA	"5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"
#define APPROVE "{\"do\":\"approve\",\"sha256\":\"" SHA "\"}"
#define NOON	1769860800 /* 2026-01-31T12:00:00Z */

static const struct command_rules for_device = {
	.is_for_device = true, .allowed = COMMAND_ALL, .now = NOON
};
static const struct command_rules for_daemon = { .allowed = COMMAND_ALL,
	.now = NOON };

TEST(a_command_that_is_right_is_read)
{
	struct command command;
	struct error err;

	assert_true(command_parse(
	    APPROVE, strlen(APPROVE), &for_device, &command, &err));
	assert_int_equal(command.verb, COMMAND_APPROVE);
	assert_string_equal(command.sha256, SHA);
	assert_string_equal(command.transaction, "");
}

TEST(commands_that_are_wrong_say_why)
{
	static const struct {
		const char *payload;
		bool is_for_daemon;
		int code; /* 0: it is right */
		const char *why;
	} rows[] = {
		{ "{\"do\":\"cancel\",\"transaction\":\"x\"}", false, 0, NULL },
		{ "{\"do\":\"pause\"}", true, 0, NULL },
		{ "", false, EINVAL, "not a JSON object" },
		{ "approve", false, EINVAL, "not a JSON object" },
		{ "[]", false, EINVAL, "not a JSON object" },
		{ "{\"do\":\"cancel\"", false, EINVAL, "not a JSON object" },
		{ "{\"do\":\"cancel\",\"do\":\"approve\"}", false, EINVAL,
		    "not a JSON object" },
		{ "{}", false, EINVAL, "\"do\" is missing" },
		{ "{\"do\":1}", false, EINVAL, "\"do\"" },
		{ "{\"do\":\"explode\"}", false, EOPNOTSUPP,
		    "explode: there is no such command" },
		{ "{\"do\":\"forget\"}", false, EOPNOTSUPP, "no such command" },
		{ "{\"do\":\"approve\"}", false, EINVAL, "needs \"sha256\"" },
		{ "{\"do\":\"flash\"}", false, EINVAL, "needs \"sha256\"" },
		{ "{\"do\":\"retry\"}", false, EINVAL, "needs \"sha256\"" },
		{ "{\"do\":\"approve\",\"sha256\":\"5c1a\"}", false, EINVAL,
		    "64 hexadecimal digits" },
		{ "{\"do\":\"approve\",\"sha256\":null}", false, EINVAL,
		    "\"sha256\" of the command is not a string" },
		{ "{\"do\":\"cancel\",\"id\":\"1000a05bf7\"}", false, EINVAL,
		    "there is no key \"id\"" },
		{ "{\"do\":\"cancel\",\"who\":\"me\"}", false, EINVAL,
		    "there is no key \"who\"" },
		{ APPROVE, true, EINVAL, "is for a device" },
		{ "{\"do\":\"pause\"}", false, EINVAL, "for the whole daemon" },
		{ "{\"do\":\"cancel\",\"not_after\":\"tomorrow\"}", false,
		    EINVAL, "not a time" },
		{ "{\"do\":\"cancel\",\"not_after\":\"2026-01-31T11:59:59Z\"}",
		    false, ETIME, "came too late" },
		{ "{\"do\":\"cancel\",\"not_after\":\"2026-01-31T12:00:00Z\"}",
		    false, 0, NULL },
		{ "{\"do\":\"cancel\",\"transaction\":\"1234567890123456789012"
		  "34567890123456789012345678901234567890123456789\"}",
		    false, EINVAL, "longer than 64" },
		{ "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", false, EINVAL,
		    "not a JSON object" },
	};
	struct command command;
	struct error err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		err = (struct error){ 0 };
		assert_int_equal(
		    command_parse(rows[i].payload, strlen(rows[i].payload),
			rows[i].is_for_daemon ? &for_daemon : &for_device,
			&command, &err),
		    rows[i].code == 0);
		assert_int_equal(err.code, rows[i].code);
		if (rows[i].why != NULL)
			assert_contains(err.text, rows[i].why);
	}
}

TEST(what_is_retained_is_refused_but_its_transaction_is_named)
{
	static const char text[] = "{\"do\":\"cancel\",\"transaction\":\"x7\"}";
	struct command_rules rules = for_device;
	struct command command;
	struct error err;

	rules.is_retained = true;
	assert_false(command_parse(text, strlen(text), &rules, &command, &err));
	assert_contains(err.text, "retained");
	assert_string_equal(command.transaction, "x7");
}

TEST(what_is_too_large_is_not_even_read)
{
	char *large = xcalloc(1 << 20, 1);
	struct command command;
	struct error err;

	memset(large, '{', 1 << 20);
	assert_false(
	    command_parse(large, 1 << 20, &for_device, &command, &err));
	assert_int_equal(err.code, EMSGSIZE);
	assert_contains(err.text, "1048576 bytes");
	free(large);
}

TEST(only_what_is_allowed_is_carried_out)
{
	static const char cancel[] = "{\"do\":\"cancel\"}";
	struct command_rules rules = for_device;
	struct command command;
	struct error err;

	rules.allowed = 1u << COMMAND_CANCEL;
	assert_true(
	    command_parse(cancel, strlen(cancel), &rules, &command, &err));
	assert_false(
	    command_parse(APPROVE, strlen(APPROVE), &rules, &command, &err));
	assert_int_equal(err.code, EPERM);
	assert_contains(err.text, "Allow=");
}

static bool
parse_within(
    const char *not_after, unsigned max_age, time_t now, struct error *err)
{
	struct command_rules rules = for_device;
	struct command command;
	char text[128];

	rules.max_age_sec = max_age;
	rules.now = now;
	snprintf(text, sizeof(text), "{\"do\":\"cancel\"%s%s%s}",
	    not_after ? ",\"not_after\":\"" : "", not_after ? not_after : "",
	    not_after ? "\"" : "");
	return command_parse(text, strlen(text), &rules, &command, err);
}

TEST(where_an_age_is_asked_for_a_command_must_have_one)
{
	struct error err;

	assert_false(parse_within(NULL, 600, NOON, &err));
	assert_contains(err.text, "no \"not_after\"");
	assert_true(parse_within("2026-01-31T12:10:00Z", 600, NOON, &err));
	assert_false(parse_within("2026-01-31T12:10:01Z", 600, NOON, &err));
	assert_contains(err.text, "too far away");
	assert_true(parse_within("2036-01-31T12:10:01Z", 0, NOON, &err));
}

TEST(a_clock_that_is_not_set_lets_nothing_with_an_age_pass)
{
	struct error err;

	assert_false(parse_within("2026-01-31T12:10:00Z", 0, 3600, &err));
	assert_int_equal(err.code, EBUSY);
	assert_contains(err.text, "clock");
	assert_true(parse_within(NULL, 0, 3600, &err));
}

TEST(times_are_read_as_rfc_3339_has_them)
{
	static const struct {
		const char *text;
		long want; /* -1: no time */
	} rows[] = {
		{ "2026-01-31T12:00:00Z", NOON },
		{ "2026-01-31t12:00:00z", NOON },
		{ "2026-01-31 12:00:00Z", NOON },
		{ "2026-01-31T12:00:00.123456Z", NOON },
		{ "2026-01-31T13:30:00+01:30", NOON },
		{ "2026-01-31T07:00:00-05:00", NOON },
		{ "2016-12-31T23:59:60Z", 1483228799 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "2026-02-29T00:00:00Z", -1 },
		{ "2026-13-01T00:00:00Z", -1 },
		{ "2026-01-31T24:00:00Z", -1 },
		{ "2026-01-31T12:60:00Z", -1 },
		{ "2026-01-31T12:00:61Z", -1 },
		{ "2026-01-31T12:00:00", -1 },
		{ "2026-01-31T12:00:00+1:30", -1 },
		{ "2026-01-31T12:00:00+24:00", -1 },
		{ "2026-01-31T12:00:00.Z", -1 },
		{ "2026-01-31T12:00:00Zx", -1 },
		{ "2026-1-31T12:00:00Z", -1 },
		{ "1769860800", -1 },
		{ "", -1 },
	};
	time_t when;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool ok = command_read_time(rows[i].text, &when);

		if (ok != (rows[i].want != -1) || (ok && when != rows[i].want))
			fail_msg("%s", rows[i].text);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
