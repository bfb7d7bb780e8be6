/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "core/control/report.h"
#include "core/device/device_json.h"
#include "core/state/message.h"

#include "unit/fixture.h"

#define WHEN	 1700000000 /* 2023-11-14T22:13:20Z */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Exactly these keys; a ? behind one says that it may be null. */
static const char *const device_keys[] = { "id", "name?", "address?", "port",
	"mac?", "type?", "firmware?", "encrypted", "present", "state",
	"reason?", "detail?", "advice?", "policy?", "image?", "progress?",
	"attempt", "attempts", "since", NULL };
static const char *const image_keys[] = { "name", "sha256", "size", "kind",
	NULL };
static const char *const progress_keys[] = { "bytes", "total", "percent",
	"rate", NULL };
static const char *const plan_keys[] = { "id", "action", "image?", "policy?",
	"reason?", "detail?", "advice?", NULL };
static const char *const history_keys[] = { "time", "device", "state",
	"reason?", "detail?", "policy?", "image?", "sha256?", "bytes",
	"seconds", NULL };

static void
assert_shape(const json_t *root, const char *const *keys)
{
	size_t count = 0;

	assert_true(json_is_object(root));
	for (; keys[count] != NULL; count++) {
		bool may_be_null = strchr(keys[count], '?') != NULL;
		const json_t *value;
		char key[32];

		snprintf(key, sizeof(key), "%.*s",
		    (int)strcspn(keys[count], "?"), keys[count]);
		value = json_object_get(root, key);
		if (value == NULL || (json_is_null(value) && !may_be_null))
			fail_msg("%s is missing", key);
		assert_false(
		    json_is_string(value) && json_string_length(value) == 0);
	}
	assert_int_equal(json_object_size(root), count);
}

static void
assert_json(json_t *root, const char *text)
{
	json_t *want = json_loads(text, 0, NULL);

	assert_non_null(want);
	if (!json_equal(root, want))
		fail_msg("%s", json_dumps(root, 0));
	json_decref(want);
	json_decref(root);
}

/* ---- devices ----------------------------------------------------------- */

static void
of_a_device_that_is_not_known_everything_is_null(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	device->since = WHEN;
	assert_json(report_device(device),
	    "{\"id\":\"1000a05bf6\",\"name\":null,\"address\":null,"
	    "\"port\":8081,\"mac\":null,\"type\":null,\"firmware\":null,"
	    "\"encrypted\":false,\"present\":false,\"state\":\"seen\","
	    "\"reason\":null,\"detail\":null,\"advice\":null,"
	    "\"policy\":null,\"image\":null,\"progress\":null,"
	    "\"attempt\":0,\"attempts\":0,"
	    "\"since\":\"2023-11-14T22:13:20Z\"}");
	device_free(device);
}

static struct device *
busy_device(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "50-mini", SHA_A, STATE_DOWNLOADING, WHEN);
	text_copy(device->name, sizeof(device->name), "eWeLink_" FIXTURE_ID);
	text_copy(device->mac, sizeof(device->mac), "d0:27:00:11:22:33");
	device->bytes = 4096;
	device->rate = 22000;
	return device;
}

static void
of_a_device_at_work_everything_is_told(void **unused)
{
	struct device *device = busy_device();

	(void)unused;
	assert_json(report_device(device),
	    "{\"id\":\"1000a05bf6\",\"name\":\"eWeLink_1000a05bf6\","
	    "\"address\":\"192.168.1.23\",\"port\":8081,"
	    "\"mac\":\"d0:27:00:11:22:33\",\"type\":\"diy_plug\","
	    "\"firmware\":\"3.6.0\",\"encrypted\":false,\"present\":true,"
	    "\"state\":\"downloading\",\"reason\":null,\"detail\":null,"
	    "\"advice\":null,\"policy\":\"50-mini\","
	    "\"image\":{\"name\":\"lite.bin\",\"sha256\":\"" SHA_A "\","
	    "\"size\":500000,\"kind\":\"tasmota\"},"
	    "\"progress\":{\"bytes\":4096,\"total\":500000,\"percent\":0,"
	    "\"rate\":22000},\"attempt\":1,\"attempts\":3,"
	    "\"since\":\"2023-11-14T22:13:20Z\"}");
	device_free(device);
}

