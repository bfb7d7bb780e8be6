/* SPDX-License-Identifier: ISC */
/* The sentence about what a configuration means for the devices. */
#include "config.h"

#include <stdlib.h>

#include "core/schedule/forecast.h"

#include "unit/fixture.h"
#include "unit/test.h"

static const struct {
	enum decide_what what;
	enum hold hold;
	enum reason reason;
	enum state state;
	unsigned count;
	const char *text; /* of this one alone */
} kinds[] = {
	{ DECIDE_START, HOLD_NONE, REASON_NONE, STATE_SEEN, 2,
	    "2 devices would now be flashed" },
	{ DECIDE_NOTHING, HOLD_NONE, REASON_NONE, STATE_DOWNLOADING, 1,
	    "1 device is at work" },
	{ DECIDE_HOLD, HOLD_APPROVAL, REASON_NONE, STATE_SEEN, 1,
	    "1 device waits for approval" },
	{ DECIDE_HOLD, HOLD_PAUSED, REASON_NONE, STATE_HELD, 2,
	    "2 devices are paused" },
	{ DECIDE_REFUSE, HOLD_NONE, REASON_IMAGE_MISSING, STATE_SEEN, 3,
	    "3 devices refused: image-missing" },
	{ DECIDE_REFUSE, HOLD_NONE, REASON_WRONG_TYPE, STATE_REFUSED, 1,
	    "1 device refused: wrong-type" },
	{ DECIDE_ASK, HOLD_NONE, REASON_NONE, STATE_SEEN, 1,
	    "1 device is asked about itself first" },
	{ DECIDE_OBSERVE, HOLD_NONE, REASON_NONE, STATE_SEEN, 4,
	    "4 devices only observed" },
	{ DECIDE_IGNORE, HOLD_NONE, REASON_NONE, STATE_SEEN, 1,
	    "1 device ignored" },
	{ DECIDE_NOTHING, HOLD_NONE, REASON_NONE, STATE_VERIFIED, 1,
	    "1 device at an end" },
	{ DECIDE_FAIL, HOLD_NONE, REASON_NO_ANSWER, STATE_HELD, 2,
	    "2 devices at an end" },
	{ DECIDE_VERIFY, HOLD_NONE, REASON_NONE, STATE_FAILED, 1,
	    "1 device would now be flashed" },
	{ DECIDE_REFUSE, HOLD_NONE, REASON_NOT_DIY_MODE, STATE_REFUSED, 2,
	    "2 devices refused: not-diy-mode" },
	{ DECIDE_HOLD, HOLD_ABSENT, REASON_NONE, STATE_HELD, 1,
	    "1 device is absent" },
	{ DECIDE_HOLD, HOLD_BACKOFF, REASON_NONE, STATE_HELD, 3,
	    "3 devices wait for their next attempt" },
	{ DECIDE_HOLD, HOLD_CANCELLED, REASON_NONE, STATE_HELD, 1,
	    "1 device is cancelled" },
};

static void
add(struct forecast *forecast, size_t kind)
{
	const struct decision decision = { .what = kinds[kind].what,
		.hold = kinds[kind].hold,
		.reason = kinds[kind].reason };
	device_auto *device = fixture_device(FIXTURE_ID);

	device_restore(device, kinds[kind].state, 0);
	for (unsigned n = 0; n < kinds[kind].count; n++)
		forecast_add(forecast, device, &decision);
}

static void
assert_text(const struct forecast *forecast, const char *want)
{
	char *text = forecast_text(forecast);

	assert_string_equal(text, want);
	free(text);
}

TEST(each_kind_has_its_words)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct forecast forecast = { 0 };

		add(&forecast, i);
		assert_text(&forecast, kinds[i].text);
	}
}

TEST(every_wait_has_its_words)
{
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		for (unsigned count = 1; count <= 2; count++) {
			struct forecast forecast = { 0 };
			char *text;

			forecast.held[h] = count;
			text = forecast_text(&forecast);
			assert_null(strstr(text, "(null)"));
			assert_true(strlen(text) > strlen("2 devices "));
			free(text);
		}
}

TEST(all_of_them_are_one_sentence)
{
	struct forecast forecast = { 0 };

	assert_text(&forecast, "no device is known yet");
	for (size_t i = 0; i < COUNT(kinds); i++)
		add(&forecast, i);
	assert_text(&forecast,
	    "3 devices would now be flashed, 1 is at work, 1 waits for "
	    "approval, 3 wait for their next attempt, 2 are paused, 1 is "
	    "absent, 1 is cancelled, 2 refused: not-diy-mode, 1 refused: "
	    "wrong-type, 3 refused: image-missing, 1 is asked about itself "
	    "first, 4 only observed, 1 "
	    "ignored, 3 at an end");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
