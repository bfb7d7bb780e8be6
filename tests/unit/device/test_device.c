/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "core/device/eligible.h"
#include "core/flash/rejoin_hint.h"
#include "unit/fixture.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONG_ID	 "130034000f50432030333633"

/* ---- what may be flashed ----------------------------------------------- */

static const struct gate_case {
	const char *id, *type, *firmware;
	bool encrypted, has_switches, info_known, has_no_info;
	enum reason want;
	const char *detail;
} gate_cases[] = {
	{ FIXTURE_ID, "diy_plug", "3.6.0", false, false, true, false,
	    REASON_NONE, "" },
	{ FIXTURE_ID, "", "", false, false, false, false, REASON_NONE, "" },
	{ FIXTURE_ID, "plug", "3.6.0", true, false, true, false,
	    REASON_NOT_DIY_MODE, "it announces encrypt=true (type plug)" },
	{ FIXTURE_ID, "", "", true, false, false, false, REASON_NOT_DIY_MODE,
	    "it announces encrypt=true (type unknown)" },
	{ FIXTURE_ID, "plug", "", false, false, false, false, REASON_WRONG_TYPE,
	    "its type is plug" },
	{ FIXTURE_ID, "diy_plug2", "", false, false, false, false,
	    REASON_WRONG_TYPE, "its type is diy_plug2" },
	{ FIXTURE_ID, "", "", false, false, true, false, REASON_WRONG_TYPE,
	    "it has announced no type, and its info is not that of a "
	    "diy_plug" },
	{ FIXTURE_ID, "diy_plug", "", false, true, false, false,
	    REASON_WRONG_CHIP,
	    "it lists several switches, as the ESP32 models do" },
	{ FIXTURE_ID, "diy_plug", "2.9.9", false, false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 2.9.9" },
	{ FIXTURE_ID, "diy_plug", "4.0.0", false, false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 4.0.0" },
	{ FIXTURE_ID, "diy_plug", "30.0", false, false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 30.0" },
	{ FIXTURE_ID, "diy_plug", "", false, false, false, true,
	    REASON_FIRMWARE_OUT_OF_RANGE,
	    "it answers as firmware 3.0 to 3.2 does, which tells no info; it "
	    "needs firmware 3.3 or later" },
	{ LONG_ID, "diy_meter", "", false, true, false, false,
	    REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type diy_meter)" },
	{ LONG_ID, "x", "", false, false, false, false, REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type x)" },
	{ FIXTURE_ID, "x", "", true, false, false, false, REASON_NOT_DIY_MODE,
	    "it announces encrypt=true (type x)" },
	{ LONG_ID, "", "", true, false, false, false, REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type unknown)" },
	{ "1000a05bf61", "diy_plug", "3.6.0", false, false, true, false,
	    REASON_WRONG_TYPE,
	    "its id has 11 digits, as no plug has (type diy_plug)" },
};

static void
only_a_diy_plug_of_one_channel_may_be_flashed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(gate_cases) / sizeof(gate_cases[0]);
	    i++) {
		const struct gate_case *c = &gate_cases[i];
		struct device *device = device_new(c->id, &fixture_ops, NULL);
		char detail[DEVICE_DETAIL_SIZE] = "";

		print_message("  %s %s %s\n", c->id, c->type, c->detail);
		strcpy(device->type, c->type);
		strcpy(device->firmware, c->firmware);
		device->encrypted = c->encrypted;
		device->has_switches = c->has_switches;
		device->info_known = c->info_known;
		device->has_no_info = c->has_no_info;
		assert_int_equal(
		    eligible_device(device, detail, sizeof(detail)), c->want);
		assert_string_equal(detail, c->detail);
		device_free(device);
	}
}

/* ---- how it is asked --------------------------------------------------- */

static void
what_it_announces_says_how_it_is_asked_first(void **unused)
{
	static const struct device_said old = { .is_old = true }, fresh = { 0 };
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	assert_int_equal(device->form, DEVAPI_WITH_ID);
	assert_true(device_may_be_old(device));
	strcpy(device->name, "x");
	assert_false(device_may_be_old(device));
	device_hear(device, &old);
	device->present = true;
	assert_int_equal(device->form, DEVAPI_OLD);
	assert_true(device_may_be_old(device));

	/* What answered is kept, whatever else it announces. */
	device->form = DEVAPI_WITHOUT_ID;
	device->has_no_info = true;
	device_hear(device, &old);
	assert_int_equal(device->form, DEVAPI_WITHOUT_ID);
	assert_true(device->has_no_info);

	/* Until it has another firmware. */
	device_hear(device, &fresh);
	assert_int_equal(device->form, DEVAPI_WITH_ID);
	assert_false(device->has_no_info);
	device->form = DEVAPI_WITHOUT_ID;
	device_hear(device, &fresh);
	assert_int_equal(device->form, DEVAPI_WITHOUT_ID);
	device_free(device);
}

static void
where_no_firmware_is_told_the_form_of_the_question_tells(void **unused)
{
	static const struct {
		enum devapi_form form;
		const char *told;
		bool string_data;
		const char *want;
	} cases[] = {
		{ DEVAPI_WITH_ID, "3.6.0", false, "3.6.0" },
		{ DEVAPI_WITH_ID, "", true, "3.3" },
		{ DEVAPI_WITH_ID, "", false, "" },
		{ DEVAPI_WITHOUT_ID, "", true, "3.3" },
		{ DEVAPI_OLD, "", true, "3.0" },
		{ DEVAPI_OLD, "", false, "3.0" },
		{ DEVAPI_OLD, "3.1.0", true, "3.1.0" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		struct devapi_info info = { .string_data =
						cases[i].string_data };

		strcpy(info.firmware, cases[i].told);
		device->form = cases[i].form;
		device->has_no_info = true;
		device_learn(device, &info);
		assert_string_equal(device->firmware, cases[i].want);
		assert_false(device->has_no_info);
		device_free(device);
	}
}

/* ---- what it tells of itself ------------------------------------------- */

/* A Mini R3 that is known by its address alone: an ESP32. */
static void
several_switches_are_learnt_and_bar_a_device(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	const struct devapi_info mini_r3 = { .has_unlocked = true,
		.has_switches = true };
	const struct devapi_info plug = { .has_unlocked = true,
		.is_plug = true };
	char detail[DEVICE_DETAIL_SIZE];

	(void)unused;
	strcpy(device->type, "diy_plug");
	device_learn(device, &mini_r3);
	assert_true(device->has_switches);
	assert_int_equal(
	    eligible_device(device, detail, sizeof(detail)), REASON_WRONG_CHIP);
	/* It does not grow another chip. */
	device_learn(device, &plug);
	assert_true(device->has_switches);
	device_free(device);
}

static void
only_the_info_of_a_plug_makes_one(void **unused)
{
	static const struct {
		const char *type;
		bool is_plug, has_unlocked;
		const char *want;
	} cases[] = {
		{ "", true, true, "diy_plug" },
		{ "", true, false, "" },
		{ "", false, true, "" },
		{ "strip", true, true, "strip" },
		{ "x", true, true, "x" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		const struct devapi_info info = { .is_plug = cases[i].is_plug,
			.has_unlocked = cases[i].has_unlocked };

		strcpy(device->type, cases[i].type);
		device_learn(device, &info);
		assert_string_equal(device->type, cases[i].want);
		device_free(device);
	}
}

static void
an_answer_ends_all_doubt_and_all_that_it_does_not_tell(void **unused)
{
	struct device *device = fixture_device(FIXTURE_ID);
	const struct devapi_info full = {
		.firmware = "3.7.6", .has_rssi = true, .rssi = -80
	};
	const struct devapi_info empty = { .rssi = -1 };

	(void)unused;
	device->info_known = device->has_answered = false;
	device->unsure = true;
	strcpy(device->no_info, "it does not answer");
	device_learn(device, &full);
	assert_true(device->info_known && device->has_answered);
	assert_false(device->unsure);
	assert_string_equal(device->no_info, "");
	assert_string_equal(device->firmware, "3.7.6");
	assert_int_equal(device->rssi, -80);
	device_learn(device, &empty);
	assert_string_equal(device->firmware, "");
	assert_int_equal(device->rssi, 0);
	device_free(device);
}

static void
a_signal_below_75_is_weak(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	assert_false(device_is_weak(device)); /* unknown */
	for (device->rssi = -128; device->rssi < 0; device->rssi++)
		assert_int_equal(device_is_weak(device), device->rssi <= -76);
	device_free(device);
}

/* ---- where it is, and what is kept of it ------------------------------- */

static void
an_address_comes_with_its_interface_or_none(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	struct in_addr at;
	char subject[64];

	(void)unused;
	assert_int_equal(device->port, 8081);
	assert_false(device->has_address);
	assert_string_equal(device_subject(device, subject, sizeof(subject)),
	    "device " FIXTURE_ID " (no address)");
	inet_pton(AF_INET, "10.0.7.21", &at);
	device_set_address(device, at, "eth0");
	assert_true(device->has_address);
	assert_int_equal(device->address.s_addr, at.s_addr);
	assert_string_equal(device->interface, "eth0");
	assert_string_equal(device_subject(device, subject, sizeof(subject)),
	    "device " FIXTURE_ID " (10.0.7.21)");
	device->prefix = 24;
	device_set_address(device, at, NULL);
	assert_string_equal(device->interface, "");
	assert_int_equal(device->prefix, 24);
	inet_pton(AF_INET, "10.0.7.22", &at);
	device_set_address(device, at, NULL);
	assert_int_equal(device->prefix, 0); /* it is not known of that one */
	device->prefix = 24;
	device->has_address = false;
	device_set_address(device, at, NULL);
	assert_int_equal(device->prefix, 0);
	device_free(device);
	device_free(NULL);
}

static void
what_it_must_come_back_as_has_a_name(void **unused)
{
	static const struct {
		enum device_expect expect;
		const char *name;
	} cases[] = {
		{ DEVICE_EXPECT_TASMOTA, "tasmota" },
		{ DEVICE_EXPECT_ESPHOME, "esphome" },
		{ DEVICE_EXPECT_ANY, "any" },
		{ DEVICE_EXPECT_OTHER, "other" },
	};
	enum device_expect found = DEVICE_EXPECT_UNSET;

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(
		    device_expect_name(cases[i].expect), cases[i].name);
		assert_true(device_expect_find(cases[i].name, &found));
		assert_int_equal(found, cases[i].expect);
	}
	assert_null(device_expect_name(DEVICE_EXPECT_UNSET));
	assert_false(device_expect_find("espurna", &found));
	assert_false(device_expect_find("", &found));
}

/* And of the time before it what a person must know. */
static void
a_cancel_names_who_and_what_was_before(void **unused)
{
	static const struct {
		enum state state;
		enum hold hold;
		enum reason reason;
		const char *detail;
	} cases[] = {
		{ STATE_SEEN, HOLD_NONE, REASON_NONE, "cancelled by ann" },
		{ STATE_PROBING, HOLD_NONE, REASON_NONE,
		    "cancelled by ann while probing" },
		{ STATE_PROBING, HOLD_BACKOFF, REASON_STALLED,
		    "cancelled by ann while probing" },
		{ STATE_REFUSED, HOLD_BACKOFF, REASON_STALLED,
		    "cancelled by ann" },
		{ STATE_HELD, HOLD_SLOT, REASON_STALLED, "cancelled by ann" },
		{ STATE_HELD, HOLD_BACKOFF, REASON_NONE, "cancelled by ann" },
		{ STATE_HELD, HOLD_BACKOFF, REASON_STALLED,
		    "cancelled by ann; its last attempt failed: stalled: it "
		    "stopped" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = fixture_device(FIXTURE_ID);

		device_restore(device, cases[i].state, 0);
		device->hold = cases[i].hold;
		device_blame(device, cases[i].reason, "it stopped");
		device_note_cancel(device, "ann");
		assert_string_equal(device->detail, cases[i].detail);
		assert_int_equal(device->reason, REASON_CANCELLED);
		device_free(device);
	}
}

static void
eight_images_are_remembered_the_latest_first(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	char name[16];

	(void)unused;
	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_false(device_has_tried(device, name));
		device_note_tried(device, name);
		assert_true(device_has_tried(device, name));
		assert_int_equal(device->tried_count, i < 8 ? i + 1 : 8);
		assert_string_equal(device->tried[0], name);
	}
	assert_false(device_has_tried(device, "0"));
	for (int i = 1; i < 9; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_string_equal(device->tried[8 - i], name);
	}
	/* Once more is no second time. */
	device_note_tried(device, "3");
	assert_int_equal(device->tried_count, 8);
	assert_string_equal(device->tried[0], "3");
	assert_string_equal(device->tried[1], "8");
	assert_string_equal(device->tried[7], "1");
	device_forget_tried(device, "8");
	assert_int_equal(device->tried_count, 7);
	assert_false(device_has_tried(device, "8"));
	assert_string_equal(device->tried[0], "3");
	assert_string_equal(device->tried[1], "7");
	assert_string_equal(device->tried[6], "1");
	device_forget_tried(device, "none");
	assert_int_equal(device->tried_count, 7);
	device_free(device);
}

static void
the_image_that_is_shown_is_the_one_that_counts(void **unused)
{
	(void)unused;
	for (enum state state = STATE_SEEN; state < STATE_COUNT; state++)
		for (unsigned bits = 0; bits < 4; bits++) {
			struct device *device = fixture_device(FIXTURE_ID);
			const struct device_image *want = NULL;
			bool waits =
			    state == STATE_HELD || state == STATE_REFUSED;

			device_restore(device, state, 0);
			device->has_plan = bits & 1;
			device->has_image = bits & 2;
			if (device->has_plan && waits)
				want = &device->plan;
			else if (device->has_image && state != STATE_REFUSED)
				want = &device->image;
			assert_ptr_equal(device_shown_image(device), want);
			device_free(device);
		}
}

static void
a_device_has_its_image_behind_the_flash_alone(void **unused)
{
	(void)unused;
	for (enum state state = STATE_SEEN; state < STATE_COUNT; state++)
		for (enum reason reason = REASON_NONE; reason < REASON_COUNT;
		    reason++) {
			struct device *device = fixture_device(FIXTURE_ID);
			bool behind = state == STATE_VERIFYING ||
			    state == STATE_FINISHING ||
			    state == STATE_FLASHED || state == STATE_VERIFIED;
			bool failed_there = state == STATE_FAILED &&
			    (reason == REASON_NOT_SEEN_AGAIN ||
				reason == REASON_WRONG_FIRMWARE ||
				reason == REASON_FINISH_FAILED);

			device_restore(device, state, 0);
			device->reason = reason;
			assert_int_equal(
			    device_took_image(device), behind || failed_there);
			device_free(device);
		}
}

static void
a_device_is_awaited_that_may_come_back(void **unused)
{
	static const struct {
		enum state state;
		bool unsure, has_after, is;
	} cases[] = {
		{ STATE_FLASHED, false, false, true },
		{ STATE_FLASHED, false, true, false },
		{ STATE_FAILED, true, false, true },
		{ STATE_FAILED, false, false, false },
		{ STATE_HELD, true, false, true },
		{ STATE_HELD, true, true, false },
		{ STATE_HELD, false, false, false },
		{ STATE_SEEN, true, false, false },
		{ STATE_VERIFIED, false, false, false },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device = fixture_device(FIXTURE_ID);

		device_restore(device, cases[i].state, 0);
		device->unsure = cases[i].unsure;
		device->after = cases[i].has_after ? &device : NULL;
		assert_int_equal(device_is_awaited(device), cases[i].is);
		device->after = NULL;
		device_free(device);
	}
}

/* ---- its state --------------------------------------------------------- */

static struct {
	unsigned count;
	enum state old;
	bool ordered; /* as it was to be written down */
} heard;

static void
hear(struct device *device, enum state old, void *ctx)
{
	(void)ctx;
	heard.count++;
	heard.old = old;
	heard.ordered = device->ordered;
}

static struct device *
listened_device(enum state state)
{
	static struct device_ops ops;
	struct device *device;

	ops = fixture_ops;
	ops.changed = hear;
	heard.count = 0;
	device = device_new(FIXTURE_ID, &ops, NULL);
	device_restore(device, state, 1);
	device->ordered = device->again = device->retry = true;
	device_order_image(device, "/x.bin");
	device->hold = HOLD_SLOT;
	device->hold_until_ms = 5;
	device->damaged = device->no_verdict = true;
	device->has_image = true;
	strcpy(device->image.sha256, SHA_A);
	strcpy(device->cancelled, "ann");
	strcpy(device->next_upgrade, SHA_A);
	strcpy(device->next_minimal, SHA_B);
	device->unwatched_s = 7;
	return device;
}

static void
an_end_settles_what_was_ordered_and_known(void **unused)
{
	static const struct {
		enum state from;
		enum state_event event;
		enum state to;
		enum reason reason;
		bool is_end, damaged, no_verdict, retry;
	} cases[] = {
		{ STATE_REBOOTING, STATE_EVENT_LEFT, STATE_FLASHED, REASON_NONE,
		    true, false, true, false },
		{ STATE_FINISHING, STATE_EVENT_DONE, STATE_VERIFIED,
		    REASON_NONE, true, false, false, false },
		{ STATE_DOWNLOADING, STATE_EVENT_FAIL, STATE_FAILED,
		    REASON_STALLED, true, true, false, false },
		{ STATE_PROBING, STATE_EVENT_FAIL, STATE_FAILED,
		    REASON_WRONG_TYPE, true, true, false, false },
		{ STATE_CONFIRMING, STATE_EVENT_DONE, STATE_OFFERING,
		    REASON_NONE, false, true, true, false },
		{ STATE_HELD, STATE_EVENT_START, STATE_PROBING, REASON_NONE,
		    false, true, true, true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device = listened_device(cases[i].from);
		bool is_end = cases[i].is_end, kept;

		print_message("  %s\n", state_name(cases[i].to));
		device->reason = cases[i].reason;
		assert_true(device_post(device, cases[i].event));
		assert_int_equal(device->state, cases[i].to);
		assert_int_equal(heard.count, 1);
		assert_int_equal(heard.old, cases[i].from);
		assert_int_equal(heard.ordered, !is_end);
		assert_int_equal(device->ordered, !is_end);
		assert_int_equal(device->again, !is_end);
		assert_int_equal(device->retry, cases[i].retry);
		assert_int_equal(device->order_image == NULL, is_end);
		assert_int_equal(device->hold_until_ms, is_end ? 0 : 5);
		assert_int_equal(device->hold, HOLD_NONE);
		assert_string_equal(device->cancelled,
		    cases[i].to == STATE_PROBING ||
			    cases[i].to == STATE_OFFERING
			? ""
			: "ann");
		assert_int_equal(device->damaged, cases[i].damaged);
		assert_int_equal(device->no_verdict, cases[i].no_verdict);
		assert_int_equal(device_has_tried(device, SHA_A), is_end);
		assert_int_equal(device->since, fixture_clock);
		assert_int_equal(device->since_s, fixture_steady);
		assert_int_equal(device->unwatched_s, 0);
		/* What a flash is followed by is kept until that has ended. */
		kept = cases[i].to != STATE_VERIFIED &&
		    cases[i].to != STATE_FAILED;
		assert_string_equal(device->next_upgrade, kept ? SHA_A : "");
		assert_string_equal(device->next_minimal, kept ? SHA_B : "");
		device_free(device);
	}
}

static void
what_means_nothing_changes_nothing(void **unused)
{
	struct device *device = listened_device(STATE_SEEN);

	(void)unused;
	assert_false(device_post(device, STATE_EVENT_LEFT));
	assert_int_equal(device->state, STATE_SEEN);
	assert_int_equal(heard.count, 0);
	assert_int_equal(device->since, 1);
	assert_true(device->ordered);
	device_free(device);
}

static void
a_held_device_keeps_what_it_waits_for(void **unused)
{
	struct device *device = listened_device(STATE_PROBING);

	(void)unused;
	device->hold = HOLD_BACKOFF;
	assert_true(device_post(device, STATE_EVENT_AGAIN));
	assert_int_equal(device->state, STATE_HELD);
	assert_int_equal(device->hold, HOLD_BACKOFF);
	assert_int_equal(device->hold_until_ms, 5);
	assert_true(device->ordered);
	device_free(device);
}

static void
an_end_without_an_image_has_tried_none(void **unused)
{
	struct device *device = listened_device(STATE_PROBING);

	(void)unused;
	device->has_image = false;
	assert_true(device_post(device, STATE_EVENT_FAIL));
	assert_int_equal(device->tried_count, 0);
	device_free(device);
}

static void
blame_is_a_reason_with_its_facts(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	device_blame(device, REASON_STALLED, "%d of %d", 1, 2);
	assert_int_equal(device->reason, REASON_STALLED);
	assert_string_equal(device->detail, "1 of 2");
	device_clear_blame(device);
	assert_int_equal(device->reason, REASON_NONE);
	assert_string_equal(device->detail, "");
	strcpy(device->upgrade_token, "t");
	strcpy(device->upgrade_sha256, "s");
	strcpy(device->upgrade_from, "f");
	device_forget_upgrade(device);
	assert_string_equal(device->upgrade_token, "");
	assert_string_equal(device->upgrade_sha256, "");
	assert_string_equal(device->upgrade_from, "");
	device_free(device);
}

/* A clock that was put by more than ten seconds moves with what it timed. */
static void
since_when_is_told_by_the_clock_that_is_right_now(void **unused)
{
	static const struct {
		long put, since; /* the clock, and what is told then */
	} cases[] = { { 0, 0 }, { 10, 0 }, { 11, 11 }, { 3600, 3600 },
		{ -10, 0 }, { -11, -11 }, { -3600, -3600 } };
	const time_t clock = fixture_clock;
	const int64_t steady = fixture_steady;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);

		fixture_clock += 100 + cases[i].put;
		fixture_steady += 100;
		assert_int_equal(device_since(device), clock + cases[i].since);
		fixture_clock = clock;
		fixture_steady = steady;
		device_free(device);
	}
}

/* ---- what is known of it ----------------------------------------------- */

static const struct device_said plug = {
	.type = "diy_plug", .firmware = "3.6.0", .has_seq = true, .seq = 10
};

/* It has announced itself, and its info has told everything. */
static struct device *
known_device(const char *firmware)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	struct devapi_info info = { .is_plug = true,
		.has_unlocked = true,
		.has_rssi = true,
		.rssi = -50 };

	device_hear(device, &plug);
	device->present = true;
	text_copy(info.firmware, sizeof(info.firmware), firmware);
	device_learn(device, &info);
	device->form = DEVAPI_WITHOUT_ID;
	return device;
}

