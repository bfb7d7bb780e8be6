/* SPDX-License-Identifier: ISC */
/* The sentence about what a device waits for. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/schedule/wait_text.h"

#include "unit/fixture.h"
#include "unit/test.h"

TEST(a_window_is_told_by_its_next_begin)
{
	static const struct {
		const char *window, *zone, *now, *said;
	} cases[] = {
		{ "01:00-05:00", "UTC", "2026-11-30 00:10:00",
		    "starts at 01:00 on Mon 30 Nov" },
		{ "01:00-05:00", "UTC", "2026-11-30 05:00:00",
		    "starts at 01:00 on Tue 1 Dec" },
		{ "22:30-06:00 12:00-13:00", "UTC", "2026-11-30 06:00:00",
		    "starts at 12:00 on Mon 30 Nov" },
		/* 00:30 is 23:30 UTC of the day before */
		{ "00:30-01:00", "CET-1", "2026-11-30 12:00:00",
		    "starts at 00:30 on Tue 1 Dec" },
		/* the hour from 02:00 on is missing on this day */
		{ "02:30-02:45", "CET-1CEST,M3.5.0,M10.5.0/3",
		    "2026-03-28 12:00:00", "starts at 02:30 on Mon 30 Mar" },
		{ "02:30-04:00", "CET-1CEST,M3.5.0,M10.5.0/3",
		    "2026-03-28 12:00:00", "starts at 03:00 on Sun 29 Mar" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy *policy = fixture_policy("p", "");
		struct error err;
		char said[64];

		assert_true(
		    windows_add(&policy->windows, cases[i].window, &err));
		setenv("TZ", cases[i].zone, 1);
		tzset();
		wait_text_window(
		    policy, fixture_utc(cases[i].now), said, sizeof(said));
		assert_string_equal(said, cases[i].said);
		policy_free(policy);
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

/* The fixture's clocks show 22:13:20 on Tuesday, 14 November 2023. */
TEST(an_absent_device_is_told_since_when)
{
	static const struct {
		int64_t unseen_s; /* 0: not since the start */
		enum reason kept;
		const char *said;
	} cases[] = {
		{ 0, REASON_NONE, "not seen since reflashd was started" },
		{ 600, REASON_NONE, "not seen since 22:03 on Tue 14 Nov" },
		{ 86400, REASON_STALLED,
		    "not seen since 22:13 on Mon 13 Nov; in attempt 2: it had "
		    "fetched 4096 bytes" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		char said[DEVICE_DETAIL_SIZE];

		device->seen.last_ms = cases[i].unseen_s == 0
		    ? 0
		    : (uint64_t)(fixture_steady - cases[i].unseen_s) * 1000;
		device->kept.reason = cases[i].kept;
		device->kept.attempt = 2;
		text_copy(device->kept.detail, sizeof(device->kept.detail),
		    "it had fetched 4096 bytes");
		wait_text_absent(device, said, sizeof(said));
		assert_string_equal(said, cases[i].said);
	}
}

TEST(the_next_attempt_is_told_until_its_time_comes)
{
	static const struct {
		int64_t left_s;
		const char *before, *said;
	} cases[] = {
		{ 0, "no answer", "no answer" },
		{ -5, "no answer", "no answer" },
		{ 30, "no answer", "no answer; next attempt at 22:13:50" },
		{ 7200, "", "next attempt at 00:13:20" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		char said[DEVICE_DETAIL_SIZE];

		device->hold_until_ms =
		    (uint64_t)(fixture_steady + cases[i].left_s) * 1000;
		text_copy(said, sizeof(said), cases[i].before);
		wait_text_backoff(device, said, sizeof(said));
		assert_string_equal(said, cases[i].said);
		device->download.tries_until_ms = device->hold_until_ms;
		device->hold_until_ms = 0;
		text_copy(said, sizeof(said), cases[i].before);
		wait_text_backoff(device, said, sizeof(said));
		assert_string_equal(said, cases[i].said);
	}
}

TEST(an_approval_is_told_by_its_command)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	char said[64], *sentence;

	wait_text_approval(device, said, sizeof(said));
	sentence = wait_text_sentence(HOLD_APPROVAL, said);
	assert_string_equal(sentence,
	    "waiting for your approval: reflashctl approve " FIXTURE_ID);
	free(sentence);
	sentence = wait_text_sentence(HOLD_SLOT, "");
	assert_string_equal(sentence, "waiting its turn");
	free(sentence);
}

TEST(a_device_that_does_not_wait_has_no_sentence)
{
	char *sentence = wait_text_sentence(HOLD_NONE, "its type is strip");

	assert_string_equal(sentence, "");
	free(sentence);
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
