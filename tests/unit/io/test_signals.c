/* SPDX-License-Identifier: ISC */
/* Signals as events of the loop. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <event2/event.h>

#include "io/signals.h"

#include "unit/test.h"

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

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

/* All that there is to do, and nothing is waited for. */
static void
turns(struct world *w)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

WORLD_TEST(each_is_told)
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

WORLD_TEST(two_at_once_are_both_told)
{
	struct world *w = *state;

	raise(SIGTERM);
	raise(SIGHUP);
	turns(w);
	assert_int_equal(w->count, 2);
	assert_int_equal(w->told[0] + w->told[1], SIGTERM + SIGHUP);
}

WORLD_TEST(one_that_could_not_be_read_is_not_lost)
{
	struct world *w = *state;

	failing = 2;
	raise(SIGTERM);
	turns(w);
	assert_int_equal(failing, 0);
	assert_int_equal(w->count, 1);
	assert_int_equal(w->told[0], SIGTERM);
}

/* The last test: its SIGTERM stays pending. */
WORLD_TEST(none_ends_us_when_nobody_listens_any_more)
{
	struct world *w = *state;

	signals_free(w->signals);
	w->signals = NULL;
	raise(SIGTERM);
	turns(w);
	assert_int_equal(w->count, 0);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
