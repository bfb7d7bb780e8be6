/* SPDX-License-Identifier: ISC */
/* The table of all devices: its limit, and which device gives way. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/device/registry.h"

#include "unit/fixture.h"
#include "unit/test.h"

TEST(a_device_is_made_once_and_found_again)
{
	struct registry *registry = registry_new(10, &fixture_ops, NULL);
	struct device *device =
	    registry_get(registry, FIXTURE_ID, DEVICE_STRANGER);

	assert_non_null(device);
	assert_string_equal(device->id, FIXTURE_ID);
	assert_int_equal(device->state, STATE_SEEN);
	assert_int_equal(device->place.port, DEVICE_PORT);
	assert_int_equal(device->since, fixture_clock);
	assert_ptr_equal(
	    registry_get(registry, FIXTURE_ID, DEVICE_FITTING), device);
	assert_ptr_equal(registry_find(registry, FIXTURE_ID), device);
	assert_null(registry_find(registry, "1000a05bf7"));
	assert_null(registry_find(registry, ""));
	assert_int_equal(registry_count(registry), 1);
	registry_remove(registry, device);
	assert_null(registry_find(registry, FIXTURE_ID));
	assert_int_equal(registry_count(registry), 0);
	registry_free(registry);
	registry_free(NULL);
}

TEST(a_flood_stops_at_the_limit)
{
	struct registry *registry = registry_new(16, &fixture_ops, NULL);
	char id[DEVICE_ID_SIZE];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%010x", i);
		assert_int_equal(
		    registry_get(registry, id, DEVICE_STRANGER) != NULL,
		    i < 16);
	}
	assert_int_equal(registry_count(registry), 16);
	assert_int_equal(registry_dropped(registry), 984);
	assert_non_null(registry_get(registry, "000000000f", DEVICE_STRANGER));
	assert_null(registry_find(registry, "0000000010"));
	registry_free(registry);
}

/* Anything that makes a device more than a name somebody has called. */
static void
tie_nothing(struct device *device)
{
	device->seen.is_present = true;
}

static void
tie_policy(struct device *device)
{
	text_copy(device->policy, sizeof(device->policy), "p");
}

static void
tie_job(struct device *device)
{
	device->job = (struct job *)device;
}

static void
tie_look(struct device *device)
{
	device->look = device;
}

static void
tie_name(struct device *device)
{
	device->seen.rank = DEVICE_FITTING;
}

static void
tie_id(struct device *device)
{
	device->seen.rank = DEVICE_NAMED;
}

static void
tie_info(struct device *device)
{
	device->facts.info_known = true;
}

static void
tie_attempt(struct device *device)
{
	device->attempt.number = 1;
}

static void
tie_image(struct device *device)
{
	device->attempt.has_image = true;
}

static void
tie_approval(struct device *device)
{
	text_copy(
	    device->order.approved, sizeof(device->order.approved), SHA_A);
}

static void
tie_order(struct device *device)
{
	device->order.is_given = true;
}

static void
tie_failure(struct device *device)
{
	device_restore(device, STATE_FAILED, 0);
}

