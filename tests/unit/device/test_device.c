/* SPDX-License-Identifier: ISC */
/* A device: what is learnt of it, and what may be done with it. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/memory.h"
#include "core/device/eligible.h"
#include "core/flash/rejoin_hint.h"
#include "unit/fixture.h"
#include "unit/test.h"

#define LONG_ID "130034000f50432030333633"

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
	    "it answers like firmware 3.0 to 3.2, which gives no info; it "
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

TEST(only_a_diy_plug_of_one_channel_may_be_flashed)
{
	for (size_t i = 0; i < COUNT(gate_cases); i++) {
		const struct gate_case *c = &gate_cases[i];
		device_auto *device = device_new(c->id, &fixture_ops, NULL);
		char detail[DEVICE_DETAIL_SIZE] = "";

		print_message("  %s %s %s\n", c->id, c->type, c->detail);
		strcpy(device->facts.type, c->type);
		strcpy(device->facts.firmware, c->firmware);
		device->facts.encrypted = c->encrypted;
		device->facts.has_switches = c->has_switches;
		device->facts.info_known = c->info_known;
		device->facts.has_no_info = c->has_no_info;
		assert_int_equal(
		    eligible_device(device, detail, sizeof(detail)), c->want);
		assert_string_equal(detail, c->detail);
	}
}

TEST(what_it_announces_says_how_it_is_asked_first)
{
	static const struct device_said old = { .is_old = true }, fresh = { 0 };
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	assert_int_equal(device->facts.form, DEVAPI_WITH_ID);
	assert_true(device_may_be_old(device));
	strcpy(device->name, "x");
	assert_false(device_may_be_old(device));
	device_hear(device, &old);
	device->seen.is_present = true;
	assert_int_equal(device->facts.form, DEVAPI_OLD);
	assert_true(device_may_be_old(device));

	/* What answered is kept, whatever else it announces. */
	device->facts.form = DEVAPI_WITHOUT_ID;
	device->facts.has_no_info = true;
	device_hear(device, &old);
	assert_int_equal(device->facts.form, DEVAPI_WITHOUT_ID);
	assert_true(device->facts.has_no_info);

	/* Until it has another firmware. */
	device_hear(device, &fresh);
	assert_int_equal(device->facts.form, DEVAPI_WITH_ID);
	assert_false(device->facts.has_no_info);
	device->facts.form = DEVAPI_WITHOUT_ID;
	device_hear(device, &fresh);
	assert_int_equal(device->facts.form, DEVAPI_WITHOUT_ID);
}

TEST(where_no_firmware_is_told_the_form_of_the_question_tells)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		struct devapi_info info = { .string_data =
						cases[i].string_data };

		strcpy(info.firmware, cases[i].told);
		device->facts.form = cases[i].form;
		device->facts.has_no_info = true;
		device_learn(device, &info);
		assert_string_equal(device->facts.firmware, cases[i].want);
		assert_false(device->facts.has_no_info);
		device_free(device);
	}
}

/* A Mini R3 that is known by its address alone: an ESP32. */
TEST(several_switches_are_learnt_and_bar_a_device)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	const struct devapi_info mini_r3 = { .has_unlocked = true,
		.has_switches = true };
	const struct devapi_info plug = { .has_unlocked = true,
		.is_plug = true };
	char detail[DEVICE_DETAIL_SIZE];

	strcpy(device->facts.type, "diy_plug");
	device_learn(device, &mini_r3);
	assert_true(device->facts.has_switches);
	assert_int_equal(
	    eligible_device(device, detail, sizeof(detail)), REASON_WRONG_CHIP);
	/* It does not grow another chip. */
	device_learn(device, &plug);
	assert_true(device->facts.has_switches);
}

TEST(only_the_info_of_a_plug_makes_one)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		const struct devapi_info info = { .is_plug = cases[i].is_plug,
			.has_unlocked = cases[i].has_unlocked };

		strcpy(device->facts.type, cases[i].type);
		device_learn(device, &info);
		assert_string_equal(device->facts.type, cases[i].want);
		device_free(device);
	}
}