static void
what_its_info_tells_stands_until_it_answers_something_else(void **unused)
{
	static const struct {
		struct device_said said;
		bool is_away, is_asked;
		const char *firmware;
	} cases[] = {
		/* the same again and again, also if it is not the truth */
		{ { .type = "diy_plug", .firmware = "3.6.0" }, false, false,
		    "3.8.1" },
		{ { .firmware = "3.6.0" }, false, false, "3.8.1" },
		{ { .firmware = "3.6.0", .has_seq = true, .seq = 11 }, false,
		    false, "3.8.1" },
		{ { .firmware = "3.6.0", .has_seq = true, .seq = 10 }, false,
		    false, "3.8.1" },
		{ { .type = "x", .firmware = "3.6.0" }, false, true, "3.8.1" },
		/* it has restarted, or somebody says so */
		{ { .firmware = "3.6.0", .has_seq = true, .seq = 1 }, false,
		    true, "3.8.1" },
		/* it says something else, or somebody in its name */
		{ { .firmware = "3.7.6" }, false, true, "3.8.1" },
		{ { .type = "diy_plug" }, false, true, "3.8.1" },
		{ { .type = "light", .firmware = "3.6.0" }, false, true,
		    "3.8.1" },
		{ { .firmware = "3.6.0", .encrypted = true }, false, true,
		    "3.8.1" },
		{ { .firmware = "3.6.0", .has_switches = true }, false, true,
		    "3.8.1" },
		/* it was away */
		{ { .firmware = "3.6.0" }, true, true, "3.6.0" },
		{ { .type = "diy_plug" }, true, true, "" },
		{ { .type = "light", .encrypted = true }, true, true, "" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = known_device("3.8.1");
		bool away = cases[i].is_away;

		device->present = !away;
		strcpy(device->variant, "lite");
		strcpy(device->no_info, "it answers with error 401");
		device_hear(device, &cases[i].said);
		assert_string_equal(device->variant, away ? "" : "lite");
		assert_int_equal(device->no_info[0] == '\0', away);
		assert_string_equal(device->firmware, cases[i].firmware);
		assert_int_equal(device->info_known, !cases[i].is_asked);
		assert_int_equal(device->is_answered, !away);
		assert_int_equal(
		    device->form, away ? DEVAPI_WITH_ID : DEVAPI_WITHOUT_ID);
		assert_int_equal(device->rssi, away ? 0 : -50);
		assert_int_equal(
		    device->encrypted, away && cases[i].said.encrypted);
		assert_false(device->has_switches);
		assert_string_equal(device->type,
		    away && cases[i].said.type[0] ? cases[i].said.type
						  : "diy_plug");
		device_free(device);
	}
}

/* A doubt ends with the answer, whatever is announced meanwhile. */
static void
what_is_announced_is_a_question_that_the_device_answers(void **unused)
{
	static const struct device_said forged = { .type = "light",
		.encrypted = true };
	const struct devapi_info info = {
		.is_plug = true, .has_unlocked = true, .firmware = "3.9.0"
	};
	struct device *device = known_device("3.8.1");
	char detail[DEVICE_DETAIL_SIZE];

	(void)unused;
	for (unsigned i = 0; i < 3; i++) {
		device_hear(device, i % 2 == 0 ? &forged : &plug);
		assert_false(device->info_known);
		assert_int_equal(
		    eligible_device(device, detail, sizeof(detail)),
		    REASON_NONE);
	}
	device_learn(device, &info);
	assert_true(device->info_known);
	assert_string_equal(device->firmware, "3.9.0");
	assert_string_equal(device->type, "diy_plug");
	device_hear(device, &plug);
	device_learn_encrypted(device, "it answers with error 401");
	assert_int_equal(eligible_device(device, detail, sizeof(detail)),
	    REASON_NOT_DIY_MODE);
	assert_true(eligible_may_become(device));
	device_free(device);
}

/* A configured device that was asked before it was heard. */
static void
the_first_announcement_ends_only_what_it_contradicts(void **unused)
{
	static const struct {
		struct device_said said;
		bool begins;
	} cases[] = {
		{ { .type = "diy_plug", .firmware = "3.6.0" }, false },
		{ { .type = "diy_plug" }, false },
		{ { .type = "diy_plug", .firmware = "3.7.6" }, true },
		{ { .type = "light" }, true },
		{ { .type = "x" }, true },
		{ { .firmware = "4" }, true },
		{ { .firmware = "3.6.0" }, false },
		{ { .is_old = true }, true },
		{ { .encrypted = true }, true },
		{ { .has_switches = true }, true },
	};
	const struct devapi_info info = {
		.is_plug = true, .has_unlocked = true, .firmware = "3.6.0"
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);

		device->present = true;
		device_learn(device, &info);
		assert_string_equal(device->type, "diy_plug");
		device_hear(device, &cases[i].said);
		assert_int_equal(device->info_known, !cases[i].begins);
		device_free(device);
	}
}

