/* SPDX-License-Identifier: ISC */
/* The table of states: rules that each of its rows keeps. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/reason.h"
#include "core/state/state.h"

#include "unit/test.h"

TEST(each_state_has_its_phase)
{
	enum {
		IDLE = 1,
		AT_WORK = 2,
		BEFORE_OFFER = 4,
		FETCHING = 8,
		UNDER_WAY = 16,
		SETTING_UP = 32,
		SUCCESS = 64,
		ENDED = 128,
		AFTER = 256,
	};
	static const int phases[STATE_COUNT] = {
		[STATE_SEEN] = IDLE,
		[STATE_IGNORED] = IDLE,
		[STATE_REFUSED] = IDLE,
		[STATE_HELD] = IDLE,
		[STATE_PROBING] = AT_WORK | BEFORE_OFFER,
		[STATE_UNLOCKING] = AT_WORK | BEFORE_OFFER,
		[STATE_CONFIRMING] = AT_WORK | BEFORE_OFFER,
		[STATE_OFFERING] = AT_WORK | FETCHING | UNDER_WAY,
		[STATE_DOWNLOADING] = AT_WORK | FETCHING | UNDER_WAY,
		[STATE_REBOOTING] = AT_WORK | UNDER_WAY,
		[STATE_VERIFYING] = AT_WORK | SETTING_UP | AFTER,
		[STATE_FINISHING] = AT_WORK | SETTING_UP | AFTER,
		[STATE_FLASHED] = SUCCESS | ENDED | AFTER,
		[STATE_VERIFIED] = SUCCESS | ENDED | AFTER,
		[STATE_FAILED] = ENDED,
	};

	for (enum state s = 0; s < STATE_COUNT; s++) {
		int got = (state_is_idle(s) ? IDLE : 0) |
		    (state_is_at_work(s) ? AT_WORK : 0) |
		    (state_is_before_offer(s) ? BEFORE_OFFER : 0) |
		    (state_is_fetching(s) ? FETCHING : 0) |
		    (state_is_under_way(s) ? UNDER_WAY : 0) |
		    (state_is_setting_up(s) ? SETTING_UP : 0) |
		    (state_is_success(s) ? SUCCESS : 0) |
		    (state_is_ended(s) ? ENDED : 0) |
		    (state_is_after(s) ? AFTER : 0);

		print_message("  %s\n", state_name(s));
		assert_int_equal(got, phases[s]);
	}
}

/* Properties of the table: they hold for states not written yet. */
TEST(every_state_at_work_can_fail)
{
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_is_at_work(s)) {
			assert_true(state_next(s, STATE_EVENT_FAIL, &next));
			assert_int_equal(next, STATE_FAILED);
		}
}

TEST(every_state_at_work_can_be_left_for_a_better_one)
{
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_is_at_work(s))
			assert_true(state_next(s, STATE_EVENT_DONE, &next) &&
			    next != s);
}

TEST(decisions_touch_a_device_at_work_before_its_offer_alone)
{
	static const enum state_event decisions[] = { STATE_EVENT_OBSERVE,
		STATE_EVENT_IGNORE, STATE_EVENT_REFUSE, STATE_EVENT_HOLD };
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++) {
		if (!state_is_at_work(s))
			continue;
		for (size_t i = 0; i < 4; i++) {
			assert_int_equal(state_next(s, decisions[i], &next),
			    state_is_before_offer(s));
			if (state_is_before_offer(s))
				assert_false(state_is_at_work(next));
		}
		assert_false(state_next(s, STATE_EVENT_START, &next));
	}
}

TEST(a_device_is_before_its_offer_as_long_as_it_can_be_cancelled)
{
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_is_at_work(s))
			assert_int_equal(state_is_before_offer(s),
			    state_next(s, STATE_EVENT_CANCEL, &next));
		else
			assert_false(state_is_before_offer(s));
}

TEST(a_device_that_was_told_to_fetch_cannot_be_cancelled)
{
	static const enum state before[] = { STATE_SEEN, STATE_IGNORED,
		STATE_REFUSED, STATE_HELD, STATE_PROBING, STATE_UNLOCKING,
		STATE_CONFIRMING };
	static const enum state after[] = { STATE_OFFERING, STATE_DOWNLOADING,
		STATE_REBOOTING, STATE_VERIFYING, STATE_FINISHING };
	enum state next;

	for (size_t i = 0; i < COUNT(before); i++) {
		assert_true(state_next(before[i], STATE_EVENT_CANCEL, &next));
		assert_int_equal(next, STATE_HELD);
	}
	for (size_t i = 0; i < COUNT(after); i++)
		assert_false(state_next(after[i], STATE_EVENT_CANCEL, &next));
}