TEST(an_answer_ends_all_doubt_and_all_that_it_does_not_tell)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	const struct devapi_info full = {
		.firmware = "3.7.6", .has_rssi = true, .rssi = -80
	};
	const struct devapi_info empty = { .rssi = -1 };

	device->facts.info_known = device->seen.has_answered = false;
	device->attempt.unsure = true;
	strcpy(device->facts.no_info, "it does not answer");
	device_learn(device, &full);
	assert_true(device->facts.info_known && device->seen.has_answered);
	assert_false(device->attempt.unsure);
	assert_string_equal(device->facts.no_info, "");
	assert_string_equal(device->facts.firmware, "3.7.6");
	assert_int_equal(device->facts.rssi, -80);
	device_learn(device, &empty);
	assert_string_equal(device->facts.firmware, "");
	assert_int_equal(device->facts.rssi, 0);
}

TEST(a_signal_below_75_is_weak)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	assert_false(device_is_weak(device)); /* unknown */
	for (device->facts.rssi = -128; device->facts.rssi < 0;
	    device->facts.rssi++)
		assert_int_equal(
		    device_is_weak(device), device->facts.rssi <= -76);
}

/* The approval stays, as it is for one image. */
TEST(an_order_ends_with_all_that_was_said_with_it)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	struct device_order *order = &device->order;

	assert_null(device_ordered_by(device));
	strcpy(order->approved, SHA_A);
	xreplace(&device->people.approved, "ann");
	assert_string_equal(device_ordered_by(device), "ann");
	order->is_given = order->again = order->retry = true;
	xreplace(&device->people.ordered, "ben");
	strcpy(order->sha256, SHA_B);
	device_order_image(device, "/tmp/mine.bin");
	assert_string_equal(device_ordered_by(device), "ben");
	device_drop_order(device);
	assert_false(order->is_given || order->again);
	assert_true(order->retry);
	assert_null(order->image);
	assert_string_equal(order->sha256, "");
	assert_string_equal(device_ordered_by(device), "ann");
	/* A failure ends the retry as well, and whom it was from. */
	xreplace(&device->people.ordered, "ben");
	strcpy(order->sha256, SHA_B);
	device_restore(device, STATE_DOWNLOADING, 0);
	assert_true(device_post(device, STATE_EVENT_FAIL));
	assert_false(order->retry);
	assert_string_equal(order->sha256, "");
	assert_null(device->people.ordered);
	assert_string_equal(order->approved, SHA_A);
}

/* There may be thousands, and anybody on the LAN can make up some. */
TEST(a_device_takes_little_more_than_4_kilobytes)
{
	assert_in_range(sizeof(struct device), 1, 4352);
}

TEST(an_image_is_kept_in_mind_by_its_report)
{
	static const struct image_report report = { .kind = IMAGE_TASMOTA,
		.version = "9.5.0",
		.variant = "lite",
		.size = 504848 };
	struct device_image image;

	device_image_set(&image, "li\nte.bin", SHA_A, &report);
	assert_string_equal(image.name, "li\\x0ate.bin");
	assert_string_equal(image.sha256, SHA_A);
	assert_string_equal(image.kind, "tasmota");
	assert_string_equal(image.version, "9.5.0");
	assert_string_equal(image.label, "Tasmota 9.5.0 lite");
	assert_int_equal(image.size, 504848);
}

TEST(people_call_a_device_by_its_label)
{
	static const char forty[] = "abcdefghijabcdefghijabcdefghijabcdefghij";
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	char title[DEVICE_TITLE_SIZE], want[DEVICE_TITLE_SIZE];
	char label[LABEL_SIZE];

	assert_string_equal(device_title(device, title), FIXTURE_ID);
	xreplace(&device->label, "Hall");
	assert_string_equal(
	    device_title(device, title), "Hall (" FIXTURE_ID ")");
	snprintf(label, sizeof(label), "%s%s", forty, forty);
	xreplace(&device->label, label);
	snprintf(
	    want, sizeof(want), "%s%.32s... (%s)", forty, forty, FIXTURE_ID);
	assert_string_equal(device_title(device, title), want);
	/* No character is cut in two. */
	label[0] = '\0';
	for (int i = 0; i < 40; i++)
		strcat(label, "\xc3\xbc");
	xreplace(&device->label, label);
	device_title(device, title);
	assert_int_equal(strcspn(title, ".") % 2, 0);
	assert_contains(title, "\xc3\xbc... (" FIXTURE_ID ")");
}