static void
what_its_info_does_not_tell_is_not_known(void **unused)
{
	static const struct {
		struct devapi_info info;
		const char *firmware;
		int rssi;
		bool has_switches, is_foreign;
	} cases[] = {
		{ { .firmware = "3.5.0" }, "3.5.0", 0, false, false },
		{ { .string_data = true }, "3.3", 0, false, false },
		{ { .has_rssi = true, .rssi = -80 }, "", -80, false, false },
		{ { .firmware = "3.5.0", .has_switches = true }, "3.5.0", 0,
		    true, false },
		{ { .is_foreign = true }, "", 0, false, true },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = known_device("3.8.1");

		text_copy(device->variant, sizeof(device->variant), "lite");
		device_learn_encrypted(device, "it answers with error 401");
		device_learn(device, &cases[i].info);
		assert_string_equal(device->firmware, cases[i].firmware);
		assert_int_equal(device->rssi, cases[i].rssi);
		assert_int_equal(device->has_switches, cases[i].has_switches);
		assert_int_equal(device->is_foreign, cases[i].is_foreign);
		assert_string_equal(device->variant, "");
		assert_string_equal(device->no_info, "");
		assert_false(device->encrypted);
		assert_true(device->info_known && device->has_answered);
		device_free(device);
	}
}