static void
no_state_hold_or_reason_changes_the_shape(void **unused)
{
	struct device *device = busy_device();

	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++)
		for (enum reason r = REASON_NONE; r < REASON_COUNT; r++) {
			json_t *root, *image, *progress;

			device_restore(device, state, WHEN);
			device->reason = r;
			device->hold = state == STATE_HELD
			    ? (enum hold)(r % HOLD_COUNT)
			    : HOLD_NONE;
			device->has_image = r % 2;
			root = report_device(device);
			assert_shape(root, device_keys);
			image = json_object_get(root, "image");
			progress = json_object_get(root, "progress");
			if (!json_is_null(image))
				assert_shape(image, image_keys);
			if (!json_is_null(progress))
				assert_shape(progress, progress_keys);
			json_decref(root);
		}
	device_free(device);
}

static void
the_reason_is_what_it_waits_for_or_failed_of(void **unused)
{
	static const struct {
		enum state state;
		enum hold hold;
		enum reason reason;
		const char *token;
		bool advice;
	} cases[] = {
		{ STATE_SEEN, HOLD_NONE, REASON_NONE, NULL, false },
		{ STATE_SEEN, HOLD_NONE, REASON_STALLED, NULL, false },
		{ STATE_REFUSED, HOLD_NONE, REASON_WRONG_TYPE, "wrong-type",
		    true },
		{ STATE_FAILED, HOLD_NONE, REASON_STALLED, "stalled", true },
		{ STATE_HELD, HOLD_CANCELLED, REASON_CANCELLED, "cancelled",
		    true },
		{ STATE_HELD, HOLD_WINDOW, REASON_NONE, "window", false },
		{ STATE_HELD, HOLD_PAUSED, REASON_STALLED, "paused", false },
		{ STATE_HELD, HOLD_BACKOFF, REASON_STALLED, "backoff", true },
		{ STATE_HELD, HOLD_NONE, REASON_NONE, NULL, false },
		{ STATE_HELD, HOLD_ABSENT, REASON_NONE, "absent", false },
		{ STATE_PROBING, HOLD_NONE, REASON_STALLED, NULL, false },
		{ STATE_FINISHING, HOLD_NONE, REASON_FINISH_NOT_READY,
		    "finish-not-ready", true },
		{ STATE_FINISHING, HOLD_NONE, REASON_STALLED, NULL, false },
		{ STATE_DOWNLOADING, HOLD_NONE, REASON_FINISH_NOT_READY, NULL,
		    false },
		{ STATE_FLASHED, HOLD_NONE, REASON_NONE, NULL, true },
		{ STATE_VERIFIED, HOLD_NONE, REASON_NONE, NULL, false },
	};
	struct device *device = busy_device();

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		device_restore(device, cases[i].state, WHEN);
		device->hold = cases[i].hold;
		device->reason = cases[i].reason;
		if (cases[i].token == NULL)
			assert_null(report_reason(device));
		else
			assert_string_equal(
			    report_reason(device), cases[i].token);
		assert_int_equal(
		    report_advice(device) != NULL, cases[i].advice);
		if (cases[i].advice && cases[i].state != STATE_FLASHED)
			assert_string_equal(report_advice(device),
			    reason_advice(cases[i].reason));
		assert_non_null(report_sentence(device));
	}
	device_restore(device, STATE_SEEN, WHEN);
	device->encrypted = true;
	assert_string_equal(
	    report_advice(device), reason_advice(REASON_NOT_DIY_MODE));
	device->encrypted = false;
	device_restore(device, STATE_FAILED, WHEN);
	device->reason = REASON_NOT_SEEN_AGAIN;
	assert_non_null(strstr(report_advice(device), "tasmota-..."));
	text_copy(device->image.kind, sizeof(device->image.kind), "esphome");
	assert_non_null(strstr(report_advice(device), "YAML"));
	text_copy(device->image.kind, sizeof(device->image.kind), "tasmota");
	device_restore(device, STATE_FLASHED, WHEN);
	assert_non_null(strstr(report_advice(device), "access point"));
	text_copy(device->image.kind, sizeof(device->image.kind), "esphome");
	assert_null(report_advice(device));
	device_restore(device, STATE_FAILED, WHEN);
	device->reason = REASON_STALLED;
	assert_string_equal(
	    report_sentence(device), reason_sentence(REASON_STALLED));
	device_restore(device, STATE_HELD, WHEN);
	device->hold = HOLD_SOAK;
	assert_string_equal(report_sentence(device), hold_meaning(HOLD_SOAK));
	device_restore(device, STATE_SEEN, WHEN);
	assert_string_equal(report_sentence(device), state_meaning(STATE_SEEN));
	device_free(device);
}