TEST(an_address_comes_with_its_interface_or_none)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	struct in_addr at;
	char subject[64];

	assert_int_equal(device->place.port, 8081);
	assert_false(device->place.has_address);
	assert_string_equal(device_subject(device, subject, sizeof(subject)),
	    "device " FIXTURE_ID " (no address)");
	inet_pton(AF_INET, "10.0.7.21", &at);
	device_set_address(device, at, "eth0");
	assert_true(device->place.has_address);
	assert_int_equal(device->place.address.s_addr, at.s_addr);
	assert_string_equal(device->place.interface, "eth0");
	assert_string_equal(device_subject(device, subject, sizeof(subject)),
	    "device " FIXTURE_ID " (10.0.7.21)");
	xreplace(&device->label, "Hall");
	assert_string_equal(device_subject(device, subject, sizeof(subject)),
	    "device " FIXTURE_ID " (Hall, 10.0.7.21)");
	device->place.prefix = 24;
	device_set_address(device, at, NULL);
	assert_string_equal(device->place.interface, "");
	assert_int_equal(device->place.prefix, 24);
	inet_pton(AF_INET, "10.0.7.22", &at);
	device_set_address(device, at, NULL);
	assert_int_equal(
	    device->place.prefix, 0); /* it is not known of that one */
	device->place.prefix = 24;
	device->place.has_address = false;
	device_set_address(device, at, NULL);
	assert_int_equal(device->place.prefix, 0);
	device_free(NULL);
}

TEST(what_it_must_come_back_as_has_a_name)
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
TEST(a_cancel_names_who_and_what_was_before)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);

		device_restore(device, cases[i].state, 0);
		device->hold = cases[i].hold;
		device_blame(device, cases[i].reason, "it stopped");
		device_note_cancel(device, "ann");
		assert_string_equal(device->detail, cases[i].detail);
		assert_int_equal(device->reason, REASON_CANCELLED);
	}
}

TEST(eight_images_are_remembered_the_latest_first)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	char name[16];

	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_false(device_has_tried(device, name));
		device_note_tried(device, name);
		assert_true(device_has_tried(device, name));
		assert_int_equal(device->tried.count, i < 8 ? i + 1 : 8);
		assert_string_equal(device->tried.sha256[0], name);
	}
	assert_false(device_has_tried(device, "0"));
	for (int i = 1; i < 9; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_string_equal(device->tried.sha256[8 - i], name);
	}
	/* Once more is no second time. */
	device_note_tried(device, "3");
	assert_int_equal(device->tried.count, 8);
	assert_string_equal(device->tried.sha256[0], "3");
	assert_string_equal(device->tried.sha256[1], "8");
	assert_string_equal(device->tried.sha256[7], "1");
	device_forget_tried(device, "8");
	assert_int_equal(device->tried.count, 7);
	assert_false(device_has_tried(device, "8"));
	assert_string_equal(device->tried.sha256[0], "3");
	assert_string_equal(device->tried.sha256[1], "7");
	assert_string_equal(device->tried.sha256[6], "1");
	device_forget_tried(device, "none");
	assert_int_equal(device->tried.count, 7);
}

TEST(the_image_that_is_shown_is_the_one_that_counts)
{
	for (enum state each = STATE_SEEN; each < STATE_COUNT; each++)
		for (unsigned bits = 0; bits < 4; bits++) {
			device_auto *device = fixture_device(FIXTURE_ID);
			const struct device_image *want = NULL;
			bool waits =
			    each == STATE_HELD || each == STATE_REFUSED;

			device_restore(device, each, 0);
			device->has_plan = bits & 1;
			device->attempt.has_image = bits & 2;
			if (device->has_plan && waits)
				want = &device->plan;
			else if (device->attempt.has_image &&
			    each != STATE_REFUSED)
				want = &device->attempt.image;
			assert_ptr_equal(device_shown_image(device), want);
		}
}