/* What it announces closes the gate; what it has answered may be over. */
static void
an_answer_may_open_the_gate_that_an_answer_has_closed(void **unused)
{
	static const struct {
		struct device_said said;
		bool may_open;
	} cases[] = {
		{ { .type = "diy_plug", .firmware = "3.6.0" }, true },
		{ { .type = "" }, true },
		{ { .type = "diy_plug", .encrypted = true }, false },
		{ { .type = "light" }, false },
		{ { .type = "x" }, false },
		{ { .type = "diy_plug", .firmware = "4.0" }, false },
		{ { .type = "diy_plug", .firmware = "4" }, false },
		{ { .type = "diy_plug", .has_switches = true }, false },
	};
	char detail[DEVICE_DETAIL_SIZE];

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		bool says = cases[i].said.encrypted;

		device_hear(device, &cases[i].said);
		device_learn_encrypted(device, "it answers with error 401");
		assert_int_equal(
		    eligible_device(device, detail, sizeof(detail)),
		    REASON_NOT_DIY_MODE);
		assert_string_equal(detail,
		    says ? "it announces encrypt=true (type diy_plug)"
			 : "it answers with error 401");
		assert_int_equal(
		    eligible_may_become(device), cases[i].may_open);
		device_free(device);
	}
}

static void
no_answer_opens_the_gate_for_an_id_that_is_no_plugs(void **unused)
{
	static const char *const ids[] = { LONG_ID, "1000a05bf61",
		"1000a05bf" };

	(void)unused;
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct device *device = device_new(ids[i], &fixture_ops, NULL);

		device->has_answered = true;
		assert_false(eligible_may_become(device));
		device_free(device);
	}
}