/* An attempt is kept in mind while its device is away, and no longer. */
static void
an_absent_device_is_told_what_its_attempt_came_to(void **unused)
{
	static const struct {
		enum state state;
		enum hold hold;
		enum reason kept;
		bool damaged;
		enum reason advice; /* REASON_NONE: no advice */
	} cases[] = {
		{ STATE_HELD, HOLD_ABSENT, REASON_STALLED, false,
		    REASON_STALLED },
		{ STATE_HELD, HOLD_ABSENT, REASON_STALLED, true,
		    REASON_DIGEST_ERROR },
		{ STATE_HELD, HOLD_ABSENT, REASON_NONE, true, REASON_NONE },
		{ STATE_HELD, HOLD_WINDOW, REASON_STALLED, false, REASON_NONE },
		{ STATE_PROBING, HOLD_ABSENT, REASON_STALLED, false,
		    REASON_NONE },
	};
	struct device *device = busy_device();

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *advice;

		device_restore(device, cases[i].state, WHEN);
		device->hold = cases[i].hold;
		device->reason = REASON_NONE;
		device->kept.reason = cases[i].kept;
		device->damaged = cases[i].damaged;
		advice = report_advice(device);
		if (cases[i].advice == REASON_NONE)
			assert_null(advice);
		else
			assert_string_equal(
			    advice, reason_advice(cases[i].advice));
	}
	device_free(device);
}

static const char *
text_in(const json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

static void
the_detail_is_what_explains_the_state(void **unused)
{
	static const struct {
		enum state state;
		bool encrypted;
		const char *no_info, *cut_off;
		const char *detail, *planned;
	} cases[] = {
		{ STATE_SEEN, false, "n", "c", "n", "n" },
		{ STATE_SEEN, false, "", "c", "d", "d" },
		{ STATE_SEEN, true, "n", "c", "d", "d" },
		{ STATE_HELD, false, "n", "c", "d", "d" },
		{ STATE_PROBING, false, "n", "c", "c", "c" },
		{ STATE_PROBING, false, "n", "", "d",
		    "asking the device for its info" },
		{ STATE_FINISHING, false, "", "c", "c", "c" },
	};
	const struct decision nothing = { .what = DECIDE_NOTHING };
	struct device *device = busy_device();

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *root, *plan;

		device_restore(device, cases[i].state, WHEN);
		device_blame(device,
		    cases[i].state == STATE_FINISHING ? REASON_FINISH_NOT_READY
						      : REASON_NONE,
		    "d");
		device->encrypted = cases[i].encrypted;
		text_copy(
		    device->no_info, sizeof(device->no_info), cases[i].no_info);
		text_copy(
		    device->cut_off, sizeof(device->cut_off), cases[i].cut_off);
		root = report_device(device);
		plan = report_plan(device, &nothing);
		assert_string_equal(text_in(root, "detail"), cases[i].detail);
		assert_string_equal(text_in(plan, "detail"), cases[i].planned);
		json_decref(root);
		json_decref(plan);
	}
	device_free(device);
}

