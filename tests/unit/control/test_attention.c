/* SPDX-License-Identifier: ISC */
/* Which devices need a person, and how urgently. */
#include "config.h"

#include <string.h>

#include "core/control/attention.h"

#include "unit/fixture.h"
#include "unit/test.h"

TEST(who_needs_a_person)
{
	static const struct {
		enum state state;
		enum hold hold;
		enum reason reason;
		const char *kind;
		bool damaged;
		enum attention want;
	} cases[] = {
		{ STATE_SEEN, .want = ATTENTION_NONE },
		{ STATE_IGNORED, .want = ATTENTION_NONE },
		{ STATE_HELD, HOLD_SLOT, .want = ATTENTION_NONE },
		{ STATE_HELD, HOLD_CANCELLED, REASON_CANCELLED,
		    .want = ATTENTION_NONE },
		{ STATE_HELD, HOLD_APPROVAL, .want = ATTENTION_APPROVE },
		{ STATE_HELD, HOLD_BACKOFF, REASON_STALLED,
		    .want = ATTENTION_NONE },
		{ STATE_HELD, HOLD_BACKOFF, REASON_NO_ANSWER, .damaged = true,
		    .want = ATTENTION_KEEP_ON },
		{ STATE_DOWNLOADING, .want = ATTENTION_NONE },
		{ STATE_DOWNLOADING, .damaged = true,
		    .want = ATTENTION_KEEP_ON },
		{ STATE_FAILED, .reason = REASON_STALLED,
		    .want = ATTENTION_FAILED },
		{ STATE_FAILED, .reason = REASON_DEVICE_ERROR,
		    .want = ATTENTION_KEEP_ON },
		{ STATE_FAILED, .reason = REASON_STALLED, .damaged = true,
		    .want = ATTENTION_KEEP_ON },
		{ STATE_REFUSED, .reason = REASON_WRONG_CHIP,
		    .want = ATTENTION_NONE },
		{ STATE_REFUSED, .reason = REASON_WRONG_TYPE,
		    .want = ATTENTION_NONE },
		{ STATE_REFUSED, .reason = REASON_IMAGE_MISSING,
		    .want = ATTENTION_REFUSED },
		{ STATE_REFUSED, .reason = REASON_NOT_DIY_MODE,
		    .want = ATTENTION_REFUSED },
		{ STATE_FINISHING, .want = ATTENTION_NONE },
		{ STATE_FINISHING, .reason = REASON_FINISH_NOT_READY,
		    .want = ATTENTION_STUCK },
		{ STATE_FLASHED, .kind = "tasmota", .want = ATTENTION_JOIN },
		{ STATE_FLASHED, .kind = "esphome", .want = ATTENTION_NONE },
		{ STATE_VERIFIED, .kind = "tasmota", .damaged = true,
		    .want = ATTENTION_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);

		print_message("  case %zu\n", i);
		device->state = cases[i].state;
		device->hold = cases[i].hold;
		device->reason = cases[i].reason;
		device->attempt.damaged = cases[i].damaged;
		if (cases[i].kind != NULL)
			strcpy(device->attempt.image.kind, cases[i].kind);
		assert_int_equal(attention_of(device), cases[i].want);
	}
}

TEST(each_has_a_token_that_is_found_again)
{
	assert_null(attention_token(ATTENTION_NONE));
	for (enum attention a = ATTENTION_NONE + 1; a < ATTENTION_COUNT; a++)
		assert_int_equal(attention_find(attention_token(a)), a);
	assert_int_equal(attention_find("nothing"), ATTENTION_NONE);
	assert_int_equal(attention_find(NULL), ATTENTION_NONE);
}

TEST(only_a_tasmota_that_waits_for_wifi_has_a_known_access_point)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	char name[40];

	fixture_end(device, "50-mini", SHA_A, STATE_FLASHED, 1);
	assert_false(attention_access_point(device, name, sizeof(name)));
	assert_string_equal(name, "");
	strcpy(device->place.mac, "d0:27:00:11:22:33");
	device->attempt.image.version[0] = '\0';
	assert_true(attention_access_point(device, name, sizeof(name)));
	assert_string_equal(name, "tasmota-112233-0563");
	strcpy(device->attempt.image.version, "9.5.0");
	assert_true(attention_access_point(device, name, sizeof(name)));
	assert_string_equal(name, "tasmota_112233-0563");
	strcpy(device->attempt.image.version, "14.2.0");
	assert_true(attention_access_point(device, name, sizeof(name)));
	assert_string_equal(name, "tasmota-112233-0563");
	device->state = STATE_VERIFIED;
	assert_false(attention_access_point(device, name, sizeof(name)));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