/* For this image, and as this policy would flash it. */
static void
an_approval_is_for_an_image_and_a_policy(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	assert_false(device_is_approved(device, "p", SHA_A));
	text_copy(device->approved, sizeof(device->approved), SHA_A);
	assert_false(device_is_approved(device, "p", SHA_A));
	text_copy(
	    device->approved_policy, sizeof(device->approved_policy), "p");
	assert_true(device_is_approved(device, "p", SHA_A));
	assert_false(device_is_approved(device, "p", SHA_B));
	assert_false(device_is_approved(device, "q", SHA_A));
	device_free(device);
}

/* An attempt that has not come so far is made again by the same word. */
static void
a_retry_lasts_until_the_offer(void **unused)
{
	struct device *device = fixture_device(FIXTURE_ID);

	(void)unused;
	fixture_end(device, "p", SHA_A, STATE_FAILED, 0);
	device->retry = true;
	assert_true(device_post(device, STATE_EVENT_START));
	assert_true(device_post(device, STATE_EVENT_REFUSE));
	assert_true(device->retry);
	assert_true(device_post(device, STATE_EVENT_START));
	assert_true(device_post(device, STATE_EVENT_UNLOCKED));
	assert_true(device->retry);
	assert_true(device_post(device, STATE_EVENT_DONE));
	assert_int_equal(device->state, STATE_OFFERING);
	assert_false(device->retry);
	device_free(device);
}

