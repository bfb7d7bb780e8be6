/* SPDX-License-Identifier: ISC */
/* The daemon's side of reflash-scan, with a shell script in its place. */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/starter.h"
#include "core/sonoff/announce.h"
#include "io/scanner.h"

#include "unit/test.h"

#define GIVE_UP_SEC 20

#define SEEN(name)                                                             \
	"{\\\"event\\\":\\\"seen\\\",\\\"service\\\":\\\"_http._tcp\\\","      \
	"\\\"instance\\\":\\\"" name "\\\"}"

/* What came, and what ends the wait. */
struct world {
	struct event_base *base;
	unsigned seen, statuses, want_seen, want_statuses;
	enum scan_heard heard;
	char first[32], last[32], text[200];
	bool ready;
	struct scanner *scanner;
	const char *repeat; /* asked for behind the first */
};

static void
check_end(struct world *w)
{
	if (w->seen >= w->want_seen && w->statuses >= w->want_statuses)
		event_base_loopbreak(w->base);
}

static void
on_announced(const struct announce *a, void *ctx)
{
	struct world *w = ctx;

	if (w->seen++ == 0) {
		snprintf(w->first, sizeof(w->first), "%.31s", a->instance);
		if (w->repeat != NULL)
			scanner_repeat(w->scanner, w->repeat);
	}
	snprintf(w->last, sizeof(w->last), "%.31s", a->instance);
	check_end(w);
}

static void
on_status(const char *text, bool ready, void *ctx)
{
	struct world *w = ctx;

	w->statuses++;
	w->ready = ready;
	snprintf(w->text, sizeof(w->text), "%s", text);
	check_end(w);
}

static void
on_heard(enum scan_heard heard, void *ctx)
{
	((struct world *)ctx)->heard = heard;
}

static const struct scanner_ops ops = { on_announced, on_heard, on_status };

/* Run a shell as reflash-scan until enough has come. */
static void
run_script(struct world *w, const char *program, const char *script)
{
	const char *const args[] = { "-c", script, NULL };
	struct error err;
	const struct scanner_program started = { starter_new(NULL, NULL, &err),
		program, args };
	const struct timeval give_up = { GIVE_UP_SEC, 0 };
	struct scanner *s;

	w->base = event_base_new();
	s = w->scanner = scanner_new(w->base, &started, &ops, w);
	event_base_loopexit(w->base, &give_up);
	event_base_dispatch(w->base);
	scanner_free(s);
	event_base_free(w->base);
	starter_free(started.starter);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_true(w->seen >= w->want_seen);
	assert_true(w->statuses >= w->want_statuses);
}

TEST(lines_arrive_in_order)
{
	struct world w = { .want_seen = 2, .want_statuses = 1 };

	run_script(&w, "/bin/sh",
	    "echo \"" SEEN("one") "\"; echo \"" SEEN(
		"two") "\";"
		       "echo "
		       "'{\"event\":\"status\",\"ready\":true,\"heard\":true,"
		       "\"text\":\"up\"}'"
		       ";"
		       "read line");
	assert_string_equal(w.first, "one");
	assert_string_equal(w.last, "two");
	assert_string_equal(w.text, "up");
	assert_true(w.ready);
}

TEST(a_scanner_that_dies_is_started_again)
{
	struct world w = { .want_seen = 2, .want_statuses = 2 };

	run_script(&w, "/bin/sh", "echo \"" SEEN("one") "\"; kill -9 $$");
	assert_contains(w.text, "signal 9");
	assert_false(w.ready);
}

TEST(a_program_that_is_not_there_is_told)
{
	struct world w = { .want_statuses = 1 };

	run_script(&w, "/nonexistent/reflash-scan", "");
	assert_contains(w.text, "No such file");
}

TEST(a_long_line_is_skipped_and_the_next_read)
{
	struct world w = { .want_seen = 1 };

	run_script(&w, "/bin/sh",
	    "head -c 100000 /dev/zero | tr '\\0' x; echo;"
	    "echo garbage; echo \"" SEEN("one") "\"; read line");
	assert_string_equal(w.first, "one");
	assert_int_equal(w.seen, 1);
}

TEST(what_is_to_be_repeated_is_a_line_for_the_scanner)
{
	struct world w = { .want_seen = 2, .repeat = "1000a05bf6" };

	run_script(&w, "/bin/sh",
	    "echo \"" SEEN("one") "\"; read id; echo \"" SEEN(
		"$id") "\";"
		       "read line");
	assert_string_equal(w.last, "1000a05bf6");
	scanner_repeat(NULL, "1000a05bf6");
}

TEST(a_flood_is_slowed_down_and_not_cut)
{
	struct world w = { .want_seen = 2500 };

	run_script(&w, "/bin/sh",
	    "i=0; while [ $i -lt 2500 ]; do i=$((i + 1));"
	    "echo \"" SEEN("$i") "\"; done; read line");
	assert_string_equal(w.first, "1");
	assert_string_equal(w.last, "2500");
}

TEST(a_scanner_that_does_not_listen_is_ended)
{
	struct world w = { .want_seen = 1 };

	run_script(&w, "/bin/sh",
	    "trap '' TERM HUP PIPE; echo \"" SEEN("one") "\";"
							 "while :; do :; done");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
