/* SPDX-License-Identifier: ISC */
/* The three words about each device, and whether it can be flashed. */
#include "config.h"

#include <string.h>

#include "core/device/device_note.h"

#include "unit/fixture.h"
#include "unit/test.h"

static size_t
words_in(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ' ';
	return count;
}

static void
assert_is_note(const char *note)
{
	assert_non_null(note);
	assert_in_range(strlen(note), 1, DEVICE_NOTE_MAX);
	if (words_in(note) > 3)
		fail_msg("more than three words: %s", note);
}

TEST(each_reason_has_three_words)
{
	assert_null(device_note_of_reason(REASON_NONE));
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		assert_is_note(device_note_of_reason(r));
}

TEST(a_device_has_a_note_in_each_state)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "50-mini", SHA_A, STATE_SEEN, 1);
	for (enum state s = 0; s < STATE_COUNT; s++)
		for (enum reason r = REASON_NONE; r < REASON_COUNT; r++) {
			device->state = s;
			device->reason = r;
			assert_is_note(device_note(device));
		}
}

/* A device in eWeLink mode, or in DIY mode, that nothing is known of else. */
struct nature {
	const char *type;
	bool encrypted, switches, foreign, no_info, answered;
	const char *firmware;
	const char *note;
	enum device_flashable flashable;
};

static const struct nature natures[] = {
	{ "diy_plug", .answered = true, .firmware = "3.6.0",
	    .note = "can be flashed", .flashable = DEVICE_FLASHABLE_YES },
	{ "diy_plug", .firmware = "3.6.0", .note = "not asked yet",
	    .flashable = DEVICE_FLASHABLE_UNKNOWN },
	{ "plug", .encrypted = true, .note = "eWeLink mode",
	    .flashable = DEVICE_FLASHABLE_NO },
	/* In DIY mode it would still be a bulb. */
	{ "light", .encrypted = true, .note = "a bulb",
	    .flashable = DEVICE_FLASHABLE_NO },
	{ "diy_light", .answered = true, .note = "a bulb",
	    .flashable = DEVICE_FLASHABLE_NO },
	{ "strip", .encrypted = true, .note = "several relays",
	    .flashable = DEVICE_FLASHABLE_NO },
	{ "diy_meter", .answered = true, .note = "a power meter",
	    .flashable = DEVICE_FLASHABLE_NO },
	{ "rf", .answered = true, .note = "type not flashable",
	    .flashable = DEVICE_FLASHABLE_NO },
	{ "diy_plug", .answered = true, .switches = true, .firmware = "3.6.0",
	    .note = "ESP32 chip", .flashable = DEVICE_FLASHABLE_NO },
	{ "diy_plug", .answered = true, .foreign = true,
	    .note = "bulb or dimmer", .flashable = DEVICE_FLASHABLE_NO },
	{ "diy_plug", .no_info = true, .note = "firmware too old",
	    .flashable = DEVICE_FLASHABLE_NO },
	{ "diy_plug", .answered = true, .firmware = "4.0.0",
	    .note = "unknown firmware", .flashable = DEVICE_FLASHABLE_NO },
};

TEST(the_note_says_why_a_device_cannot_be_flashed)
{
	for (size_t i = 0; i < COUNT(natures); i++) {
		const struct nature *n = &natures[i];
		device_auto *device = fixture_device(FIXTURE_ID);

		strcpy(device->facts.type, n->type);
		strcpy(device->facts.firmware, n->firmware ? n->firmware : "");
		device->facts.encrypted = n->encrypted;
		device->facts.has_switches = n->switches;
		device->facts.is_foreign = n->foreign;
		device->facts.has_no_info = n->no_info;
		device->facts.info_known = n->answered;
		assert_string_equal(device_note(device), n->note);
		assert_int_equal(device_flashable(device), n->flashable);
	}
}

TEST(a_silent_device_is_called_so)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	device->facts.info_known = false;
	strcpy(device->facts.no_info, "connection refused");
	assert_string_equal(device_note(device), "does not answer");
	device->facts.no_info[0] = '\0';
	device->seen.is_present = false;
	assert_string_equal(device_note(device), "not here now");
	assert_int_equal(device_flashable(device), DEVICE_FLASHABLE_UNKNOWN);
}

TEST(a_device_with_a_damaged_download_must_stay_on)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "50-mini", SHA_A, STATE_HELD, 1);
	device->hold = HOLD_BACKOFF;
	device->attempt.damaged = true;
	assert_true(device_must_stay_on(device));
	assert_string_equal(device_note(device), "do NOT unplug");
	device->state = STATE_FAILED;
	device->reason = REASON_NO_ANSWER;
	assert_string_equal(device_note(device), "do NOT unplug");
	device->attempt.damaged = false;
	assert_string_equal(device_note(device), "does not answer");
	device->reason = REASON_DEVICE_ERROR;
	assert_string_equal(device_note(device), "do NOT unplug");
	device->state = STATE_VERIFIED;
	device->attempt.damaged = true;
	assert_string_equal(device_note(device), "runs new firmware");
	assert_int_equal(device_flashable(device), DEVICE_FLASHABLE_NO);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
