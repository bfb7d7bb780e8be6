/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "io/outbox.h"

/* A disk whose writes take as long as the test says, on a clock of its own. */
struct world {
	struct event_base *base;
	struct outbox *outbox;
	unsigned write_ms;
	char written[200]; /* ids; a record is 'r', a line 'l' behind them */
};

static uint64_t clock_ms;

/* For the outbox alone: see Makefile.am. */
int __wrap_clock_gettime(clockid_t, struct timespec *);

int
__wrap_clock_gettime(clockid_t which, struct timespec *ts)
{
	(void)which;
	ts->tv_sec = (time_t)(clock_ms / 1000);
	ts->tv_nsec = (long)(clock_ms % 1000 * 1000000);
	return 0;
}

static void
on_write(const char *id, const json_t *record, json_t *line, void *ctx)
{
	struct world *w = ctx;
	size_t used = strlen(w->written);

	snprintf(w->written + used, sizeof(w->written) - used, "%s%s%s ", id,
	    record != NULL ? "r" : "", line != NULL ? "l" : "");
	clock_ms += w->write_ms;
}

static int
set_up(void **state)
{
	static struct world w;

	w = (struct world){ .base = event_base_new(), .write_ms = 1 };
	w.outbox = outbox_new(w.base, on_write, &w);
	*state = &w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	outbox_free(w->outbox);
	event_base_free(w->base);
	return 0;
}

static void
put(struct world *w, const char *id)
{
	outbox_put(w->outbox, id, json_object(), NULL);
}

/* What is written in one turn of the loop. */
static const char *
turn(struct world *w)
{
	w->written[0] = '\0';
	event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	return w->written;
}

static void
a_few_are_written_at_once(void **state)
{
	struct world *w = *state;

	outbox_put(w->outbox, "a", json_object(), NULL);
	assert_string_equal(w->written, "ar ");
	outbox_put(w->outbox, "b", NULL, json_object());
	outbox_put(w->outbox, "c", json_object(), json_object());
	assert_string_equal(w->written, "ar bl crl ");
	assert_string_equal(turn(w), "");
}

static void
of_many_each_turn_writes_some_in_their_order(void **state)
{
	struct world *w = *state;

	w->write_ms = 2;
	for (const char *id = "a\0b\0c\0d\0e\0f\0g\0"; *id != '\0'; id += 2)
		put(w, id);
	assert_string_equal(w->written, "ar br cr ");
	assert_string_equal(turn(w), "dr er fr ");
	put(w, "h");
	put(w, "a");
	assert_string_equal(turn(w), "gr hr ar ");
	assert_string_equal(turn(w), "");
	put(w, "a"); /* and then there is time again */
	assert_string_equal(w->written, "ar ");
}

static void
a_slow_disk_gets_one_a_turn(void **state)
{
	struct world *w = *state;

	w->write_ms = 300;
	put(w, "a");
	put(w, "b");
	put(w, "c");
	assert_string_equal(w->written, "ar ");
	assert_string_equal(turn(w), "br ");
	assert_string_equal(turn(w), "cr ");
}

static void
a_flush_waits_for_no_turn(void **state)
{
	struct world *w = *state;

	w->write_ms = 10;
	for (const char *id = "x\0a\0b\0a\0c\0"; *id != '\0'; id += 2)
		put(w, id);
	w->written[0] = '\0';
	outbox_flush(w->outbox, "a");
	assert_string_equal(w->written, "ar ar ");
	outbox_flush(w->outbox, "a");
	outbox_flush(w->outbox, NULL);
	assert_string_equal(w->written, "ar ar br cr ");
	assert_string_equal(turn(w), "");
}

static void
what_is_left_is_dropped_with_it(void **state)
{
	struct world *w = *state;

	w->write_ms = 10;
	put(w, "a");
	outbox_put(w->outbox, "b", json_object(), json_object());
	assert_string_equal(w->written, "ar ");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_few_are_written_at_once),
		T(of_many_each_turn_writes_some_in_their_order),
		T(a_slow_disk_gets_one_a_turn),
		T(a_flush_waits_for_no_turn),
		T(what_is_left_is_dropped_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
