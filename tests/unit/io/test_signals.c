/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include <event2/event.h>

#include "io/signals.h"

struct world {
	struct event_base *base;
	struct signals *signals;
	int told[8];
	size_t count;
};

static unsigned failing; /* so many reads fail */

/* For signals.c alone: see Makefile.am. */
ssize_t __wrap_read(int, void *, size_t);
ssize_t __real_read(int, void *, size_t);

ssize_t
__wrap_read(int fd, void *data, size_t size)
{
	if (failing == 0)
		return __real_read(fd, data, size);
	failing--;
	errno = EIO;
	return -1;
}

static void
on_signal(int number, void *ctx)
{
	struct world *w = ctx;

	w->told[w->count++] = number;
}

static int
set_up(void **state)
{
	static const int numbers[] = { SIGTERM, SIGHUP };
	static struct world w;
	struct error err;

	w = (struct world){ .base = event_base_new() };
	w.signals = signals_new(w.base, numbers, 2, on_signal, &w, &err);
	*state = &w;
	return w.signals == NULL;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	signals_free(w->signals);
	event_base_free(w->base);
	return 0;
}

/* All that there is to do, and nothing is waited for. */
static void
turns(struct world *w)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
each_is_told(void **state)
{
	struct world *w = *state;

	turns(w);
	assert_int_equal(w->count, 0);
	raise(SIGHUP);
	turns(w);
	assert_int_equal(w->count, 1);
	assert_int_equal(w->told[0], SIGHUP);
	raise(SIGTERM);
	turns(w);
	assert_int_equal(w->count, 2);
	assert_int_equal(w->told[1], SIGTERM);
}

static void
two_at_once_are_both_told(void **state)
{
	struct world *w = *state;

	raise(SIGTERM);
	raise(SIGHUP);
	turns(w);
	assert_int_equal(w->count, 2);
	assert_int_equal(w->told[0] + w->told[1], SIGTERM + SIGHUP);
}

static void
one_that_could_not_be_read_is_not_lost(void **state)
{
	struct world *w = *state;

	failing = 2;
	raise(SIGTERM);
	turns(w);
	assert_int_equal(failing, 0);
	assert_int_equal(w->count, 1);
	assert_int_equal(w->told[0], SIGTERM);
}

static void
none_ends_us_when_nobody_listens_any_more(void **state)
{
	struct world *w = *state;

	signals_free(w->signals);
	w->signals = NULL;
	raise(SIGTERM);
	turns(w);
	assert_int_equal(w->count, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_is_told), T(two_at_once_are_both_told),
		T(one_that_could_not_be_read_is_not_lost),
		T(none_ends_us_when_nobody_listens_any_more), /* the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
