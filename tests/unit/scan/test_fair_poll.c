/* SPDX-License-Identifier: ISC */
/* The poll loop of reflash-scan gives each descriptor its turn. */
#include "config.h"

#include <unistd.h>

#include "scan/fair_poll.h"

#include "unit/test.h"

#define PIPES 3

/* The loop's own descriptor, then those of watches: the newest first. */
static void
open_pipes(struct pollfd fds[PIPES + 1], int writers[PIPES + 1])
{
	for (int i = PIPES; i >= 0; i--) {
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		fds[i] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
		writers[i] = ends[1];
	}
}

static void
close_pipes(struct pollfd fds[PIPES + 1], int writers[PIPES + 1])
{
	for (int i = 0; i <= PIPES; i++) {
		close(fds[i].fd);
		close(writers[i]);
	}
}

/* Which watch is served; 0: none. */
static int
take_turn(struct pollfd fds[PIPES + 1], struct fair_poll *turns)
{
	int served = 0;

	fair_poll(fds, PIPES + 1, 0, turns);
	for (int i = 1; i <= PIPES; i++)
		if (fds[i].revents != 0) {
			assert_int_equal(served, 0);
			served = i;
		}
	return served;
}

TEST(each_that_is_always_ready_has_its_turn)
{
	struct pollfd fds[PIPES + 1];
	struct fair_poll turns = { -1 };
	unsigned times[PIPES + 1] = { 0 };
	int writers[PIPES + 1];

	open_pipes(fds, writers);
	for (int i = 1; i <= PIPES; i++)
		assert_int_equal(write(writers[i], "x", 1), 1);
	for (int n = 0; n < 4 * PIPES; n++)
		times[take_turn(fds, &turns)]++;
	for (int i = 1; i <= PIPES; i++)
		assert_int_equal(times[i], 4);
	close_pipes(fds, writers);
}

TEST(one_that_is_ready_alone_has_every_turn)
{
	struct pollfd fds[PIPES + 1];
	struct fair_poll turns = { -1 };
	int writers[PIPES + 1];

	open_pipes(fds, writers);
	assert_int_equal(take_turn(fds, &turns), 0);
	assert_int_equal(write(writers[2], "x", 1), 1);
	assert_int_equal(take_turn(fds, &turns), 2);
	assert_int_equal(take_turn(fds, &turns), 2);
	close_pipes(fds, writers);
}

/* AvahiSimplePoll looks at it by itself, whatever else there is. */
TEST(the_wake_up_of_the_loop_is_left_alone)
{
	struct pollfd fds[PIPES + 1];
	struct fair_poll turns = { -1 };
	int writers[PIPES + 1];

	open_pipes(fds, writers);
	assert_int_equal(write(writers[0], "x", 1), 1);
	assert_int_equal(write(writers[1], "x", 1), 1);
	assert_int_equal(take_turn(fds, &turns), 1);
	assert_int_equal(fds[0].revents, POLLIN);
	close_pipes(fds, writers);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
