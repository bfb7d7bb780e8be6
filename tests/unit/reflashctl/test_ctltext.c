/* SPDX-License-Identifier: ISC */
/* What reflashctl prints: texts, tables, states and lengths of time. */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/state/state.h"
#include "reflashctl/duration.h"
#include "reflashctl/out/dashboard.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/keys.h"
#include "reflashctl/out/table.h"
#include "reflashctl/out/term.h"

#include "unit/test.h"

TEST(foreign_text_loses_its_tricks)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *out = term_text(cases[i].in);

		assert_string_equal(out, cases[i].out);
		free(out);
	}
}

TEST(columns_are_characters)
{
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

TEST(prose_is_wrapped_at_blanks)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

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

TEST(tables_are_as_wide_as_they_must_and_no_wider)
{
	static const struct table_column columns[] = {
		{ "ID", TABLE_WHOLE, 9 },
		{ "NAME", TABLE_NAME, 2 },
		{ "ADDRESS", TABLE_WHOLE, 1 },
		{ "WHY", TABLE_PROSE, 0 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);

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

/* A state with its reason gives up its end before the address goes. */
TEST(a_long_cell_keeps_most_of_itself)
{
	static const struct table_column columns[] = {
		{ "ID", TABLE_WHOLE, 9 },
		{ "ADDRESS", TABLE_WHOLE, 5 },
		{ "STATE", TABLE_LONG, 8 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);

	table_add(table, "22", COLOR_NONE);
	table_add(table, "10.0.0.1", COLOR_NONE);
	table_add(table, "refused: firmware-out-of-range", COLOR_NONE);
	expect_table(table, 34,
	    "ID  ADDRESS   STATE\n"
	    "22  10.0.0.1  refused: firmware...\n");
	expect_table(table, 33,
	    "ID  STATE\n"
	    "22  refused: firmware-out-of-r...\n");
	table_free(table);
}

TEST(lengths_of_time_are_read)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned seconds = 4711;
		bool ok = duration_parse(cases[i].text, &seconds);

		assert_int_equal(ok, cases[i].seconds >= 0);
		assert_true(!ok || seconds == (unsigned)cases[i].seconds);
	}
}

TEST(a_state_is_told_with_its_reason)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *device = json_loads(cases[i].device, 0, NULL);
		char text[64];

		assert_non_null(device);
		assert_string_equal(
		    device_state(device, text, sizeof(text)), cases[i].state);
	}
}

/* Holds for states, holds and reasons that are not written yet. */
TEST(every_state_and_reason_has_a_meaning)
{
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

TEST(what_is_left_follows_from_the_rate)
{
	json_auto_t *device = json_loads(
	    "{\"progress\":{\"bytes\":100,\"total\":1000,\"rate\":300}}", 0,
	    NULL);
	json_auto_t *still = json_loads(
	    "{\"progress\":{\"bytes\":100,\"total\":1000,\"rate\":0}}", 0,
	    NULL);
	char text[32];

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
TEST(a_picture_stays_in_its_frame)
{
	struct dashboard *board = dashboard_new();
	json_auto_t *todo =
	    json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:n}, {s:s, s:i, s:s, s:s},"
		      " {s:s}, {s:s, s:s}]",
		"what", "keep-on", "sentence", "do NOT switch off 1000000001",
		"command", "reflashctl retry 1000000001", "what", "problem",
		"sentence", "the disk is full \033[2J", "command", "what",
		"approve", "count", 7, "sentence", "7 devices wait", "command",
		"reflashctl approve --all", "what", "join", "what", "stopped",
		"sentence", "policy 50-mini has stopped: so many failed");

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
				.todo = columns % 2 ? todo : NULL,
				.selected = columns % 3 ? "1000000003" : NULL,
				.now = 1000,
				.note = "note",
				.eol = "\n" };
			char *text = NULL, *line, *rest;
			size_t size, lines = 0;
			FILE *out = open_memstream(&text, &size);

			if (rows % 5 == 4)
				dashboard_draw_device(
				    board, out, &view, "1000000005", rows / 3);
			else
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