/* What this machine broke off is not answered by looking at the device. */
static void
an_excused_attempt_advises_nothing_about_the_device(void **unused)
{
	struct device *device = busy_device();

	(void)unused;
	device_restore(device, STATE_HELD, WHEN);
	device->hold = HOLD_BACKOFF;
	device_blame(device, REASON_STALLED, "d");
	assert_string_equal(
	    report_advice(device), reason_advice(REASON_STALLED));
	assert_string_equal(
	    report_message(device), message_of_reason(REASON_STALLED));
	device->is_excused = true;
	assert_non_null(
	    strstr(report_advice(device), "The device is not to blame"));
	assert_null(strstr(report_advice(device), "Wi-Fi"));
	assert_string_equal(
	    report_message(device), message_of_hold(HOLD_BACKOFF));
	device->damaged = true;
	assert_string_equal(
	    report_advice(device), reason_advice(REASON_DIGEST_ERROR));
	device->damaged = false;
	device->hold = HOLD_ABSENT;
	assert_null(report_advice(device));
	device_restore(device, STATE_FAILED, WHEN);
	assert_string_equal(
	    report_advice(device), reason_advice(REASON_STALLED));
	device_free(device);
}

/* One letter is a name, a detail and an answer, too. */
static void
a_text_of_one_letter_is_told(void **unused)
{
	struct device *device = busy_device();
	struct decision d = { .what = DECIDE_NOTHING };
	json_t *root;

	(void)unused;
	device_restore(device, STATE_FLASHED, WHEN);
	text_copy(device->policy, sizeof(device->policy), "p");
	device_blame(device, REASON_NONE, "d");
	root = report_plan(device, &d);
	assert_string_equal(text_in(root, "detail"),
	    "flashed with lite.bin by policy p, nothing is flashed any more: "
	    "d");
	assert_string_equal(text_in(root, "policy"), "p");
	json_decref(root);
	device_restore(device, STATE_SEEN, WHEN);
	text_copy(device->no_info, sizeof(device->no_info), "n");
	d.what = DECIDE_ASK;
	root = report_plan(device, &d);
	assert_string_equal(text_in(root, "detail"),
	    "a policy asks for what is not known of it yet, and n");
	json_decref(root);
	device_restore(device, STATE_FAILED, WHEN);
	text_copy(device->cancelled, sizeof(device->cancelled), "a");
	root = report_device(device);
	assert_string_equal(text_in(root, "detail"),
	    "d; cancelled by a: no other image is tried on it");
	json_decref(root);
	device_blame(device, REASON_STALLED, "%s", "");
	root = report_device(device);
	assert_string_equal(text_in(root, "detail"),
	    "cancelled by a: no other image is tried on it");
	json_decref(root);
	device_free(device);
}

/* What was cut within a character loses its end; other bytes are escaped. */
static void
text_of_a_device_becomes_a_string(void **unused)
{
	static const struct {
		const char *text, *string;
	} cases[] = {
		{ "", "" },
		{ "a", "a" },
		{ "\xc3\xbc", "\xc3\xbc" },
		{ "a\xc3", "a" },
		{ "\xc3", "" },
		{ "a\xe2\x82", "a" },
		{ "a\xf0\x9f\x98", "a" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "a\xc1", "a\\xc1" },
		{ "a\xc2", "a" },
		{ "\xbf", "\\xbf" },
		{ "\x80\x80", "\\x80\\x80" },
		{ "ab\x80", "ab\\x80" },
		{ "a\xf8\x80\x80\x80", "a\\xf8\\x80\\x80\\x80" },
		{ "\xff"
		  "a",
		    "\\xff"
		    "a" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *string = device_json_string(cases[i].text);

		assert_string_equal(json_string_value(string), cases[i].string);
		json_decref(string);
	}
}

static void
progress_is_shown_while_there_is_any(void **unused)
{
	struct device *device = busy_device();

	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++) {
		json_t *root;

		device_restore(device, state, WHEN);
		root = report_device(device);
		assert_int_equal(
		    json_is_object(json_object_get(root, "progress")),
		    state == STATE_DOWNLOADING || state == STATE_REBOOTING);
		json_decref(root);
	}
	device_free(device);
}

