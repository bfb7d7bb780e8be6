/* SPDX-License-Identifier: ISC */
/* Events, answers and the state of the daemon. */
#include "config.h"

#include <errno.h>

#include "mqtt/message/notice.h"

#include "unit/test.h"

static json_t *
device_of(const char *state, const char *reason)
{
	return json_pack("{s:s, s:s, s:s?}", "id", "1000a05bf7", "state", state,
	    "reason", reason);
}

static void
assert_text(const json_t *object, const char *key, const char *want)
{
	assert_string_equal(
	    json_string_value(json_object_get(object, key)), want);
}

TEST(a_change_is_told_by_the_word_that_automations_wait_for)
{
	static const struct {
		const char *state, *reason, *event;
	} rows[] = {
		{ "held", "approval", "approval" },
		{ "held", "window", "change" },
		{ "downloading", NULL, "change" },
		{ "flashed", NULL, "flashed" },
		{ "verified", NULL, "verified" },
		{ "failed", "stalled", "failed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *before = device_of("seen", NULL);
		json_t *device = device_of(rows[i].state, rows[i].reason);
		json_t *event = notice_change(before, device, 0);

		assert_text(event, "event", rows[i].event);
		assert_text(event, "previous", "seen");
		assert_text(event, "time", "1970-01-01T00:00:00Z");
		json_decref(event);
		json_decref(before);
		json_decref(device);
	}
}

TEST(progress_is_no_event)
{
	json_t *before = device_of("downloading", NULL);
	json_t *device = device_of("downloading", NULL);

	json_object_set_new(
	    device, "progress", json_pack("{s:i}", "percent", 7));
	assert_null(notice_change(before, device, 0));
	json_decref(before);
	json_decref(device);
}

TEST(an_answer_says_to_what_and_how_it_ended)
{
	const struct notice_command command = { "1000a05bf7", "approve", "x" };
	const struct notice_command unread = { "", NULL, "" };
	struct error err = { ESTALE, "another image" };
	json_t *reply = json_pack("{s:b, s:s, s:s}", "ok", 0, "code",
	    "EALREADY", "error", "it is so already");
	json_t *answer = notice_answer(&command, reply);

	assert_text(answer, "transaction", "x");
	assert_text(answer, "do", "approve");
	assert_text(answer, "code", "EALREADY");
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_true(json_is_null(json_object_get(answer, "advice")));
	json_decref(answer);
	json_decref(reply);

	answer = notice_refusal(&unread, &err);
	assert_true(json_is_null(json_object_get(answer, "transaction")));
	assert_text(answer, "code", "ESTALE");
	json_decref(answer);

	answer = notice_answer(&command, NULL);
	assert_text(answer, "code", "EIO");
	json_decref(answer);
}

TEST(the_daemon_counts_every_state_also_those_that_nobody_has)
{
	struct notice_counts counts = { 0 };
	json_t *held = device_of("held", "approval");
	json_t *busy = device_of("downloading", NULL);
	json_t *odd = device_of("melting", NULL);
	json_t *daemon;

	notice_count(&counts, held);
	notice_count(&counts, busy);
	notice_count(&counts, odd);
	daemon = notice_daemon(&counts, "home", NULL);
	assert_int_equal(
	    json_integer_value(json_object_get(daemon, "approvals_waiting")),
	    1);
	assert_int_equal(
	    json_integer_value(json_object_get(daemon, "at_work")), 1);
	assert_int_equal(
	    json_object_size(json_object_get(daemon, "counts")), STATE_COUNT);
	assert_text(daemon, "site", "home");
	json_decref(daemon);
	json_decref(held);
	json_decref(busy);
	json_decref(odd);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