TEST(a_device_has_its_image_behind_the_flash_alone)
{
	for (enum state each = STATE_SEEN; each < STATE_COUNT; each++)
		for (enum reason reason = REASON_NONE; reason < REASON_COUNT;
		    reason++) {
			device_auto *device = fixture_device(FIXTURE_ID);
			bool behind = each == STATE_VERIFYING ||
			    each == STATE_FINISHING || each == STATE_FLASHED ||
			    each == STATE_VERIFIED;
			bool failed_there = each == STATE_FAILED &&
			    (reason == REASON_NOT_SEEN_AGAIN ||
				reason == REASON_WRONG_FIRMWARE ||
				reason == REASON_FINISH_FAILED);

			device_restore(device, each, 0);
			device->reason = reason;
			assert_int_equal(
			    device_took_image(device), behind || failed_there);
			assert_int_equal(device_has_left(device),
			    each == STATE_FLASHED ||
				(each == STATE_FAILED &&
				    reason == REASON_NOT_SEEN_AGAIN));
		}
}

/* Its attempt with A ended in silence, and then one with B in no answer. */
static struct device *
silent_device(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "p", SHA_A, STATE_PROBING, 0);
	device->attempt.no_verdict = device->attempt.damaged = true;
	device->attempt.begun_s = 7;
	device->download.bytes = 400000;
	device->awaited.must_finish = true;
	device->awaited.expect = DEVICE_EXPECT_TASMOTA;
	device_note_unsure(device);
	fixture_end(device, "q", SHA_B, STATE_PROBING, 0);
	device->attempt.number = device->attempt.allowed = 2;
	device->attempt.by_order = true;
	device->attempt.no_verdict = false;
	device->attempt.begun_s = 9;
	device->download.bytes = 0;
	device->awaited.must_finish = false;
	device->awaited.must_return = true;
	device->awaited.expect = DEVICE_EXPECT_ESPHOME;
	device->kept.reason = REASON_STALLED;
	return device;
}

TEST(a_silent_device_that_is_back_runs_what_it_was_told_to_download)
{
	device_auto *device = silent_device();

	device_end_unsure(device);
	assert_string_equal(device->attempt.image.sha256, SHA_A);
	assert_string_equal(device->policy, "p");
	assert_int_equal(device->attempt.number, 1);
	assert_int_equal(device->attempt.allowed, 3);
	assert_int_equal(device->attempt.begun_s, 7);
	assert_int_equal(device->download.bytes, 400000);
	assert_true(device->attempt.no_verdict && device->awaited.must_finish);
	assert_false(device->attempt.by_order || device->awaited.must_return);
	assert_int_equal(device->awaited.expect, DEVICE_EXPECT_TASMOTA);
	assert_false(device->attempt.unsure || device->attempt.damaged);
	assert_int_equal(device->kept.reason, REASON_NONE);
}

/* It left with the image of its last attempt. */
TEST(a_device_that_was_never_in_doubt_keeps_its_last_attempt)
{
	device_auto *device = silent_device();

	device->attempt.unsure = false;
	device_end_unsure(device);
	assert_string_equal(device->attempt.image.sha256, SHA_B);
	assert_int_equal(device->kept.reason, REASON_STALLED);
}

TEST(an_image_that_no_device_was_told_to_download_has_not_been_tried)
{
	device_auto *silent = silent_device(), *sure = silent_device();

	sure->attempt.unsure = false;
	assert_true(device_post(silent, STATE_EVENT_FAIL));
	assert_true(device_post(sure, STATE_EVENT_FAIL));
	assert_true(device_has_tried(silent, SHA_A));
	assert_false(device_has_tried(silent, SHA_B));
	assert_true(device_has_tried(sure, SHA_B));
}

TEST(a_device_is_awaited_that_may_come_back)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);

		device_restore(device, cases[i].state, 0);
		device->attempt.unsure = cases[i].unsure;
		device->after = cases[i].has_after ? &device : NULL;
		assert_int_equal(device_is_awaited(device), cases[i].is);
		device->after = NULL;
	}
}

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
	heard.ordered = device->order.is_given;
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
	device->order.is_given = device->order.again = device->order.retry =
	    true;
	device_order_image(device, "/x.bin");
	device->hold = HOLD_SLOT;
	device->hold_until_ms = 5;
	device->download.tries_until_ms = 6;
	device->attempt.damaged = device->attempt.no_verdict = true;
	device->attempt.has_image = true;
	strcpy(device->attempt.image.sha256, SHA_A);
	xreplace(&device->people.cancelled, "ann");
	strcpy(device->upgrade.next, SHA_A);
	strcpy(device->upgrade.next_minimal, SHA_B);
	device->unwatched_s = 7;
	return device;
}

