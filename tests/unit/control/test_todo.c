/* SPDX-License-Identifier: ISC */
/* What a person has to do, the most urgent first, in sentences to follow. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/todo.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define MAX 16

/* Devices 1000000001, 1000000002, ... */
struct lan {
	struct device *devices[MAX];
	size_t count;
};

static struct device *
add(struct lan *lan, enum state state, enum reason reason)
{
	char id[32];
	struct device *device;

	assert_in_range(lan->count, 0, MAX - 1);
	snprintf(id, sizeof(id), "10000000%02zu", lan->count + 1);
	device = fixture_device(id);
	fixture_end(device, "50-mini", SHA_A, state, 1);
	device->reason = reason;
	lan->devices[lan->count++] = device;
	return device;
}

static struct device *
hold(struct lan *lan, enum hold hold)
{
	struct device *device = add(lan, STATE_HELD, REASON_NONE);

	device->hold = hold;
	return device;
}

static void
add_all(struct lan *lan, struct todo_list *todo)
{
	/* The order in which they are known does not matter. */
	for (size_t i = lan->count; i-- > 0;)
		todo_add_device(todo, lan->devices[i]);
}

static void
lan_free(struct lan *lan)
{
	for (size_t i = 0; i < lan->count; i++)
		device_free(lan->devices[i]);
}

static void
assert_entry(const json_t *todos, size_t index, const char *what,
    const char *sentence, const char *command, size_t count)
{
	const json_t *todo = json_array_get(todos, index);
	const char *typed = json_string_value(json_object_get(todo, "command"));

	assert_string_equal(
	    json_string_value(json_object_get(todo, "what")), what);
	assert_string_equal(
	    json_string_value(json_object_get(todo, "sentence")), sentence);
	assert_string_equal(typed != NULL ? typed : "nothing", command);
	assert_int_equal(
	    json_integer_value(json_object_get(todo, "count")), count);
	assert_int_equal(json_array_size(json_object_get(todo, "ids")), count);
}

TEST(nothing_is_an_empty_list)
{
	struct lan lan = { .count = 0 };
	struct todo_list *todo = todo_new();
	json_auto_t *todos;

	add(&lan, STATE_SEEN, REASON_NONE);
	add(&lan, STATE_VERIFIED, REASON_NONE);
	hold(&lan, HOLD_SLOT);
	add_all(&lan, todo);
	todos = todo_make(todo);
	assert_int_equal(json_array_size(todos), 0);
	lan_free(&lan);
}

TEST(the_most_urgent_is_on_top)
{
	struct lan lan = { .count = 0 };
	struct todo_list *todo = todo_new();
	json_auto_t *todos;

	add(&lan, STATE_REFUSED, REASON_NOT_DIY_MODE);
	add(&lan, STATE_FLASHED, REASON_NONE);
	hold(&lan, HOLD_APPROVAL);
	add(&lan, STATE_FAILED, REASON_UNLOCK_UNREACHABLE);
	hold(&lan, HOLD_BACKOFF)->attempt.damaged = true;
	add(&lan, STATE_FAILED, REASON_DIGEST_ERROR)->attempt.damaged = true;
	hold(&lan, HOLD_PAUSED);
	strcpy(hold(&lan, HOLD_PAUSED)->policy, "60-rest");
	strcpy(add(&lan, STATE_FINISHING, REASON_FINISH_NOT_READY)->detail,
	    "Upgrade=x.bin: no such file");
	todo_add_pause(todo, "60-rest", "60-rest is paused by root", false);
	todo_add_problem(todo, "the disk is full");
	todo_add_pause(todo, "50-mini", "1 device failed", true);
	add_all(&lan, todo);
	todos = todo_make(todo);
	assert_int_equal(json_array_size(todos), 10);
	assert_entry(todos, 0, "keep-on",
	    "do NOT switch off 1000000006: the last download was damaged, and "
	    "a restart can leave it dead; let it be downloaded again",
	    "reflashctl retry 1000000006", 1);
	assert_entry(todos, 1, "keep-on",
	    "do NOT switch off 1000000005: the last download was damaged, and "
	    "a restart can leave it dead; it is downloaded again by itself",
	    "reflashctl watch", 1);
	assert_entry(
	    todos, 2, "problem", "the disk is full", "reflashctl doctor", 0);
	assert_entry(todos, 3, "stopped",
	    "policy 50-mini has stopped: 1 device failed",
	    "reflashctl resume 50-mini", 1);
	assert_entry(todos, 4, "failed",
	    "1000000004 has failed: the device cannot reach the Sonoff cloud, "
	    "which has to unlock it",
	    "reflashctl show 1000000004", 1);
	assert_entry(todos, 5, "stuck",
	    "1000000009 is flashed, and cannot be set up: Upgrade=x.bin: no "
	    "such file",
	    "reflashctl show 1000000009", 1);
	assert_entry(todos, 6, "approve", "1000000003 waits for your approval",
	    "reflashctl approve 1000000003", 1);
	assert_entry(todos, 7, "join", "1000000002 waits for your Wi-Fi",
	    "reflashctl joining", 1);
	assert_entry(todos, 8, "refused",
	    "1000000001 is refused: the device is in eWeLink mode, where it "
	    "accepts no firmware from your network",
	    "reflashctl show 1000000001", 1);
	assert_entry(todos, 9, "paused", "60-rest is paused by root",
	    "reflashctl resume 60-rest", 1);
	lan_free(&lan);
}