static void
the_percentage_is_of_whole_bytes(void **unused)
{
	static const struct {
		uint64_t bytes, size;
		unsigned percent;
	} cases[] = { { 0, 500000, 0 }, { 4999, 500000, 0 },
		{ 5000, 500000, 1 }, { 499999, 500000, 99 },
		{ 500000, 500000, 100 }, { 0, 0, 0 }, { 7, 0, 0 },
		{ 4194304, 4194304, 100 } };
	struct device *device = busy_device();

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		device->bytes = cases[i].bytes;
		device->image.size = cases[i].size;
		assert_int_equal(report_percent(device), cases[i].percent);
	}
	device->has_image = false;
	assert_int_equal(report_percent(device), 0);
	device_free(device);
}

/* ---- the plan ---------------------------------------------------------- */

static void
a_plan_says_what_and_why_not(void **unused)
{
	struct policy *policy = fixture_policy("50-mini", "");
	struct device *device = busy_device();
	struct decision d = { .what = DECIDE_START, .policy = policy };

	(void)unused;
	device_restore(device, STATE_HELD, WHEN);
	d.image.name = "lite.bin";
	d.has_image = true;
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"action\":\"flash\","
	    "\"image\":\"lite.bin\",\"policy\":\"50-mini\","
	    "\"reason\":null,\"detail\":null,\"advice\":null}");

	d.what = DECIDE_REFUSE;
	d.reason = REASON_WRONG_TYPE;
	text_copy(d.detail, sizeof(d.detail), "its type is strip");
	json_t *root = report_plan(device, &d);
	assert_shape(root, plan_keys);
	assert_string_equal(
	    json_string_value(json_object_get(root, "reason")), "wrong-type");
	assert_string_equal(json_string_value(json_object_get(root, "detail")),
	    "its type is strip");
	assert_string_equal(json_string_value(json_object_get(root, "advice")),
	    reason_advice(REASON_WRONG_TYPE));
	json_decref(root);

	d.what = DECIDE_HOLD;
	d.hold = HOLD_APPROVAL;
	d.detail[0] = '\0';
	root = report_plan(device, &d);
	assert_string_equal(
	    json_string_value(json_object_get(root, "reason")), "approval");
	assert_string_equal(json_string_value(json_object_get(root, "advice")),
	    "waiting for your approval: reflashctl approve ID");
	json_decref(root);
	device_free(device);
	policy_free(policy);
}

static void
a_plan_of_what_goes_on_or_has_ended_says_how(void **unused)
{
	struct policy *policy = fixture_policy("50-mini", "");
	struct device *device = busy_device();
	struct decision d = { .what = DECIDE_NOTHING, .policy = policy };
	json_t *root;

	(void)unused;
	device_restore(device, STATE_FAILED, WHEN);
	device_blame(device, REASON_STALLED, "it stopped at 4096");
	root = report_plan(device, &d);
	assert_shape(root, plan_keys);
	assert_string_equal(
	    json_string_value(json_object_get(root, "action")), "failed");
	assert_string_equal(
	    json_string_value(json_object_get(root, "reason")), "stalled");
	assert_string_equal(json_string_value(json_object_get(root, "detail")),
	    "it stopped at 4096");
	json_decref(root);
	text_copy(device->cancelled, sizeof(device->cancelled), "root");
	root = report_plan(device, &d);
	assert_string_equal(json_string_value(json_object_get(root, "detail")),
	    "it stopped at 4096; cancelled by root: no other image is tried on "
	    "it");
	json_decref(root);
	root = report_device(device);
	assert_string_equal(json_string_value(json_object_get(root, "detail")),
	    "it stopped at 4096; cancelled by root: no other image is tried on "
	    "it");
	json_decref(root);
	device->cancelled[0] = '\0';
	device_restore(device, STATE_DOWNLOADING, WHEN);
	d.policy = NULL;
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"action\":\"downloading\","
	    "\"image\":\"lite.bin\",\"policy\":\"50-mini\","
	    "\"reason\":null,\"detail\":\"the device is downloading the "
	    "image\","
	    "\"advice\":null}");
	device_restore(device, STATE_VERIFIED, WHEN);
	device_blame(device, REASON_NONE, "Tasmota 9.5.0 (lite)");
	d = (struct decision){ .what = DECIDE_NOTHING };
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"action\":\"verified\","
	    "\"image\":\"lite.bin\",\"policy\":\"50-mini\","
	    "\"reason\":null,\"detail\":\"flashed with lite.bin by policy "
	    "50-mini, nothing is left to do: Tasmota 9.5.0 (lite)\","
	    "\"advice\":null}");
	device_restore(device, STATE_FLASHED, WHEN);
	device_blame(device, REASON_NONE, "it left");
	root = report_plan(device, &d);
	assert_string_equal(json_string_value(json_object_get(root, "detail")),
	    "flashed with lite.bin by policy 50-mini, nothing is flashed any "
	    "more: it left");
	assert_non_null(json_string_value(json_object_get(root, "advice")));
	json_decref(root);
	device_restore(device, STATE_SEEN, WHEN);
	d = (struct decision){ .what = DECIDE_OBSERVE };
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"action\":\"observe\",\"image\":null,"
	    "\"policy\":null,\"reason\":null,"
	    "\"detail\":\"no policy fits it\",\"advice\":null}");
	text_copy(device->no_info, sizeof(device->no_info),
	    "it does not answer: timed out");
	d = (struct decision){ .what = DECIDE_ASK };
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"action\":\"ask\",\"image\":null,"
	    "\"policy\":null,\"reason\":null,\"detail\":\"a policy asks for "
	    "what is not known of it yet, and it does not answer: timed out\","
	    "\"advice\":null}");
	device_free(device);
	policy_free(policy);
}