TEST(only_what_is_nothing_but_announced_makes_room)
{
	static const struct {
		void (*tie)(struct device *);
		bool gives_way;
	} cases[] = {
		{ tie_nothing, true },
		{ tie_policy, false },
		{ tie_job, false },
		{ tie_look, false },
		{ tie_name, false },
		{ tie_info, true }, /* an invented one can answer, too */
		{ tie_attempt, false },
		{ tie_image, false },
		{ tie_approval, false },
		{ tie_order, false },
		{ tie_failure, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct registry *registry = registry_new(1, &fixture_ops, NULL);
		struct device *old = registry_get(
				  registry, FIXTURE_ID, DEVICE_STRANGER),
			      *known;

		cases[i].tie(old);
		assert_null(
		    registry_get(registry, "1000a05bf7", DEVICE_STRANGER));
		assert_int_equal(registry_dropped(registry), 1);
		known = registry_get(registry, "1000a05bf7", DEVICE_FITTING);
		assert_int_equal(known != NULL, cases[i].gives_way);
		assert_int_equal(registry_find(registry, FIXTURE_ID) == NULL,
		    cases[i].gives_way);
		assert_int_equal(registry_count(registry), 1);
		assert_int_equal(
		    registry_dropped(registry), cases[i].gives_way ? 1 : 2);
		if (!cases[i].gives_way)
			old->job = NULL;
		registry_free(registry);
	}
}

/* What fits a policy may be invented, what has its id in one is not. */
TEST(who_is_named_goes_before_who_fits)
{
	static const struct {
		void (*tie)(struct device *);
		bool gives_way;
	} cases[] = {
		{ tie_nothing, true },
		{ tie_policy, true },
		{ tie_name, true },
		{ tie_job, false },
		{ tie_look, false },
		{ tie_attempt, false },
		{ tie_approval, false },
		{ tie_id, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct registry *registry = registry_new(1, &fixture_ops, NULL);
		struct device *old =
		    registry_get(registry, FIXTURE_ID, DEVICE_STRANGER);

		cases[i].tie(old);
		assert_int_equal(
		    registry_get(registry, "1000a05bf7", DEVICE_NAMED) != NULL,
		    cases[i].gives_way);
		if (!cases[i].gives_way)
			old->job = NULL;
		registry_free(registry);
	}
}

TEST(the_lowest_gives_way_first)
{
	struct registry *registry = registry_new(3, &fixture_ops, NULL);

	registry_get(registry, "1000000001", DEVICE_FITTING);
	tie_info(registry_get(registry, "1000000002", DEVICE_STRANGER));
	tie_info(registry_get(registry, "1000000003", DEVICE_FITTING));
	assert_non_null(registry_get(registry, "1000000004", DEVICE_NAMED));
	assert_null(registry_find(registry, "1000000002"));
	assert_non_null(registry_get(registry, "1000000005", DEVICE_NAMED));
	assert_null(registry_find(registry, "1000000001"));
	assert_non_null(registry_get(registry, "1000000006", DEVICE_NAMED));
	assert_null(registry_get(registry, "1000000007", DEVICE_NAMED));
	registry_free(registry);
}

TEST(among_many_the_tied_ones_stay)
{
	struct registry *registry = registry_new(3, &fixture_ops, NULL);

	tie_policy(registry_get(registry, "1000000001", DEVICE_FITTING));
	registry_get(registry, "1000000002", DEVICE_STRANGER);
	tie_info(registry_get(registry, "1000000003", DEVICE_STRANGER));
	tie_policy(registry_get(registry, "1000000004", DEVICE_FITTING));
	assert_null(registry_find(registry, "1000000002"));
	assert_non_null(registry_find(registry, "1000000001"));
	assert_non_null(registry_find(registry, "1000000003"));
	tie_policy(registry_get(registry, "1000000005", DEVICE_FITTING));
	assert_null(registry_find(registry, "1000000003"));
	assert_null(registry_get(registry, "1000000006", DEVICE_FITTING));
	registry_free(registry);
}

TEST(a_stranger_that_is_silent_is_stale)
{
	struct registry *registry = registry_new(3, &fixture_ops, NULL);
	struct device *known =
	    registry_get(registry, "1000000001", DEVICE_FITTING);
	struct device *stranger =
	    registry_get(registry, "1000000002", DEVICE_STRANGER);

	tie_policy(known);
	known->seen.has_answered = known->facts.info_known = true;
	stranger->seen.last_ms = 5000;
	assert_true(registry_has_room(registry));
	registry_get(registry, "1000000003", DEVICE_STRANGER)->seen.last_ms =
	    9000;
	assert_false(registry_has_room(registry));
	assert_null(registry_stale(registry, 5000));
	assert_ptr_equal(registry_stale(registry, 5001), stranger);
	registry_remove(registry, stranger);
	assert_null(registry_stale(registry, 5001));
	assert_true(registry_has_room(registry));
	registry_free(registry);
}

/* What had to do with a flash, or is named, stays however silent it is. */
TEST(a_device_that_answered_once_is_stale_when_it_is_asked_in_vain)
{
	static const struct {
		void (*tie)(struct device *);
		bool is_stale;
	} rows[] = {
		{ tie_nothing, true }, { tie_policy, true }, { tie_name, true },
		{ tie_id, false }, { tie_look, false }, { tie_attempt, false },
		{ tie_info, false }, /* it has not been asked in vain yet */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct registry *registry = registry_new(1, &fixture_ops, NULL);
		struct device *device =
		    registry_get(registry, FIXTURE_ID, DEVICE_STRANGER);

		device->seen.has_answered = true;
		device->seen.last_ms = 5000;
		rows[i].tie(device);
		assert_null(registry_stale(registry, 5000));
		assert_int_equal(
		    registry_stale(registry, 5001) == device, rows[i].is_stale);
		registry_free(registry);
	}
}

TEST(devices_come_in_the_order_of_their_ids)
{
	static const char *const ids[] = { "1000a0", "1000b0", "0fffff",
		"1000a1", "ffffff", "000000" };
	struct registry *registry = registry_new(10, &fixture_ops, NULL);
	struct device *device = NULL;
	const char *last = "";
	size_t count = 0;

	assert_null(registry_next(registry, NULL));
	for (size_t i = 0; i < COUNT(ids); i++)
		registry_get(registry, ids[i], DEVICE_STRANGER);
	while ((device = registry_next(registry, device)) != NULL) {
		assert_true(strcmp(last, device->id) < 0);
		last = device->id;
		count++;
	}
	assert_int_equal(count, COUNT(ids));
	registry_remove(registry, registry_find(registry, "000000"));
	registry_get(registry, "0a0a0a", DEVICE_STRANGER);
	device = registry_next(registry, NULL);
	assert_string_equal(device->id, "0a0a0a");
	device = registry_next(registry, device);
	assert_string_equal(device->id, "0fffff");
	registry_free(registry);
}

static void
count_call(void *ctx)
{
	++*(unsigned *)ctx;
}

TEST(a_device_that_was_learned_of_is_taken_once_and_in_order)
{
	struct registry *registry = registry_new(10, &fixture_ops, NULL);
	struct device *first =
	    registry_get(registry, "1000000002", DEVICE_STRANGER);
	struct device *gone =
	    registry_get(registry, "1000000003", DEVICE_STRANGER);
	struct device *last =
	    registry_get(registry, "1000000001", DEVICE_STRANGER);
	unsigned calls = 0;

	assert_null(registry_take_learned(registry));
	registry_listen(registry, count_call, &calls);
	registry_learned(registry, first);
	registry_learned(registry, gone);
	registry_learned(registry, last);
	registry_learned(registry, first);
	assert_int_equal(calls, 1);
	registry_remove(registry, gone);
	assert_ptr_equal(registry_take_learned(registry), first);
	assert_ptr_equal(registry_take_learned(registry), last);
	assert_null(registry_take_learned(registry));
	registry_learned(registry, last);
	assert_int_equal(calls, 2);
	registry_listen(registry, NULL, NULL);
	assert_ptr_equal(registry_take_learned(registry), last);
	registry_learned(registry, last);
	assert_int_equal(calls, 2);
	registry_free(registry);
}

/* More than hearsay speaks for it; a question of ours does not. */
TEST(a_device_is_known_by_what_ties_it)
{
	static const struct {
		void (*tie)(struct device *);
		bool is_known;
	} cases[] = {
		{ tie_nothing, false },
		{ tie_look, false },
		{ tie_info, false },
		{ tie_policy, true },
		{ tie_job, true },
		{ tie_name, true },
		{ tie_id, true },
		{ tie_attempt, true },
		{ tie_order, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);

		cases[i].tie(device);
		assert_int_equal(registry_is_known(device), cases[i].is_known);
		device_free(device);
	}
}

TEST(a_roll_calls_those_who_are_still_there)
{
	struct registry *registry = registry_new(10, &fixture_ops, NULL);
	struct device *second =
	    registry_get(registry, "1000000002", DEVICE_FITTING);
	struct device *first =
	    registry_get(registry, "1000000001", DEVICE_FITTING);
	struct device *third =
	    registry_get(registry, "1000000003", DEVICE_FITTING);
	struct registry_walk *roll = registry_walk_new(registry);

	registry_remove(registry, second);
	registry_get(
	    registry, "1000000004", DEVICE_FITTING); /* it came too late */
	assert_ptr_equal(registry_walk_next(roll), first);
	assert_ptr_equal(registry_walk_next(roll), third);
	assert_null(registry_walk_next(roll));
	assert_null(registry_walk_next(roll));
	registry_walk_free(roll);
	registry_walk_free(NULL);
	registry_free(registry);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
