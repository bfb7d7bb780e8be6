/* SPDX-License-Identifier: ISC */
/* Which networks this machine can reach, and the clocks that stand still. */
#include "config.h"

#include <arpa/inet.h>

#include "core/net/connectivity.h"

#include "unit/test.h"

#define SETTLE CONNECTIVITY_SETTLE_MS

static struct in_addr
ip(const char *text)
{
	struct in_addr address;

	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	return address;
}

TEST(a_network_is_known_by_its_addresses)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *lan, *behind, *wide, *one;
	char name[32];

	lan = connectivity_add(&reach, ip("192.168.1.23"), 24);
	behind = connectivity_add(&reach, ip("192.168.1.24"), 0);
	assert_ptr_equal(
	    connectivity_find(&reach, ip("192.168.1.200"), 24), lan);
	assert_ptr_equal(
	    connectivity_find(&reach, ip("192.168.1.200"), 0), behind);
	assert_null(connectivity_find(&reach, ip("192.168.2.23"), 24));
	assert_null(connectivity_find(&reach, ip("192.168.0.24"), 0));
	assert_null(connectivity_find(&reach, ip("192.168.1.23"), 16));
	assert_int_equal(connectivity_prefix(&reach, ip("192.168.1.77")), 24);
	assert_int_equal(connectivity_prefix(&reach, ip("192.168.2.77")), 0);
	assert_string_equal(
	    connectivity_name(lan, name, sizeof(name)), "192.168.1.0/24");
	assert_string_equal(
	    connectivity_name(behind, name, sizeof(name)), "192.168.1.0/24");
	wide = connectivity_add(&reach, ip("130.0.0.1"), 1);
	assert_ptr_equal(connectivity_find(&reach, ip("200.0.0.1"), 1), wide);
	assert_int_equal(connectivity_prefix(&reach, ip("200.0.0.1")), 1);
	assert_string_equal(
	    connectivity_name(wide, name, sizeof(name)), "128.0.0.0/1");
	one = connectivity_add(&reach, ip("10.0.0.7"), 32);
	assert_ptr_equal(connectivity_find(&reach, ip("10.0.0.7"), 32), one);
	assert_null(connectivity_find(&reach, ip("10.0.0.6"), 32));
	connectivity_fini(&reach);
}

TEST(what_changes_is_news_once)
{
	static const struct {
		const char *why;
		enum connectivity_news news;
	} steps[] = {
		{ NULL, CONNECTIVITY_SAME },
		{ "eth0 has no carrier", CONNECTIVITY_OUT },
		{ "eth0 has no carrier", CONNECTIVITY_SAME },
		{ "eth0 is switched off", CONNECTIVITY_SAME },
		{ NULL, CONNECTIVITY_BACK },
		{ NULL, CONNECTIVITY_SAME },
	};
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);

	for (size_t i = 0; i < COUNT(steps); i++)
		assert_int_equal(
		    connectivity_note(net, steps[i].why, 1000 * (i + 1)),
		    steps[i].news);
	assert_string_equal(net->why, "");
	assert_string_equal(net->last, "eth0 is switched off");
	assert_int_equal(connectivity_outage_ms(net), 3000);
	connectivity_fini(&reach);
}

/* From the first moment on, and until 40 s behind the last. */
TEST(the_time_that_was_lost_is_told)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);

	assert_int_equal(connectivity_lost(net, 1000), 0);
	connectivity_note(net, "out", 1);
	assert_int_equal(connectivity_lost(net, 1), 0);
	assert_int_equal(connectivity_lost(net, 6), 5);
	connectivity_note(net, NULL, 11);
	assert_int_equal(connectivity_outage_ms(net), 10);
	assert_int_equal(
	    connectivity_lost(net, 11 + SETTLE - 1), 10 + SETTLE - 1);
	assert_int_equal(connectivity_lost(net, 11 + SETTLE), 10 + SETTLE);
	assert_int_equal(connectivity_lost(net, 11 + SETTLE + 1), 10 + SETTLE);
	/* The missed time counts from then on. */
	connectivity_missed(&reach, 500000, 500007);
	assert_int_equal(connectivity_lost(net, 500007), 10 + SETTLE + 7);
	connectivity_fini(&reach);
}

