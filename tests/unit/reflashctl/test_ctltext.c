/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/state/state.h"
#include "reflashctl/duration.h"
#include "reflashctl/out/dashboard.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/table.h"
#include "reflashctl/out/term.h"

static void
foreign_text_loses_its_tricks(void **unused)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ NULL, "" },
		{ "plain", "plain" },
		{ "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80",
		    "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\tb\n", "a\\x09b\\x0a" },
		{ "\033[2J", "\\x1b[2J" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },
		{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },
		{ "a\xc3", "a\\xc3" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\x80", "\\x80" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *out = term_text(cases[i].in);

		assert_string_equal(out, cases[i].out);
		free(out);
	}
}

static void
columns_are_characters(void **unused)
{
	(void)unused;
	assert_int_equal(term_width(""), 0);
	assert_int_equal(term_width("M\xc3\xbcll"), 4);
	assert_int_equal(term_cut("M\xc3\xbcll", 0), 0);
	assert_int_equal(term_cut("M\xc3\xbcll", 1), 1);
	assert_int_equal(term_cut("M\xc3\xbcll", 2), 3);
	assert_int_equal(term_cut("M\xc3\xbcll", 99), 5);
	/* Where the locale knows them, some take two. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return;
	assert_int_equal(term_width("\xe5\xa4\xa7\xc3\xbc"), 3);
	assert_int_equal(term_cut("\xe5\xa4\xa7\xc3\xbc", 1), 0);
	assert_int_equal(term_cut("\xe5\xa4\xa7\xc3\xbc", 2), 3);
	setlocale(LC_CTYPE, "C");
}

static void
prose_is_wrapped_at_blanks(void **unused)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)unused;
	term_wrap(out, "one two  three averyveryverylongword x", 2, 10);
	term_wrap(out, "   ", 2, 10);
	fclose(out);
	assert_string_equal(text,
	    "  one two\n"
	    "  three\n"
	    "  averyver\n"
	    "  yverylon\n"
	    "  gword x\n");
	free(text);
}

static void
expect_table(const struct table *table, size_t columns, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_print(table, out, columns);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void
tables_are_as_wide_as_they_must_and_no_wider(void **unused)
{
	static const struct table_column columns[] = {
		{ "ID", TABLE_WHOLE, 9 },
		{ "NAME", TABLE_NAME, 2 },
		{ "ADDRESS", TABLE_WHOLE, 1 },
		{ "WHY", TABLE_PROSE, 0 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);

	(void)unused;
	table_add(table, "1000", COLOR_NONE);
	table_add(table, "M\xc3\xbcller in the hall", COLOR_RED);
	table_add(table, "10.0.0.1", COLOR_NONE);
	table_add(table, NULL, COLOR_NONE);
	table_add(table, "22", COLOR_NONE);
	table_add(table, "x", COLOR_NONE);
	table_add(table, NULL, COLOR_NONE);
	table_add(table, "it is so", COLOR_NONE);
	for (size_t i = 0; i < 2; i++)
		expect_table(table, i * 44,
		    "ID    NAME                ADDRESS   WHY\n"
		    "1000  M\xc3\xbcller in the hall  10.0.0.1  -\n"
		    "22    x                   -         it is so\n");
	/* What explains has a line of its own, but is not lost. */
	expect_table(table, 43,
	    "ID    NAME                ADDRESS\n"
	    "1000  M\xc3\xbcller in the hall  10.0.0.1\n"
	    "22    x                   -\n"
	    "    it is so\n");
	expect_table(table, 30,
	    "ID    NAME            ADDRESS\n"
	    "1000  M\xc3\xbcller in t...  10.0.0.1\n"
	    "22    x               -\n"
	    "    it is so\n");
	/* The name is worth more than the address, the id more than both. */
	expect_table(table, 23,
	    "ID    NAME\n"
	    "1000  M\xc3\xbcller in the ...\n"
	    "22    x\n"
	    "    it is so\n");
	expect_table(table, 9,
	    "ID\n"
	    "1000\n"
	    "22\n"
	    "    it is\n"
	    "    so\n");
	table_free(table);
}

