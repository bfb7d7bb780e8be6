/* SPDX-License-Identifier: ISC */
/* What is published, in which order, and how quickly. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "mqtt/outbox.h"

#include "unit/test.h"

static int
set_up(void **state)
{
	*state = outbox_new();
	return 0;
}

static int
tear_down(void **state)
{
	outbox_free(*state);
	return 0;
}

#define OUTBOX_TEST(name) TEST_WITH(name, set_up, tear_down)

/* Take all that may leave from now_ms on, as "topic=payload topic=payload". */
static const char *
take_all(struct outbox *outbox, uint64_t now_ms)
{
	static char all[4096];
	struct outbox_message message;
	size_t used = 0;

	all[0] = '\0';
	for (uint64_t end = now_ms + 60000; now_ms < end; now_ms++)
		while (outbox_take(outbox, now_ms, &message))
			used += (size_t)snprintf(all + used, sizeof(all) - used,
			    "%s%s%s%s", used > 0 ? " " : "", message.topic,
			    message.is_retained ? "=" : "!", message.payload);
	return all;
}

OUTBOX_TEST(the_order_is_that_of_the_ranks_whatever_came_first)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("s"));
	outbox_set(outbox, OUTBOX_CONFIGS, "config", xstrdup("c"));
	outbox_set(outbox, OUTBOX_HUB, "hub", xstrdup("h"));
	outbox_set(outbox, OUTBOX_STATUS, "status", xstrdup("online"));
	outbox_set(outbox, OUTBOX_UPDATES, "update", xstrdup("u"));
	outbox_once(outbox, "answer", xstrdup("a"));
	assert_string_equal(take_all(outbox, 1000),
	    "answer!a update=u status=online hub=h config=c state=s");
	assert_string_equal(take_all(outbox, 100000), "");
	assert_int_equal(outbox_wait_ms(outbox, 200000), -1);
}

OUTBOX_TEST(only_the_last_of_many_changes_is_sent)
{
	struct outbox *outbox = *state;
	char text[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		outbox_set(outbox, OUTBOX_STATES, "state", xstrdup(text));
	}
	assert_int_equal(outbox_waiting(outbox), 1);
	assert_string_equal(take_all(outbox, 1000), "state=999");
}

OUTBOX_TEST(what_is_as_before_is_not_sent_again)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("a"));
	take_all(outbox, 1000);
	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("a"));
	assert_int_equal(outbox_waiting(outbox), 0);
	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("b"));
	assert_string_equal(take_all(outbox, 1000), "state=b");
}

OUTBOX_TEST(a_topic_is_removed_by_an_empty_payload_and_forgotten)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("a"));
	take_all(outbox, 1000);
	outbox_set(outbox, OUTBOX_STATES, "state", NULL);
	assert_int_equal(outbox_count(outbox), 1);
	assert_string_equal(take_all(outbox, 1000), "state=");
	assert_int_equal(outbox_count(outbox), 0);
	outbox_renew(outbox);
	assert_string_equal(take_all(outbox, 1000), "");
}

OUTBOX_TEST(a_topic_that_comes_back_before_it_was_removed_stays)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("a"));
	take_all(outbox, 1000);
	outbox_set(outbox, OUTBOX_STATES, "state", NULL);
	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("b"));
	assert_string_equal(take_all(outbox, 1000), "state=b");
	assert_int_equal(outbox_count(outbox), 1);
}

OUTBOX_TEST(after_a_loss_everything_is_sent_again_but_what_was_for_once)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("a"));
	outbox_set(outbox, OUTBOX_UPDATES, "update", xstrdup("u"));
	take_all(outbox, 1000);
	outbox_once(outbox, "event", xstrdup("old"));
	outbox_renew(outbox);
	assert_string_equal(take_all(outbox, 1000), "update=u state=a");
}