TEST(events_have_names)
{
	assert_string_equal(state_event_name(STATE_EVENT_START), "START");
	for (enum state_event e = 0; e < STATE_EVENT_COUNT; e++)
		assert_non_null(state_event_name(e));
}

TEST(only_an_offer_leads_to_a_download)
{
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++)
		for (enum state_event e = 0; e < STATE_EVENT_COUNT; e++) {
			if (!state_next(s, e, &next))
				continue;
			if (next == STATE_DOWNLOADING)
				assert_int_equal(s, STATE_OFFERING);
			if (next == STATE_OFFERING)
				assert_int_equal(s, STATE_CONFIRMING);
			if (next == STATE_FLASHED)
				assert_true(s == STATE_REBOOTING ||
				    s == STATE_VERIFYING);
		}
}

/* What is to be seen later counts more than what was believed. */
TEST(the_old_firmware_is_believed_whenever_it_is_seen_again)
{
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_is_after(s)) {
			assert_true(state_next(s, STATE_EVENT_STOCK, &next));
			assert_int_equal(next, STATE_FAILED);
		}
	assert_true(state_next(STATE_FAILED, STATE_EVENT_STOCK, &next));
}

TEST(a_retry_behind_the_flash_does_not_lead_through_it)
{
	enum state next;

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_next(s, STATE_EVENT_VERIFY, &next)) {
			assert_true(s == STATE_FAILED || s == STATE_FINISHING);
			assert_int_equal(next, STATE_VERIFYING);
		}
	assert_true(state_next(STATE_FAILED, STATE_EVENT_VERIFY, &next));
}

TEST(names_and_tokens_find_their_way_back)
{
	enum state found;

	for (enum state s = 0; s < STATE_COUNT; s++)
		assert_true(state_find(state_name(s), &found) && found == s);
	assert_false(state_find("flashing", &found));
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		assert_int_equal(hold_find(hold_name(h)), h);
	assert_int_equal(hold_find("nothing"), HOLD_NONE);
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		assert_int_equal(reason_find(reason_token(r)), r);
		assert_true(strlen(reason_sentence(r)) > 0);
		assert_true(strlen(reason_advice(r)) > 0);
		assert_null(strstr(reason_sentence(r), ". "));
	}
	assert_int_equal(reason_find("no-such-reason"), REASON_NONE);
}

/* All of it, once more: what is not here does not happen. */
TEST(each_event_leads_where_it_should)
{
#define UNTOLD                                                                 \
	"OBSERVE seen, IGNORE ignored, REFUSE refused, HOLD held, "            \
	"FAIL failed, CANCEL held, "
	static const struct {
		const char *from, *to;
	} table[] = {
		{ "seen", UNTOLD "START probing" },
		{ "ignored", UNTOLD "START probing" },
		{ "refused", UNTOLD "START probing" },
		{ "held", UNTOLD "START probing, BACK verifying" },
		{ "probing",
		    UNTOLD "DONE unlocking, UNLOCKED confirming, AGAIN held" },
		{ "unlocking", UNTOLD "DONE confirming, AGAIN held" },
		{ "confirming",
		    UNTOLD "DONE offering, LOCKED unlocking, AGAIN held" },
		{ "offering",
		    "DONE downloading, LOCKED unlocking, AGAIN held, "
		    "AT_ONCE probing, FAIL failed" },
		{ "downloading",
		    "DONE rebooting, AGAIN held, AT_ONCE probing, "
		    "FAIL failed" },
		{ "rebooting",
		    "DONE verifying, LEFT flashed, AGAIN held, "
		    "AT_ONCE probing, FAIL failed" },
		{ "verifying",
		    "DONE finishing, BACK verified, LEFT flashed, "
		    "STOCK failed, FAIL failed" },
		{ "finishing",
		    "DONE verified, VERIFY verifying, STOCK failed, "
		    "FAIL failed" },
		{ "flashed",
		    "BACK verifying, STOCK failed, HOLD held, "
		    "START probing" },
		{ "verified", "STOCK failed, HOLD held, START probing" },
		{ "failed",
		    "REFUSE refused, HOLD held, START probing, "
		    "VERIFY verifying, BACK verifying, STOCK failed" },
	};

	assert_int_equal(COUNT(table), STATE_COUNT);
	for (size_t i = 0; i < STATE_COUNT; i++)
		for (enum state_event e = 0; e < STATE_EVENT_COUNT; e++) {
			char want[40], list[300];
			enum state from, to;
			bool leads;

			assert_true(state_find(table[i].from, &from));
			leads = state_next(from, e, &to);
			snprintf(list, sizeof(list), ", %s,", table[i].to);
			snprintf(want, sizeof(want), ", %s %s",
			    state_event_name(e), leads ? state_name(to) : "");
			if (leads)
				strcat(want, ",");
			if ((strstr(list, want) != NULL) != leads)
				fail_msg("%s: %s", table[i].from, want);
		}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