static void
lengths_of_time_are_read(void **unused)
{
	static const struct {
		const char *text;
		long seconds; /* -1: none */
	} cases[] = {
		{ "0", 0 },
		{ "90", 90 },
		{ "90s", 90 },
		{ "10m", 600 },
		{ "2h", 7200 },
		{ "30d", 30 * 86400 },
		{ "31d", -1 },
		{ "2592001", -1 },
		{ "", -1 },
		{ "m", -1 },
		{ "-1", -1 },
		{ "1.5m", -1 },
		{ "10 m", 600 },
		{ "10min", 600 },
		{ "1h 30min", 5400 },
		{ "10 fortnights", -1 },
		{ "99999999999999999999", -1 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned seconds = 4711;
		bool ok = duration_parse(cases[i].text, &seconds);

		assert_int_equal(ok, cases[i].seconds >= 0);
		assert_true(!ok || seconds == (unsigned)cases[i].seconds);
	}
}

static void
a_state_is_told_with_its_reason(void **unused)
{
	static const struct {
		const char *device, *state;
	} cases[] = {
		{ "{\"state\":\"seen\",\"present\":true}", "seen" },
		{ "{\"state\":\"seen\",\"present\":false}", "seen, absent" },
		{ "{\"state\":\"flashed\",\"present\":false}", "flashed" },
		{ "{\"state\":\"held\",\"reason\":\"absent\",\"present\":"
		  "false}",
		    "held: absent" },
		{ "{\"state\":\"held\",\"reason\":\"window\",\"present\":"
		  "false}",
		    "held: window, absent" },
		{ "{\"state\":\"failed\",\"reason\":\"stalled\"}",
		    "failed: stalled" },
		{ "{\"state\":\"downloading\",\"progress\":{\"percent\":40}}",
		    "downloading 40 %" },
		{ "{\"state\":\"new-state\"}", "new-state" },
		{ "{\"state\":7}", "-" },
		{ "{}", "-" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_auto_t *device = json_loads(cases[i].device, 0, NULL);
		char text[64];

		assert_non_null(device);
		assert_string_equal(
		    device_state(device, text, sizeof(text)), cases[i].state);
	}
}

/* Holds for states, holds and reasons that are not written yet. */
static void
every_state_and_reason_has_a_meaning(void **unused)
{
	(void)unused;
	for (enum state s = 0; s < STATE_COUNT; s++) {
		json_auto_t *device =
		    json_pack("{s:s}", "state", state_name(s));

		assert_true(device_meaning(device)[0] != '\0');
	}
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		assert_true(device_reason_meaning(hold_name(h))[0] != '\0');
	assert_string_equal(device_reason_meaning("nonsense"), "");
	assert_string_equal(device_reason_meaning(NULL), "");
}

static void
what_is_left_follows_from_the_rate(void **unused)
{
	json_auto_t *device = json_loads(
	    "{\"progress\":{\"bytes\":100,\"total\":1000,\"rate\":300}}", 0,
	    NULL);
	json_auto_t *still = json_loads(
	    "{\"progress\":{\"bytes\":100,\"total\":1000,\"rate\":0}}", 0,
	    NULL);
	char text[32];

	(void)unused;
	assert_int_equal(device_left(device), 3);
	assert_int_equal(device_left(still), -1);
	assert_int_equal(device_left(NULL), -1);
	assert_string_equal(device_rate(0, text, sizeof(text)), "");
	assert_string_equal(
	    device_rate(21800, text, sizeof(text)), "21.3 KiB/s");
	assert_string_equal(
	    device_rate(5 << 20, text, sizeof(text)), "5.0 MiB/s");
	assert_int_equal(device_time("1970-01-02T00:00:01Z"), 86401);
	assert_int_equal(device_time("1970-01-02"), -1);
	assert_int_equal(device_time(NULL), -1);
}

/* Draws whatever there is into as little room as there may be. */
static void
a_picture_stays_in_its_frame(void **unused)
{
	struct dashboard *board = dashboard_new();

	(void)unused;
	for (unsigned i = 0; i < 3 * STATE_COUNT; i++) {
		char id[16];
		json_auto_t *device = NULL;

		snprintf(id, sizeof(id), "1000%06x", i);
		device = json_pack("{s:s, s:s, s:s, s:s, s:{s:i, s:i, s:i,"
				   " s:i}}",
		    "id", id, "state", state_name(i % STATE_COUNT), "detail",
		    "M\xc3\xbcller \033[2J and a lot more to say than fits",
		    "address", "192.168.100.100", "progress", "bytes", 1,
		    "total", 300, "percent", (int)i * 9, "rate", 3);
		if (i % 2 == 0)
			json_object_del(device, "progress");
		dashboard_put(board, device, 1000);
	}
	for (size_t columns = 1; columns < 160; columns += 7)
		for (size_t rows = 1; rows < 60; rows += rows < 10 ? 1 : 9) {
			struct dashboard_view view = { .rows = rows,
				.columns = columns,
				.first = rows % 2 ? 40 : 0,
				.now = 1000,
				.note = "note",
				.eol = "\n" };
			char *text = NULL, *line, *rest;
			size_t size, lines = 0;
			FILE *out = open_memstream(&text, &size);

			dashboard_draw(board, out, &view);
			fclose(out);
			rest = text;
			while ((line = strsep(&rest, "\n")) != NULL) {
				assert_true(term_width(line) <= columns);
				assert_null(strchr(line, '\033'));
				lines++;
			}
			assert_true(lines <= rows);
			free(text);
		}
	dashboard_free(board);
}

static json_t *
device_at(const char *state, int attempt, int bytes)
{
	json_t *device = json_pack("{s:s, s:s, s:i, s:n}", "id", "1000a05bf6",
	    "state", state, "attempt", attempt, "progress");

	if (bytes >= 0)
		json_object_set_new(device, "progress",
		    json_pack("{s:i, s:i, s:i, s:i}", "bytes", bytes, "total",
			424416, "percent", bytes * 100 / 424416, "rate", 0));
	return device;
}

static char *
draw_at(const struct dashboard *board, uint64_t now_ms)
{
	struct dashboard_view view = {
		.rows = 24, .columns = 80, .now_ms = now_ms, .eol = "\n"
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	dashboard_draw(board, out, &view);
	fclose(out);
	return text;
}

/* How long a download has been silent is counted within its attempt. */
static void
silence_is_that_of_the_attempt(void **unused)
{
	static const struct {
		struct {
			const char *state;
			int attempt, bytes;
		} before, now;
		const char *said; /* 18 s later */
	} cases[] = {
		{ { "downloading", 1, 0 }, { "downloading", 2, 0 },
		    "nothing for 18 s" },
		{ { "downloading", 1, 212992 }, { "downloading", 2, 212992 },
		    "nothing for 18 s" },
		{ { "held", 1, -1 }, { "downloading", 2, 0 },
		    "nothing for 18 s" },
		{ { "offering", 2, -1 }, { "downloading", 2, 0 },
		    "nothing for 18 s" },
		{ { "downloading", 1, 0 }, { "downloading", 1, 4096 },
		    "nothing for 18 s" },
		{ { "downloading", 1, 4096 }, { "downloading", 1, 4096 },
		    "nothing for 107 s" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dashboard *board = dashboard_new();
		json_auto_t *before = device_at(cases[i].before.state,
		    cases[i].before.attempt, cases[i].before.bytes);
		json_auto_t *now = device_at(cases[i].now.state,
		    cases[i].now.attempt, cases[i].now.bytes);
		char *text;

		dashboard_put(board, before, 1000);
		dashboard_put(board, now, 90000);
		text = draw_at(board, 108000);
		if (strstr(text, cases[i].said) == NULL)
			fail_msg("%zu: %s", i, text);
		free(text);
		dashboard_free(board);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_text_loses_its_tricks),
		cmocka_unit_test(columns_are_characters),
		cmocka_unit_test(prose_is_wrapped_at_blanks),
		cmocka_unit_test(tables_are_as_wide_as_they_must_and_no_wider),
		cmocka_unit_test(lengths_of_time_are_read),
		cmocka_unit_test(a_state_is_told_with_its_reason),
		cmocka_unit_test(every_state_and_reason_has_a_meaning),
		cmocka_unit_test(what_is_left_follows_from_the_rate),
		cmocka_unit_test(a_picture_stays_in_its_frame),
		cmocka_unit_test(silence_is_that_of_the_attempt),
	};

	setenv("NO_COLOR", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