/* The clock of a job, while one thing after the other is in the way. */
TEST(a_clock_stands_while_nobody_can_be_reached)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);
	struct connectivity_net *other =
	    connectivity_add(&reach, ip("11.0.0.1"), 8);
	struct connectivity_clock clock = { 0 }, elsewhere = { 0 };
	uint64_t begin;

	begin = connectivity_clock(&clock, net, 100000);
	connectivity_clock(&elsewhere, other, 100000);
	assert_int_equal(connectivity_clock(&clock, net, 105000) - begin, 5000);
	connectivity_note(net, "out", 110000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 200000) - begin, 10000);
	connectivity_note(net, NULL, 300000);
	/* A network that comes back does not pass anything on at once. */
	assert_int_equal(
	    connectivity_clock(&clock, net, 300000 + SETTLE) - begin, 10000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 300000 + SETTLE + 1) - begin,
	    10001);
	/* Nor does it matter if nobody has looked at the clock meanwhile. */
	connectivity_note(net, "out", 400000);
	connectivity_note(net, NULL, 410000);
	connectivity_note(net, "out", 411000);
	connectivity_note(net, NULL, 420000);
	assert_int_equal(connectivity_clock(&clock, net, 500000) - begin,
	    10000 + (400000 - 300000 - SETTLE) + (500000 - 420000 - SETTLE));
	assert_int_equal(connectivity_clock(&elsewhere, other, 500000), 500000);
	connectivity_fini(&reach);
}

/* It answers: there is no more to wait for, as long as it lasts. */
TEST(an_answer_ends_the_wait_for_what_came_back)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);
	struct connectivity_clock clock = { 0 }, silent = { 0 };
	uint64_t begin;

	begin = connectivity_clock(&clock, net, 100000);
	connectivity_clock(&silent, net, 100000);
	connectivity_heard(&clock, 105000);
	connectivity_note(net, "out", 110000);
	connectivity_note(net, NULL, 200000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 203000) - begin, 10000);
	connectivity_heard(&clock, 205000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 215000) - begin, 20000);
	assert_int_equal(
	    connectivity_clock(&silent, net, 215000) - begin, 10000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 215500) - begin, 20500);
	connectivity_note(net, "out", 216000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 250000) - begin, 20500);
	connectivity_note(net, NULL, 260000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 261000) - begin, 20500);
	connectivity_fini(&reach);
}

TEST(sleep_and_a_stop_of_the_process_do_not_count)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);
	struct connectivity_clock clock = { 0 };
	uint64_t begin;

	begin = connectivity_clock(&clock, net, 100000);
	/* Three timers say the same of one stop of 60 s. */
	connectivity_missed(&reach, 110000, 170000);
	connectivity_missed(&reach, 120000, 170000);
	connectivity_missed(&reach, 140000, 170001);
	assert_int_equal(
	    connectivity_clock(&clock, net, 170001) - begin, 10000);
	/* While it stands in any case, it is not counted twice. */
	connectivity_note(net, "out", 180000);
	connectivity_missed(&reach, 181000, 190000);
	connectivity_note(net, NULL, 200000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 210000) - begin, 19999);
	/* The networks of a machine that has slept come back one by one. */
	connectivity_slept(&reach, 300000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 300000 + SETTLE) - begin,
	    19999 + 100000 - SETTLE);
	connectivity_fini(&reach);
}

/* An answer shows that packets pass, and not that anybody looks at them. */
TEST(a_stop_of_the_process_does_not_count_for_who_has_answered_either)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);
	struct connectivity_clock clock = { 0 };
	uint64_t begin;

	connectivity_slept(&reach, 100000);
	begin = connectivity_clock(&clock, net, 100000);
	connectivity_heard(&clock, 100000);
	assert_int_equal(connectivity_clock(&clock, net, 101000) - begin, 1000);
	/* The network still settles when the process is stopped. */
	connectivity_missed(&reach, 102000, 200000);
	assert_int_equal(connectivity_clock(&clock, net, 200000) - begin, 2000);
	/* And long after. */
	assert_int_equal(
	    connectivity_clock(&clock, net, 250000) - begin, 52000);
	connectivity_missed(&reach, 260000, 300000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 301000) - begin, 63000);
	connectivity_fini(&reach);
}