TEST(up_to_five_devices_are_named)
{
	static const struct {
		size_t count;
		const char *sentence, *command;
	} cases[] = {
		{ 1, "1000000001 waits for your approval",
		    "reflashctl approve 1000000001" },
		{ 2, "1000000001 and 1000000002 wait for your approval",
		    "reflashctl approve 1000000001 1000000002" },
		{ 5,
		    "1000000001, 1000000002, 1000000003, 1000000004 and "
		    "1000000005 wait for your approval",
		    "reflashctl approve 1000000001 1000000002 1000000003 "
		    "1000000004 1000000005" },
		{ 6, "6 devices wait for your approval",
		    "reflashctl approve --all" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lan lan = { .count = 0 };
		struct todo_list *todo = todo_new();
		json_auto_t *todos;

		while (lan.count < cases[i].count)
			hold(&lan, HOLD_APPROVAL);
		add_all(&lan, todo);
		todos = todo_make(todo);
		assert_entry(todos, 0, "approve", cases[i].sentence,
		    cases[i].command, cases[i].count);
		lan_free(&lan);
	}
}

TEST(without_a_policy_one_can_be_proposed)
{
	struct lan lan = { .count = 0 };
	struct todo_list *todo = todo_new();
	json_auto_t *todos;

	todo_add_no_policy(todo);
	add(&lan, STATE_SEEN, REASON_NONE);
	strcpy(add(&lan, STATE_SEEN, REASON_NONE)->facts.type, "strip");
	add(&lan, STATE_VERIFIED, REASON_NONE);
	add_all(&lan, todo);
	todos = todo_make(todo);
	assert_int_equal(json_array_size(todos), 1);
	assert_entry(todos, 0, "propose",
	    "1000000001 can be flashed, and there is no policy",
	    "reflashctl propose", 1);
	lan_free(&lan);
}

TEST(a_device_is_called_by_its_label)
{
	struct lan lan = { .count = 0 };
	struct todo_list *todo = todo_new();
	json_auto_t *todos;

	xreplace(&hold(&lan, HOLD_APPROVAL)->label, "Hall lamp");
	hold(&lan, HOLD_APPROVAL);
	add_all(&lan, todo);
	todos = todo_make(todo);
	assert_entry(todos, 0, "approve",
	    "Hall lamp and 1000000002 wait for your approval",
	    "reflashctl approve 1000000001 1000000002", 2);
	lan_free(&lan);
}

TEST(devices_that_failed_for_the_same_reason_are_one_entry)
{
	struct lan lan = { .count = 0 };
	struct todo_list *todo = todo_new();
	json_auto_t *todos;

	add(&lan, STATE_FAILED, REASON_STALLED);
	add(&lan, STATE_FAILED, REASON_NO_ANSWER);
	add(&lan, STATE_FAILED, REASON_STALLED);
	add_all(&lan, todo);
	todos = todo_make(todo);
	assert_int_equal(json_array_size(todos), 2);
	assert_entry(todos, 0, "failed",
	    "1000000002 has failed: the device does not answer",
	    "reflashctl show 1000000002", 1);
	assert_entry(todos, 1, "failed",
	    "1000000001 and 1000000003 have failed: the download stopped "
	    "before its end, or was too slow",
	    "reflashctl show 1000000001", 2);
	lan_free(&lan);
}

TEST(a_pause_of_everything_holds_all)
{
	struct lan lan = { .count = 0 };
	struct todo_list *todo = todo_new();
	json_auto_t *todos;

	hold(&lan, HOLD_PAUSED);
	strcpy(hold(&lan, HOLD_PAUSED)->policy, "60-rest");
	todo_add_pause(todo, NULL,
	    "everything is paused by root; to go on: reflashctl resume", false);
	add_all(&lan, todo);
	todos = todo_make(todo);
	assert_int_equal(json_array_size(todos), 1);
	assert_entry(todos, 0, "paused",
	    "everything is paused by root; to go on: reflashctl resume",
	    "reflashctl resume", 2);
	assert_true(
	    json_is_null(json_object_get(json_array_get(todos, 0), "policy")));
	lan_free(&lan);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