/* Draw into 80 columns; yours. */
static char *
draw(struct dashboard *board, const json_t *todo)
{
	struct dashboard_view view = {
		.rows = 24, .columns = 80, .todo = todo, .eol = "\n"
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	dashboard_draw(board, out, &view);
	fclose(out);
	return text;
}

static void
put_device(struct dashboard *board, const char *id, const char *state,
    const char *attention)
{
	json_auto_t *device = json_pack("{s:s, s:s, s:s?, s:s}", "id", id,
	    "state", state, "attention", attention, "policy", "50-mini");

	dashboard_put(board, device, 1000);
}

/* Sixty devices in each of the states: "failed" is never what is cut off. */
TEST(the_counts_begin_with_what_failed)
{
	struct dashboard *board = dashboard_new();
	char id[32], *text;

	for (unsigned i = 0; i < 4 * STATE_COUNT; i++) {
		snprintf(id, sizeof(id), "1000%06x", i);
		put_device(board, id, state_name(i % STATE_COUNT), NULL);
	}
	text = draw(board, NULL);
	if (strncmp(text,
		"60 devices: 4 failed, 32 at work, 4 held, 4 refused, "
		"4 flashed, 4 verified,\n  4 seen, 4 ignored\nID ",
		94) != 0)
		fail_msg("%s", text);
	free(text);
	dashboard_filter(board, "IGN 50-mini");
	assert_int_equal(dashboard_count(board), 4);
	assert_int_equal(dashboard_total(board), 60);
	text = draw(board, NULL);
	assert_contains(text, "4 of 60 devices: 4 ignored\n");
	free(text);
	dashboard_filter(board, "nothing is so");
	text = draw(board, NULL);
	assert_contains(text, "0 of 60 devices\n");
	free(text);
	dashboard_free(board);
}

TEST(what_is_urgent_comes_before_the_work_and_the_rest_after_it)
{
	static const struct {
		const char *id, *state, *attention;
	} devices[] = {
		{ "1000000001", "downloading", "keep-on" },
		{ "1000000009", "failed", "failed" },
		{ "1000000007", "finishing", "stuck" },
		{ "1000000004", "downloading", NULL },
		{ "1000000002", "held", "approve" },
		{ "1000000008", "flashed", "join" },
		{ "1000000003", "refused", "refused" },
		{ "1000000005", "held", NULL },
		{ "1000000006", "verified", NULL },
	};
	struct dashboard *board = dashboard_new();

	for (size_t i = COUNT(devices); i-- > 0;)
		put_device(board, devices[i].id, devices[i].state,
		    devices[i].attention);
	for (size_t i = 0; i < COUNT(devices); i++) {
		assert_string_equal(dashboard_id(board, i), devices[i].id);
		assert_int_equal(dashboard_place(board, devices[i].id), i);
	}
	assert_null(dashboard_id(board, COUNT(devices)));
	assert_int_equal(dashboard_place(board, "1000000000"), COUNT(devices));
	dashboard_free(board);
}

TEST(what_is_in_the_way_has_a_line)
{
	struct dashboard *board = dashboard_new();
	json_auto_t *todo = json_pack(
	    "[{s:s, s:s, s:n}, {s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:i, "
	    "s:s, s:s}]",
	    "what", "problem", "sentence", "the disk is full", "command",
	    "what", "stopped", "sentence",
	    "policy 50-mini has stopped: 2 devices failed", "command",
	    "reflashctl resume 50-mini", "what", "failed", "sentence",
	    "2 devices have failed", "command", "reflashctl show 1", "what",
	    "approve", "count", 3, "sentence",
	    "1000000001, 1000000002 and 1000000003 wait for your approval",
	    "command", "reflashctl approve 1000000001 1000000002 1000000003");
	char *text;

	put_device(board, "1000000001", "held", "approve");
	text = draw(board, todo);
	if (strncmp(text,
		"1 device: 1 held\n"
		"the disk is full\n"
		"policy 50-mini has stopped: 2 devices failed: reflashctl "
		"resume 50-mini\n"
		"3 wait for your approval: reflashctl approve --all\n"
		"ID ",
		150) != 0)
		fail_msg("%s", text);
	free(text);
	dashboard_free(board);
}

TEST(bytes_become_keys)
{
	static const struct {
		const char *bytes;
		int keys[6];
	} cases[] = {
		{ "q", { 'q' } },
		{ "\r\n\x7f\b\x15",
		    { KEY_ENTER, KEY_ENTER, KEY_BACKSPACE, KEY_BACKSPACE,
			0x15 } },
		{ "\033[A\033OB\033[5~x",
		    { KEY_UP, KEY_DOWN, KEY_PAGE_UP, 'x' } },
		{ "\033[1~\033[4~\033[H\033OF",
		    { KEY_HOME, KEY_END, KEY_HOME, KEY_END } },
		/* What is not known is dropped as a whole. */
		{ "\033[1;5Aa\033OPb\033[200~c", { 'a', 'b', 'c' } },
		{ "\033q", { KEY_ESCAPE, 'q' } },
		{ "\033", { KEY_ESCAPE } },
		{ "\033\033", { KEY_ESCAPE, KEY_ESCAPE } },
		{ "\033[", { KEY_ESCAPE, '[' } },
		{ "\xc3\xbc", { 0xc3, 0xbc } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct keys keys = { .len = strlen(cases[i].bytes) };
		int key;

		memcpy(keys.text, cases[i].bytes, keys.len);
		for (size_t n = 0; cases[i].keys[n] != 0; n++) {
			key = keys_take(&keys, false);
			if (key == KEY_NONE)
				key = keys_take(&keys, true);
			assert_int_equal(key, cases[i].keys[n]);
		}
		assert_int_equal(keys_take(&keys, true), KEY_NONE);
	}
}

TEST(a_key_may_come_in_pieces)
{
	struct keys keys = { .len = 0 };

	keys.text[keys.len++] = '\033';
	assert_int_equal(keys_take(&keys, false), KEY_NONE);
	keys.text[keys.len++] = '[';
	assert_int_equal(keys_take(&keys, false), KEY_NONE);
	keys.text[keys.len++] = '6';
	assert_int_equal(keys_take(&keys, false), KEY_NONE);
	keys.text[keys.len++] = '~';
	assert_int_equal(keys_take(&keys, false), KEY_PAGE_DOWN);
	assert_int_equal(keys.len, 0);
	/* Whatever comes, the bytes do not pile up. */
	memset(keys.text, '0', sizeof(keys.text));
	memcpy(keys.text, "\033[", 2);
	keys.len = sizeof(keys.text);
	keys_take(&keys, false);
	assert_int_equal(keys.len, 0);
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
draw_at(struct dashboard *board, uint64_t now_ms)
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
TEST(silence_is_that_of_the_attempt)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
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
	setenv("NO_COLOR", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