TEST(an_end_settles_what_was_ordered_and_known)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = listened_device(cases[i].from);
		bool is_end = cases[i].is_end, kept;

		print_message("  %s\n", state_name(cases[i].to));
		device->reason = cases[i].reason;
		assert_true(device_post(device, cases[i].event));
		assert_int_equal(device->state, cases[i].to);
		assert_int_equal(heard.count, 1);
		assert_int_equal(heard.old, cases[i].from);
		assert_int_equal(heard.ordered, !is_end);
		assert_int_equal(device->order.is_given, !is_end);
		assert_int_equal(device->order.again, !is_end);
		assert_int_equal(device->order.retry, cases[i].retry);
		assert_int_equal(device->order.image == NULL, is_end);
		assert_int_equal(device->hold_until_ms, is_end ? 0 : 5);
		assert_int_equal(device_waits_until(device), 6);
		assert_int_equal(device->hold, HOLD_NONE);
		assert_int_equal(device->people.cancelled == NULL,
		    cases[i].to == STATE_PROBING ||
			cases[i].to == STATE_OFFERING);
		assert_int_equal(device->attempt.damaged, cases[i].damaged);
		assert_int_equal(
		    device->attempt.no_verdict, cases[i].no_verdict);
		assert_int_equal(device_has_tried(device, SHA_A), is_end);
		assert_int_equal(device->since, fixture_clock);
		assert_int_equal(device->since_s, fixture_steady);
		assert_int_equal(device->unwatched_s, 0);
		/* What a flash is followed by is kept until that has ended. */
		kept = cases[i].to != STATE_VERIFIED &&
		    cases[i].to != STATE_FAILED;
		assert_string_equal(device->upgrade.next, kept ? SHA_A : "");
		assert_string_equal(
		    device->upgrade.next_minimal, kept ? SHA_B : "");
	}
}

TEST(what_means_nothing_changes_nothing)
{
	device_auto *device = listened_device(STATE_SEEN);

	assert_false(device_post(device, STATE_EVENT_LEFT));
	assert_int_equal(device->state, STATE_SEEN);
	assert_int_equal(heard.count, 0);
	assert_int_equal(device->since, 1);
	assert_true(device->order.is_given);
}

TEST(a_held_device_keeps_what_it_waits_for)
{
	device_auto *device = listened_device(STATE_PROBING);

	device->hold = HOLD_BACKOFF;
	assert_true(device_post(device, STATE_EVENT_AGAIN));
	assert_int_equal(device->state, STATE_HELD);
	assert_int_equal(device->hold, HOLD_BACKOFF);
	assert_int_equal(device->hold_until_ms, 5);
	assert_int_equal(device_waits_until(device), 6);
	device->hold_until_ms = 7;
	assert_int_equal(device_waits_until(device), 7);
	assert_true(device->order.is_given);
}

TEST(an_end_without_an_image_has_tried_none)
{
	device_auto *device = listened_device(STATE_PROBING);

	device->attempt.has_image = false;
	assert_true(device_post(device, STATE_EVENT_FAIL));
	assert_int_equal(device->tried.count, 0);
}

TEST(blame_is_a_reason_with_its_facts)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	device_blame(device, REASON_STALLED, "%d of %d", 1, 2);
	assert_int_equal(device->reason, REASON_STALLED);
	assert_string_equal(device->detail, "1 of 2");
	device_clear_blame(device);
	assert_int_equal(device->reason, REASON_NONE);
	assert_string_equal(device->detail, "");
	strcpy(device->upgrade.token, "t");
	strcpy(device->upgrade.sha256, "s");
	strcpy(device->upgrade.from, "f");
	device_forget_upgrade(device);
	assert_string_equal(device->upgrade.token, "");
	assert_string_equal(device->upgrade.sha256, "");
	assert_string_equal(device->upgrade.from, "");
}

