/* SPDX-License-Identifier: ISC */
/* What waits to be written, on a disk that takes its time. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/store/write_queue.h"

#include "unit/test.h"

/* A disk whose writes take as long as the test says, on a clock of its own. */
struct world {
	struct event_base *base;
	struct write_queue *outbox;
	unsigned write_ms;
	char written[200]; /* ids; a number, 'r' for a record, 'l' for a line
			      behind them */
};

static uint64_t clock_ms;

/* For the write_queue alone: see Makefile.am. */
int __wrap_clock_gettime(clockid_t, struct timespec *);

int
__wrap_clock_gettime(clockid_t which, struct timespec *ts)
{
	(void)which;
	ts->tv_sec = (time_t)(clock_ms / 1000);
	ts->tv_nsec = (long)(clock_ms % 1000 * 1000000);
	return 0;
}

/* What it is called where time_t has 64 bits, but long 32. */
int __wrap___clock_gettime64(clockid_t, struct timespec *)
    __attribute__((alias("__wrap_clock_gettime")));

static void
on_write(const char *id, const json_t *record, json_t *line, void *ctx)
{
	struct world *w = ctx;
	size_t used = strlen(w->written);
	const json_t *number = json_object_get(record, "number");

	used += (size_t)snprintf(
	    w->written + used, sizeof(w->written) - used, "%s", id);
	if (number != NULL)
		used += (size_t)snprintf(w->written + used,
		    sizeof(w->written) - used, "%d",
		    (int)json_integer_value(number));
	snprintf(w->written + used, sizeof(w->written) - used, "%s%s ",
	    record != NULL ? "r" : "", line != NULL ? "l" : "");
	clock_ms += w->write_ms;
}

static int
set_up(void **state)
{
	static struct world w;

	w = (struct world){ .base = event_base_new(), .write_ms = 1 };
	w.outbox = write_queue_new(w.base, on_write, &w);
	*state = &w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	write_queue_free(w->outbox);
	event_base_free(w->base);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

static void
put(struct world *w, const char *id)
{
	write_queue_put(w->outbox, id, json_object(), NULL);
}

static void
put_line(struct world *w, const char *id)
{
	write_queue_put(w->outbox, id, json_object(), json_object());
}

/* What is written in one turn of the loop. */
static const char *
turn(struct world *w)
{
	w->written[0] = '\0';
	event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	return w->written;
}

WORLD_TEST(a_few_are_written_at_once)
{
	struct world *w = *state;

	write_queue_put(w->outbox, "a", json_object(), NULL);
	assert_string_equal(w->written, "ar ");
	write_queue_put(w->outbox, "b", NULL, json_object());
	write_queue_put(w->outbox, "c", json_object(), json_object());
	assert_string_equal(w->written, "ar bl crl ");
	assert_string_equal(turn(w), "");
}

WORLD_TEST(of_many_each_turn_writes_some_in_their_order)
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

WORLD_TEST(a_slow_disk_gets_one_a_turn)
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

WORLD_TEST(a_flush_waits_for_no_turn)
{
	struct world *w = *state;

	w->write_ms = 10;
	put(w, "x");
	put_line(w, "a");
	for (const char *id = "b\0a\0c\0"; *id != '\0'; id += 2)
		put(w, id);
	w->written[0] = '\0';
	write_queue_flush(w->outbox, "a");
	assert_string_equal(w->written, "arl ar ");
	write_queue_flush(w->outbox, "a");
	write_queue_flush(w->outbox, NULL);
	assert_string_equal(w->written, "arl ar br cr ");
	assert_string_equal(turn(w), "");
}

/* "a3r": the third record of a. */
static void
put_number(struct world *w, const char *id, int number)
{
	write_queue_put(
	    w->outbox, id, json_pack("{s:i}", "number", number), NULL);
}

WORLD_TEST(of_a_device_that_changes_again_and_again_one_record_waits)
{
	struct world *w = *state;

	w->write_ms = 10;
	put(w, "x");
	for (int n = 1; n <= 1000; n++) {
		put_number(w, "a", n);
		put_number(w, "b", n);
	}
	assert_string_equal(turn(w), "a1000r ");
	put_number(w, "a", 1001);
	assert_string_equal(turn(w), "b1000r ");
	assert_string_equal(turn(w), "a1001r ");
	assert_string_equal(turn(w), "");
}

WORLD_TEST(no_record_passes_a_line_of_its_device)
{
	struct world *w = *state;

	w->write_ms = 10;
	put(w, "x");
	put_number(w, "a", 1);
	put_line(w, "a");
	put_number(w, "a", 2);
	put_number(w, "a", 3);
	write_queue_put(w->outbox, "a", NULL, json_object());
	put_number(w, "a", 4);
	w->written[0] = '\0';
	write_queue_flush(w->outbox, NULL);
	assert_string_equal(w->written, "a1r arl a3r al a4r ");
}

WORLD_TEST(it_tells_when_all_until_now_is_written)
{
	struct world *w = *state;
	uint64_t last;

	w->write_ms = 10;
	assert_true(
	    write_queue_has_written(w->outbox, write_queue_last(w->outbox)));
	put(w, "x");
	put(w, "a");
	assert_true(write_queue_has_written_lines(
	    w->outbox, write_queue_last(w->outbox)));
	put_line(w, "b");
	put_line(w, "c");
	last = write_queue_last(w->outbox);
	put(w, "a"); /* takes the place of what is waited for */
	put_line(w, "d");
	write_queue_flush(w->outbox, "c");
	assert_string_equal(turn(w), "ar ");
	assert_false(write_queue_has_written(w->outbox, last));
	assert_false(write_queue_has_written_lines(w->outbox, last));
	assert_string_equal(turn(w), "brl ");
	assert_true(write_queue_has_written(w->outbox, last));
	assert_true(write_queue_has_written_lines(w->outbox, last));
	assert_false(write_queue_has_written_lines(
	    w->outbox, write_queue_last(w->outbox)));
}

WORLD_TEST(what_is_left_is_dropped_with_it)
{
	struct world *w = *state;

	w->write_ms = 10;
	put(w, "a");
	write_queue_put(w->outbox, "b", json_object(), json_object());
	assert_string_equal(w->written, "ar ");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
