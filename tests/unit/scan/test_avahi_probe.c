/* SPDX-License-Identifier: ISC */
/* The probe for avahi-daemon, where it cannot be asked. */
#include "config.h"

#include <avahi-common/simple-watch.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/alarm_timer.h"
#include "scan/avahi_probe.h"

#include "unit/test.h"

#define GIVE_UP_MS 20000

static bool fork_fails, pipe_fails;

pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_pipe2(int[2], int);
int __wrap_pipe2(int[2], int);

pid_t
__wrap_fork(void)
{
	errno = EAGAIN;
	return fork_fails ? -1 : __real_fork();
}

int
__wrap_pipe2(int ends[2], int flags)
{
	errno = EMFILE;
	return pipe_fails ? -1 : __real_pipe2(ends, flags);
}

struct world {
	AvahiSimplePoll *poll;
	struct avahi_probe *probe;
	struct alarm_timer *give_up;
	unsigned told;
	bool answers;
};

static void
on_probed(bool answers, void *ctx)
{
	struct world *w = ctx;

	w->told++;
	w->answers = answers;
}

static void
on_give_up(void *ctx)
{
	(void)ctx;
	fail_msg("the probe told nothing");
}

static int
set_up(void **state)
{
	static struct world w;
	const AvahiPoll *poll;

	w = (struct world){ .poll = avahi_simple_poll_new() };
	poll = avahi_simple_poll_get(w.poll);
	w.probe = avahi_probe_new(poll, on_probed, &w);
	w.give_up = alarm_timer_new(poll, on_give_up, &w);
	alarm_timer_set(w.give_up, GIVE_UP_MS);
	fork_fails = pipe_fails = false;
	*state = &w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	alarm_timer_free(w->give_up);
	avahi_probe_free(w->probe);
	avahi_simple_poll_free(w->poll);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

static void
wait_until_told(struct world *w, unsigned times)
{
	while (w->told < times)
		assert_int_equal(avahi_simple_poll_iterate(w->poll, -1), 0);
	/* And not twice. */
	assert_int_equal(avahi_simple_poll_iterate(w->poll, 0), 0);
	assert_int_equal(w->told, times);
	assert_false(w->answers);
}

WORLD_TEST(without_a_process_there_is_no_answer)
{
	struct world *w = *state;

	fork_fails = true;
	avahi_probe_start(w->probe);
	assert_int_equal(w->told, 0);
	wait_until_told(w, 1);
}

WORLD_TEST(without_a_pipe_there_is_no_answer)
{
	struct world *w = *state;

	pipe_fails = true;
	avahi_probe_start(w->probe);
	assert_int_equal(w->told, 0);
	wait_until_told(w, 1);
}

WORLD_TEST(the_next_is_asked_all_the_same)
{
	struct world *w = *state;

	fork_fails = true;
	avahi_probe_start(w->probe);
	wait_until_told(w, 1);
	fork_fails = false;
	avahi_probe_start(w->probe);
	avahi_probe_start(w->probe); /* it is under way */
	wait_until_told(w, 2);
}

int
main(void)
{
	/* No bus of this machine is asked. */
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