/* A clock that was put by more than ten seconds moves with what it timed. */
TEST(since_when_is_told_by_the_clock_that_is_right_now)
{
	static const struct {
		long put, since; /* the clock, and what is told then */
	} cases[] = { { 0, 0 }, { 10, 0 }, { 11, 11 }, { 3600, 3600 },
		{ -10, 0 }, { -11, -11 }, { -3600, -3600 } };
	const time_t clock = fixture_clock;
	const int64_t steady = fixture_steady;

	for (size_t i = 0; i < COUNT(cases); i++) {
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
	device->seen.is_present = true;
	text_copy(info.firmware, sizeof(info.firmware), firmware);
	device_learn(device, &info);
	device->facts.form = DEVAPI_WITHOUT_ID;
	return device;
}

TEST(what_its_info_tells_stands_until_it_answers_something_else)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = known_device("3.8.1");
		bool away = cases[i].is_away;

		device->seen.is_present = !away;
		strcpy(device->facts.variant, "lite");
		strcpy(device->facts.no_info, "it answers with error 401");
		device_hear(device, &cases[i].said);
		assert_string_equal(device->facts.variant, away ? "" : "lite");
		assert_int_equal(device->facts.no_info[0] == '\0', away);
		assert_string_equal(device->facts.firmware, cases[i].firmware);
		assert_int_equal(device->facts.info_known, !cases[i].is_asked);
		assert_int_equal(device->facts.is_answered, !away);
		assert_int_equal(device->facts.form,
		    away ? DEVAPI_WITH_ID : DEVAPI_WITHOUT_ID);
		assert_int_equal(device->facts.rssi, away ? 0 : -50);
		assert_int_equal(
		    device->facts.encrypted, away && cases[i].said.encrypted);
		assert_false(device->facts.has_switches);
		assert_string_equal(device->facts.type,
		    away && cases[i].said.type[0] ? cases[i].said.type
						  : "diy_plug");
	}
}

/* A doubt ends with the answer, whatever is announced meanwhile. */
TEST(what_is_announced_is_a_question_that_the_device_answers)
{
	static const struct device_said forged = { .type = "light",
		.encrypted = true };
	const struct devapi_info info = {
		.is_plug = true, .has_unlocked = true, .firmware = "3.9.0"
	};
	device_auto *device = known_device("3.8.1");
	char detail[DEVICE_DETAIL_SIZE];

	for (unsigned i = 0; i < 3; i++) {
		device_hear(device, i % 2 == 0 ? &forged : &plug);
		assert_false(device->facts.info_known);
		assert_int_equal(
		    eligible_device(device, detail, sizeof(detail)),
		    REASON_NONE);
	}
	device_learn(device, &info);
	assert_true(device->facts.info_known);
	assert_string_equal(device->facts.firmware, "3.9.0");
	assert_string_equal(device->facts.type, "diy_plug");
	device_hear(device, &plug);
	device_learn_encrypted(device, "it answers with error 401");
	assert_int_equal(eligible_device(device, detail, sizeof(detail)),
	    REASON_NOT_DIY_MODE);
	assert_true(eligible_may_become(device));
}

/* A configured device that was asked before it was heard. */
TEST(the_first_announcement_ends_only_what_it_contradicts)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);

		device->seen.is_present = true;
		device_learn(device, &info);
		assert_string_equal(device->facts.type, "diy_plug");
		device_hear(device, &cases[i].said);
		assert_int_equal(device->facts.info_known, !cases[i].begins);
		device_free(device);
	}
}

/* Its record is of the time when it was in eWeLink mode. */
TEST(a_plug_that_has_left_ewelink_mode_is_asked_as_one)
{
	static const struct {
		const char *recorded, *said, *type;
	} cases[] = {
		{ "plug", "diy_plug", "diy_plug" },
		{ "plug", "light", "plug" },
		{ "light", "diy_plug", "light" },
	};
	const struct devapi_info info = {
		.is_plug = true, .has_unlocked = true, .firmware = "3.6.0"
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		struct device_said said = { .firmware = "3.6.0" };

		strcpy(device->facts.type, cases[i].recorded);
		strcpy(said.type, cases[i].said);
		device->seen.is_present = true;
		device_learn(device, &info);
		assert_string_equal(device->facts.type, cases[i].recorded);
		device_hear(device, &said);
		assert_string_equal(device->facts.type, cases[i].type);
		assert_false(device->facts.info_known);
	}
}