OUTBOX_TEST(a_repetition_takes_five_seconds_and_changes_go_before_it)
{
	enum { COUNT_OF_TOPICS = 100 };
	struct outbox *outbox = *state;
	struct outbox_message message;
	unsigned in_first = 0, in_all = 0;
	char topic[16];

	for (int i = 0; i < COUNT_OF_TOPICS; i++) {
		snprintf(topic, sizeof(topic), "t%d", i);
		outbox_set(outbox, OUTBOX_STATES, topic, xstrdup("x"));
	}
	take_all(outbox, 1000);
	outbox_repeat(outbox, 100000);
	for (uint64_t now = 100000; now < 105000; now += 5)
		while (outbox_take(outbox, now, &message)) {
			in_all++;
			in_first += now < 102500;
		}
	assert_int_equal(in_all, COUNT_OF_TOPICS);
	assert_in_range(in_first, 45, 55);

	outbox_repeat(outbox, 200000);
	assert_true(outbox_take(outbox, 200000, &message));
	assert_false(outbox_take(outbox, 200001, &message));
	assert_in_range(outbox_wait_ms(outbox, 200001), 40, 50);
	outbox_set(outbox, OUTBOX_STATES, "t7", xstrdup("changed"));
	assert_true(outbox_take(outbox, 200002, &message));
	assert_string_equal(message.topic, "t7");
}

OUTBOX_TEST(the_daemon_is_repeated_before_the_devices)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("s"));
	outbox_set(outbox, OUTBOX_UPDATES, "update", xstrdup("u"));
	outbox_set(outbox, OUTBOX_HUB, "hub", xstrdup("h"));
	outbox_set(outbox, OUTBOX_CONFIGS, "config", xstrdup("c"));
	take_all(outbox, 1000);
	outbox_repeat(outbox, 100000);
	assert_string_equal(
	    take_all(outbox, 100000), "hub=h config=c state=s update=u");
}

OUTBOX_TEST(what_follows_a_message_is_sent_before_and_after_it)
{
	struct outbox *outbox = *state;

	outbox_set(outbox, OUTBOX_UPDATES, "update", xstrdup("u"));
	outbox_set_followed(
	    outbox, OUTBOX_CONFIGS, "config", xstrdup("c"), "update");
	outbox_set(outbox, OUTBOX_STATES, "state", xstrdup("s"));
	assert_string_equal(
	    take_all(outbox, 1000), "update=u config=c state=s update=u");
	outbox_set(outbox, OUTBOX_UPDATES, "update", xstrdup("v"));
	assert_string_equal(take_all(outbox, 1000), "update=v");
	outbox_set_followed(
	    outbox, OUTBOX_CONFIGS, "config", xstrdup("d"), "update");
	assert_string_equal(take_all(outbox, 1000), "config=d update=v");
	/* A change while it waits for its second turn takes its first one. */
	outbox_renew(outbox);
	outbox_set(outbox, OUTBOX_UPDATES, "update", xstrdup("w"));
	assert_string_equal(
	    take_all(outbox, 1000), "update=w config=d state=s update=w");
	/* A message that is removed brings nothing back. */
	outbox_set(outbox, OUTBOX_CONFIGS, "config", NULL);
	outbox_set(outbox, OUTBOX_UPDATES, "update", NULL);
	assert_string_equal(take_all(outbox, 1000), "update= config=");
}

OUTBOX_TEST(no_more_than_eight_hundred_leave_in_a_second)
{
	struct outbox *outbox = *state;
	struct outbox_message message;
	unsigned taken = 0;
	char topic[16];

	for (int i = 0; i < 5000; i++) {
		snprintf(topic, sizeof(topic), "t%d", i);
		outbox_set(outbox, OUTBOX_STATES, topic, xstrdup("x"));
	}
	for (uint64_t now = 50000; now < 51000; now++)
		while (outbox_take(outbox, now, &message))
			taken++;
	assert_in_range(taken, 780, 815);
	assert_in_range(outbox_wait_ms(outbox, 51000), 0, 2);
}

OUTBOX_TEST(what_is_sent_once_has_a_limit)
{
	struct outbox *outbox = *state;
	char text[16];

	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		outbox_once(outbox, "event", xstrdup(text));
	}
	assert_int_equal(outbox_waiting(outbox), OUTBOX_MAX_ONCE);
	assert_contains(take_all(outbox, 1000), "event!9999");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