static void
no_decision_changes_the_shape_of_the_plan(void **unused)
{
	struct policy *policy = fixture_policy("50-mini", "");
	struct device *device = busy_device();

	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++)
		for (int what = DECIDE_NOTHING; what <= DECIDE_START; what++) {
			struct decision d = { .what = (enum decide_what)what,
				.policy = what % 2 ? policy : NULL,
				.reason = REASON_WRONG_CHIP,
				.hold = HOLD_SLOT };
			json_t *root;

			device_restore(device, state, WHEN);
			root = report_plan(device, &d);
			assert_shape(root, plan_keys);
			json_decref(root);
		}
	device_free(device);
	policy_free(policy);
}

/* ---- history ----------------------------------------------------------- */

static void
history_is_how_an_attempt_ended(void **unused)
{
	struct device *device = busy_device();

	(void)unused;
	device_restore(device, STATE_HELD, WHEN);
	device->hold = HOLD_BACKOFF;
	device->begun = 600; /* by a clock that was set since */
	device->begun_s = device->since_s - 42;
	device_blame(device, REASON_STALLED, "it stopped at 4096");
	assert_json(report_history(device),
	    "{\"time\":\"2023-11-14T22:13:20Z\",\"device\":\"1000a05bf6\","
	    "\"state\":\"held\",\"reason\":\"stalled\","
	    "\"detail\":\"it stopped at 4096\",\"policy\":\"50-mini\","
	    "\"image\":\"lite.bin\",\"sha256\":\"" SHA_A "\","
	    "\"bytes\":4096,\"seconds\":42}");
	device_free(device);
}

static void
an_attempt_that_the_next_one_follows_at_once_ended_too(void **unused)
{
	struct device *device = busy_device();
	json_t *root;

	(void)unused;
	device_restore(device, STATE_PROBING, WHEN);
	device_blame(device, REASON_DIGEST_ERROR, "its verdict is 409");
	root = report_history(device);
	assert_string_equal(
	    json_string_value(json_object_get(root, "state")), "held");
	assert_string_equal(
	    json_string_value(json_object_get(root, "reason")), "digest-error");
	json_decref(root);
	device_free(device);
}

static void
history_of_what_never_began_has_no_length(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	json_t *root;

	(void)unused;
	device_restore(device, STATE_FAILED, WHEN);
	root = report_history(device);
	assert_shape(root, history_keys);
	assert_true(json_is_null(json_object_get(root, "image")));
	assert_int_equal(
	    json_integer_value(json_object_get(root, "seconds")), 0);
	json_decref(root);
	device->begun = WHEN;
	device->begun_s = device->since_s + 60; /* cannot be */
	root = report_history(device);
	assert_int_equal(
	    json_integer_value(json_object_get(root, "seconds")), 0);
	json_decref(root);
	device_free(device);
}