TEST(what_its_info_does_not_tell_is_not_known)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = known_device("3.8.1");

		text_copy(device->facts.variant, sizeof(device->facts.variant),
		    "lite");
		device_learn_encrypted(device, "it answers with error 401");
		device_learn(device, &cases[i].info);
		assert_string_equal(device->facts.firmware, cases[i].firmware);
		assert_int_equal(device->facts.rssi, cases[i].rssi);
		assert_int_equal(
		    device->facts.has_switches, cases[i].has_switches);
		assert_int_equal(device->facts.is_foreign, cases[i].is_foreign);
		assert_string_equal(device->facts.variant, "");
		assert_string_equal(device->facts.no_info, "");
		assert_false(device->facts.encrypted);
		assert_true(
		    device->facts.info_known && device->seen.has_answered);
	}
}

/* What it announces closes the gate; what it has answered may be over. */
TEST(an_answer_may_open_the_gate_that_an_answer_has_closed)
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

TEST(no_answer_opens_the_gate_for_an_id_that_is_no_plugs)
{
	static const char *const ids[] = { LONG_ID, "1000a05bf61",
		"1000a05bf" };

	for (size_t i = 0; i < COUNT(ids); i++) {
		device_auto *device = device_new(ids[i], &fixture_ops, NULL);

		device->seen.has_answered = true;
		assert_false(eligible_may_become(device));
	}
}

/* For this image, and as this policy would flash it. */
TEST(an_approval_is_for_an_image_and_a_policy)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	assert_false(device_is_approved(device, "p", SHA_A));
	text_copy(
	    device->order.approved, sizeof(device->order.approved), SHA_A);
	assert_false(device_is_approved(device, "p", SHA_A));
	text_copy(device->order.approved_policy,
	    sizeof(device->order.approved_policy), "p");
	assert_true(device_is_approved(device, "p", SHA_A));
	assert_false(device_is_approved(device, "p", SHA_B));
	assert_false(device_is_approved(device, "q", SHA_A));
}

/* An attempt that has not come so far is made again by the same word. */
TEST(a_retry_lasts_until_the_offer)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "p", SHA_A, STATE_FAILED, 0);
	device->order.retry = true;
	assert_true(device_post(device, STATE_EVENT_START));
	assert_true(device_post(device, STATE_EVENT_REFUSE));
	assert_true(device->order.retry);
	assert_true(device_post(device, STATE_EVENT_START));
	assert_true(device_post(device, STATE_EVENT_UNLOCKED));
	assert_true(device->order.retry);
	assert_true(device_post(device, STATE_EVENT_DONE));
	assert_int_equal(device->state, STATE_OFFERING);
	assert_false(device->order.retry);
}

/* Soon at first, then each five minutes, and after a week not at all. */
TEST(a_device_is_looked_for_less_and_less)
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

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    rejoin_hint_search_sec(cases[i].away), cases[i].seconds);
}

TEST(an_attempt_that_is_not_counted_leaves_no_fewer_than_none)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	device->attempt.number = 1;
	device_uncount(device);
	assert_true(device->attempt.is_uncounted);
	assert_int_equal(device->attempt.number, 0);
	device_uncount(device);
	assert_int_equal(device->attempt.number, 0);
}

TEST(an_address_is_asked_again_only_after_the_pause)
{
	const struct in_addr a = { 1 }, b = { 2 }, c = { 3 };
	struct device_claim list[2] = { 0 };

	assert_true(device_claim_take(list, 2, a, 1000, 50));
	assert_false(device_claim_take(list, 2, a, 1049, 50));
	assert_true(device_claim_take(list, 2, b, 1001, 50));
	assert_false(device_claim_take(list, 2, c, 1049, 50));
	assert_true(device_claim_take(list, 2, a, 1050, 50));
	assert_false(device_claim_take(list, 2, c, 1050, 50));
}

TEST(only_a_tasmota_is_said_farewell)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	char text[DEVICE_DETAIL_SIZE] = "x";

	strcpy(device->place.mac, "5c:cf:7f:62:e4:3f");
	strcpy(device->attempt.image.kind, "esphome");
	assert_string_equal(rejoin_hint(device, text, sizeof(text)), "");
	strcpy(device->attempt.image.kind, "tasmota");
	assert_contains(rejoin_hint(device, text, sizeof(text)),
	    "; its access point is tasmota-62E43F-1087 (tasmota_62E43F-1087 "
	    "before version 10)");
	strcpy(device->place.mac, "");
	assert_contains(rejoin_hint(device, text, sizeof(text)),
	    "; its access point is tasmota-... (tasmota_... before");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