/* ---- how it is met again ----------------------------------------------- */

/* Soon at first, then each five minutes, and after a week not at all. */
static void
a_device_is_looked_for_less_and_less(void **unused)
{
	static const struct {
		long away;
		unsigned seconds;
	} cases[] = {
		{ -1, 300 },
		{ 0, 15 },
		{ 59, 15 },
		{ 60, 15 },
		{ 63, 15 },
		{ 64, 16 },
		{ 100, 25 },
		{ 1196, 299 },
		{ 1200, 300 },
		{ 1204, 300 },
		{ 100000, 300 },
		{ 604800, 300 },
		{ 604801, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    rejoin_hint_search_sec(cases[i].away), cases[i].seconds);
}

static void
only_a_tasmota_is_said_farewell(void **unused)
{
	struct device *device = fixture_device(FIXTURE_ID);
	char text[DEVICE_DETAIL_SIZE] = "x";

	(void)unused;
	strcpy(device->mac, "5c:cf:7f:62:e4:3f");
	strcpy(device->image.kind, "esphome");
	assert_string_equal(rejoin_hint(device, text, sizeof(text)), "");
	strcpy(device->image.kind, "tasmota");
	assert_non_null(strstr(rejoin_hint(device, text, sizeof(text)),
	    "; its access point is tasmota-62E43F-1087 (tasmota_62E43F-1087 "
	    "before version 10)"));
	strcpy(device->mac, "");
	assert_non_null(strstr(rejoin_hint(device, text, sizeof(text)),
	    "; its access point is tasmota-... (tasmota_... before"));
	device_free(device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_diy_plug_of_one_channel_may_be_flashed),
		cmocka_unit_test(several_switches_are_learnt_and_bar_a_device),
		cmocka_unit_test(only_the_info_of_a_plug_makes_one),
		cmocka_unit_test(
		    an_answer_ends_all_doubt_and_all_that_it_does_not_tell),
		cmocka_unit_test(a_signal_below_75_is_weak),
		cmocka_unit_test(an_address_comes_with_its_interface_or_none),
		cmocka_unit_test(eight_images_are_remembered_the_latest_first),
		cmocka_unit_test(what_it_must_come_back_as_has_a_name),
		cmocka_unit_test(a_cancel_names_who_and_what_was_before),
		cmocka_unit_test(
		    the_image_that_is_shown_is_the_one_that_counts),
		cmocka_unit_test(a_device_has_its_image_behind_the_flash_alone),
		cmocka_unit_test(a_device_is_awaited_that_may_come_back),
		cmocka_unit_test(an_end_settles_what_was_ordered_and_known),
		cmocka_unit_test(what_means_nothing_changes_nothing),
		cmocka_unit_test(a_held_device_keeps_what_it_waits_for),
		cmocka_unit_test(an_end_without_an_image_has_tried_none),
		cmocka_unit_test(blame_is_a_reason_with_its_facts),
		cmocka_unit_test(
		    since_when_is_told_by_the_clock_that_is_right_now),
		cmocka_unit_test(what_it_announces_says_how_it_is_asked_first),
		cmocka_unit_test(
		    where_no_firmware_is_told_the_form_of_the_question_tells),
		cmocka_unit_test(
		    what_its_info_tells_stands_until_it_answers_something_else),
		cmocka_unit_test(
		    what_is_announced_is_a_question_that_the_device_answers),
		cmocka_unit_test(
		    the_first_announcement_ends_only_what_it_contradicts),
		cmocka_unit_test(what_its_info_does_not_tell_is_not_known),
		cmocka_unit_test(
		    an_answer_may_open_the_gate_that_an_answer_has_closed),
		cmocka_unit_test(
		    no_answer_opens_the_gate_for_an_id_that_is_no_plugs),
		cmocka_unit_test(an_approval_is_for_an_image_and_a_policy),
		cmocka_unit_test(a_retry_lasts_until_the_offer),
		cmocka_unit_test(a_device_is_looked_for_less_and_less),
		cmocka_unit_test(only_a_tasmota_is_said_farewell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