static void
the_message_is_that_of_the_reason_then_of_the_wait_or_state(void **unused)
{
	const char *stalled = message_of_reason(REASON_STALLED);
	const struct {
		enum state state;
		enum hold hold;
		enum reason reason;
		const char *id;
	} cases[] = {
		{ STATE_FAILED, HOLD_NONE, REASON_STALLED, stalled },
		{ STATE_REFUSED, HOLD_NONE, REASON_STALLED, stalled },
		{ STATE_HELD, HOLD_BACKOFF, REASON_STALLED, stalled },
		{ STATE_HELD, HOLD_BACKOFF, REASON_NONE,
		    message_of_hold(HOLD_BACKOFF) },
		{ STATE_HELD, HOLD_PAUSED, REASON_STALLED,
		    message_of_hold(HOLD_PAUSED) },
		{ STATE_HELD, HOLD_NONE, REASON_NONE,
		    message_of_state(STATE_HELD) },
		{ STATE_PROBING, HOLD_NONE, REASON_STALLED,
		    message_of_state(STATE_PROBING) },
		{ STATE_FLASHED, HOLD_NONE, REASON_NONE,
		    message_of_state(STATE_FLASHED) },
	};
	struct device *device = busy_device();

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		device_restore(device, cases[i].state, WHEN);
		device->hold = cases[i].hold;
		device->reason = cases[i].reason;
		assert_string_equal(report_message(device), cases[i].id);
	}
	device_free(device);
}

/* A machine without a battery for its clock begins in 1970. */
static void
since_follows_the_clock_that_is_set(void **unused)
{
	static const struct {
		time_t then, now; /* the clock on the wall */
		int64_t passed;	  /* s */
		time_t since;
	} cases[] = {
		{ WHEN, WHEN + 60, 60, WHEN },
		{ WHEN, WHEN + 63, 60, WHEN },
		{ 600, WHEN, 60, WHEN - 60 },
		{ WHEN, 600, 60, 540 },
		{ WHEN, WHEN + 3660, 60, WHEN + 3600 },
	};
	time_t clock = fixture_clock;
	int64_t steady = fixture_steady;

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device;

		fixture_clock = cases[i].then;
		device = device_new(FIXTURE_ID, &fixture_ops, NULL);
		fixture_clock = cases[i].now;
		fixture_steady += cases[i].passed;
		assert_int_equal(device_since(device), cases[i].since);
		device_free(device);
	}
	fixture_clock = clock;
	fixture_steady = steady;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(since_follows_the_clock_that_is_set),
		cmocka_unit_test(
		    of_a_device_that_is_not_known_everything_is_null),
		cmocka_unit_test(of_a_device_at_work_everything_is_told),
		cmocka_unit_test(no_state_hold_or_reason_changes_the_shape),
		cmocka_unit_test(the_reason_is_what_it_waits_for_or_failed_of),
		cmocka_unit_test(
		    the_message_is_that_of_the_reason_then_of_the_wait_or_state),
		cmocka_unit_test(
		    an_absent_device_is_told_what_its_attempt_came_to),
		cmocka_unit_test(the_detail_is_what_explains_the_state),
		cmocka_unit_test(
		    an_excused_attempt_advises_nothing_about_the_device),
		cmocka_unit_test(a_text_of_one_letter_is_told),
		cmocka_unit_test(text_of_a_device_becomes_a_string),
		cmocka_unit_test(progress_is_shown_while_there_is_any),
		cmocka_unit_test(the_percentage_is_of_whole_bytes),
		cmocka_unit_test(a_plan_says_what_and_why_not),
		cmocka_unit_test(a_plan_of_what_goes_on_or_has_ended_says_how),
		cmocka_unit_test(no_decision_changes_the_shape_of_the_plan),
		cmocka_unit_test(history_is_how_an_attempt_ended),
		cmocka_unit_test(
		    an_attempt_that_the_next_one_follows_at_once_ended_too),
		cmocka_unit_test(history_of_what_never_began_has_no_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