/* Time that is missed in part while a network settles counts once. */
TEST(a_stop_that_begins_while_a_network_settles_is_counted_once)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);
	struct connectivity_clock clock = { 0 };
	uint64_t begin;

	begin = connectivity_clock(&clock, net, 90000);
	connectivity_slept(&reach, 100000);
	connectivity_missed(
	    &reach, 100000 + SETTLE - 5000, 100000 + SETTLE + 3000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 100000 + SETTLE + 4000) - begin,
	    11000);
	assert_int_equal(
	    connectivity_lost(net, 100000 + SETTLE + 4000), SETTLE + 3000);
	connectivity_fini(&reach);
}

TEST(a_clock_stands_while_nobody_can_be_let_in)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
				    connectivity_add(&reach, ip("10.0.0.1"), 8),
				*other;
	struct connectivity_clock clock = { 0 }, late = { 0 }, heard = { 0 };
	uint64_t begin, then;

	begin = connectivity_clock(&clock, net, 100000);
	connectivity_clock(&heard, net, 100000);
	connectivity_hold(&reach, 110000);
	/* So does that of a network which is new meanwhile. */
	other = connectivity_add(&reach, ip("11.0.0.1"), 8);
	connectivity_hold(&reach, 111000);
	then = connectivity_clock(&late, other, 111000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 150000) - begin, 10000);
	/* Or was out. */
	connectivity_note(net, "out", 160000);
	connectivity_note(net, NULL, 170000);
	connectivity_hold(&reach, 170000);
	connectivity_missed(&reach, 171000, 180000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 300000) - begin, 10000);
	assert_int_equal(connectivity_clock(&late, other, 300000), then);
	connectivity_release(&reach, 300000);
	assert_int_equal(
	    connectivity_clock(&heard, net, 301000) - begin, 10000);
	connectivity_heard(&heard, 305000);
	assert_int_equal(
	    connectivity_clock(&heard, net, 315000) - begin, 20000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 300000 + SETTLE + 5000) - begin,
	    15000);
	connectivity_release(&reach, 400000); /* of none */
	assert_int_equal(connectivity_clock(&clock, net, 400000) - begin,
	    10000 + 100000 - SETTLE);
	/* One that is out when it ends comes back as any other. */
	connectivity_hold(&reach, 410000);
	connectivity_note(net, "out", 420000);
	connectivity_release(&reach, 430000);
	assert_int_equal(
	    connectivity_note(net, NULL, 500000), CONNECTIVITY_BACK);
	assert_int_equal(connectivity_outage_ms(net), 80000);
	assert_int_equal(
	    connectivity_clock(&clock, net, 501000 + SETTLE) - begin,
	    20000 + 100000 - SETTLE + 1000);
	connectivity_fini(&reach);
}

TEST(a_clock_goes_on_where_the_network_is_another)
{
	struct connectivity reach = { 0 };
	struct connectivity_net *net =
	    connectivity_add(&reach, ip("10.0.0.1"), 8);
	struct connectivity_net *other =
	    connectivity_add(&reach, ip("11.0.0.1"), 8);
	struct connectivity_clock clock = { 0 };
	uint64_t value;

	connectivity_note(other, "out", 1000);
	value = connectivity_clock(&clock, net, 100000);
	assert_true(connectivity_clock(&clock, other, 101000) >= value);
	value = connectivity_clock(&clock, other, 150000);
	assert_int_equal(connectivity_clock(&clock, other, 160000), value);
	assert_int_equal(
	    connectivity_clock(&clock, NULL, 161000), value + 1000);
	assert_int_equal(connectivity_clock(&clock, net, 162000), value + 2000);
	connectivity_fini(&reach);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
