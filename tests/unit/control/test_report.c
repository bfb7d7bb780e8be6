/* SPDX-License-Identifier: ISC */
/* What the daemon reports of a device, as JSON. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/memory.h"
#include "core/control/report.h"
#include "core/device/device_json.h"
#include "core/state/message.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define WHEN 1700000000 /* 2023-11-14T22:13:20Z */

/* Exactly these keys; a ? behind one says that it may be null. */
static const char *const device_keys[] = { "id", "label?", "name?", "address?",
	"port", "mac?", "type?", "firmware?", "encrypted", "present", "state",
	"reason?", "detail?", "advice?", "policy?", "image?", "progress?",
	"attempt", "attempts", "since", "flashable?", "note", "attention?",
	"access_point?", "page?", "rssi?", "weak", NULL };
static const char *const image_keys[] = { "name", "sha256", "size", "kind",
	"version?", "label?", NULL };
static const char *const progress_keys[] = { "bytes", "total", "percent",
	"rate", NULL };
static const char *const plan_keys[] = { "id", "label?", "attention?", "action",
	"image?", "sha256?", "image_version?", "image_label?", "policy?",
	"reason?", "detail?", "advice?", NULL };
static const char *const history_keys[] = { "time", "device", "label?", "state",
	"reason?", "detail?", "policy?", "image?", "sha256?", "image_version?",
	"image_label?", "who?", "bytes", "seconds", NULL };

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
	json_auto_t *want = json_loads(text, 0, NULL);

	assert_non_null(want);
	if (!json_equal(root, want))
		fail_msg("%s", json_dumps(root, 0));
	json_decref(root);
}

/* Check the text under a key; NULL: it is null. */
static void
assert_text(const json_t *root, const char *key, const char *want)
{
	const char *text = json_string_value(json_object_get(root, key));

	if (want == NULL)
		assert_null(text);
	else
		assert_string_equal(text, want);
}

TEST(of_a_device_that_is_not_known_everything_is_null)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	device->since = WHEN;
	assert_json(report_device(device),
	    "{\"id\":\"1000a05bf6\",\"label\":null,\"name\":null,\"address\":"
	    "null,"
	    "\"port\":8081,\"mac\":null,\"type\":null,\"firmware\":null,"
	    "\"encrypted\":false,\"present\":false,\"state\":\"seen\","
	    "\"reason\":null,\"detail\":null,\"advice\":null,"
	    "\"policy\":null,\"image\":null,\"progress\":null,"
	    "\"attempt\":0,\"attempts\":0,"
	    "\"since\":\"2023-11-14T22:13:20Z\","
	    "\"flashable\":null,\"note\":\"not here now\","
	    "\"attention\":null,\"access_point\":null,\"page\":null,"
	    "\"rssi\":null,\"weak\":false}");
}

static struct device *
busy_device(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "50-mini", SHA_A, STATE_DOWNLOADING, WHEN);
	text_copy(device->name, sizeof(device->name), "eWeLink_" FIXTURE_ID);
	text_copy(
	    device->place.mac, sizeof(device->place.mac), "d0:27:00:11:22:33");
	device->download.bytes = 4096;
	device->download.rate = 22000;
	device->facts.rssi = -81;
	return device;
}

/* The advice for a device now, or NULL; until it is asked again. */
static const char *
told(const struct device *device)
{
	static char text[ADVICE_SIZE];

	return report_advice(device, text);
}

static const char *
advice_for(const struct device *device, enum reason reason)
{
	static char text[ADVICE_SIZE];

	return report_advice_of(device, reason, text);
}

TEST(of_a_device_at_work_everything_is_told)
{
	device_auto *device = busy_device();

	xreplace(&device->label,
	    "K\xc3\xbc"
	    "che");
	assert_json(report_device(device),
	    "{\"id\":\"1000a05bf6\",\"label\":\"K\xc3\xbc"
	    "che\",\"name\":\"eWeLink_1000a05bf6\","
	    "\"address\":\"192.168.1.23\",\"port\":8081,"
	    "\"mac\":\"d0:27:00:11:22:33\",\"type\":\"diy_plug\","
	    "\"firmware\":\"3.6.0\",\"encrypted\":false,\"present\":true,"
	    "\"state\":\"downloading\",\"reason\":null,\"detail\":null,"
	    "\"advice\":null,\"policy\":\"50-mini\","
	    "\"image\":{\"name\":\"lite.bin\",\"sha256\":\"" SHA_A "\","
	    "\"size\":500000,\"kind\":\"tasmota\","
	    "\"version\":\"9.5.0\",\"label\":\"Tasmota 9.5.0 lite\"},"
	    "\"progress\":{\"bytes\":4096,\"total\":500000,\"percent\":0,"
	    "\"rate\":22000},\"attempt\":1,\"attempts\":3,"
	    "\"since\":\"2023-11-14T22:13:20Z\","
	    "\"flashable\":true,\"note\":\"is being flashed\","
	    "\"attention\":null,\"access_point\":null,\"page\":null,"
	    "\"rssi\":-81,\"weak\":true}");
}

TEST(a_new_firmware_has_its_page)
{
	static const struct {
		enum state state;
		enum reason reason;
		const char *kind, *access_point, *page;
	} cases[] = {
		{ STATE_SEEN, REASON_NONE, "tasmota", NULL, NULL },
		{ STATE_DOWNLOADING, REASON_NONE, "tasmota", NULL, NULL },
		{ STATE_FLASHED, REASON_NONE, "tasmota", "tasmota_112233-0563",
		    "http://192.168.4.1" },
		{ STATE_FLASHED, REASON_NONE, "esphome", NULL, NULL },
		{ STATE_VERIFIED, REASON_NONE, "tasmota", NULL,
		    "http://192.168.1.23/" },
		{ STATE_VERIFIED, REASON_NONE, "esphome", NULL, NULL },
		{ STATE_FAILED, REASON_FINISH_FAILED, "tasmota", NULL,
		    "http://192.168.1.23/" },
		{ STATE_FAILED, REASON_NOT_SEEN_AGAIN, "tasmota", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = busy_device();
		json_auto_t *root;

		device->state = cases[i].state;
		device->reason = cases[i].reason;
		strcpy(device->attempt.image.kind, cases[i].kind);
		root = report_device(device);
		assert_text(root, "access_point", cases[i].access_point);
		assert_text(root, "page", cases[i].page);
	}
}

TEST(no_state_hold_or_reason_changes_the_shape)
{
	device_auto *device = busy_device();

	for (enum state each = 0; each < STATE_COUNT; each++)
		for (enum reason r = REASON_NONE; r < REASON_COUNT; r++) {
			json_t *root, *image, *progress;

			device_restore(device, each, WHEN);
			device->reason = r;
			device->hold = each == STATE_HELD
			    ? (enum hold)(r % HOLD_COUNT)
			    : HOLD_NONE;
			device->attempt.has_image = r % 2;
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
}

TEST(the_reason_is_what_it_waits_for_or_failed_of)
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
	device_auto *device = busy_device();

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_restore(device, cases[i].state, WHEN);
		device->hold = cases[i].hold;
		device->reason = cases[i].reason;
		if (cases[i].token == NULL)
			assert_null(report_reason(device));
		else
			assert_string_equal(
			    report_reason(device), cases[i].token);
		assert_int_equal(told(device) != NULL, cases[i].advice);
		if (cases[i].advice && cases[i].state != STATE_FLASHED)
			assert_string_equal(
			    told(device), advice_for(device, cases[i].reason));
		assert_non_null(report_sentence(device));
	}
	device_restore(device, STATE_SEEN, WHEN);
	device->facts.encrypted = true;
	assert_string_equal(
	    told(device), advice_for(device, REASON_NOT_DIY_MODE));
	device->facts.encrypted = false;
	device_restore(device, STATE_FAILED, WHEN);
	device->reason = REASON_NOT_SEEN_AGAIN;
	assert_contains(told(device), "(tasmota-112233-");
	text_copy(device->attempt.image.kind,
	    sizeof(device->attempt.image.kind), "esphome");
	assert_contains(told(device), "YAML");
	text_copy(device->attempt.image.kind,
	    sizeof(device->attempt.image.kind), "tasmota");
	device_restore(device, STATE_FLASHED, WHEN);
	assert_contains(told(device), "access point");
	text_copy(device->attempt.image.kind,
	    sizeof(device->attempt.image.kind), "esphome");
	assert_null(told(device));
	device_restore(device, STATE_FAILED, WHEN);
	device->reason = REASON_STALLED;
	assert_string_equal(
	    report_sentence(device), reason_sentence(REASON_STALLED));
	device_restore(device, STATE_HELD, WHEN);
	device->hold = HOLD_SOAK;
	assert_string_equal(report_sentence(device), hold_meaning(HOLD_SOAK));
	device_restore(device, STATE_SEEN, WHEN);
	assert_string_equal(report_sentence(device), state_meaning(STATE_SEEN));
}

/* An attempt is kept in mind while its device is away, and no longer. */
TEST(an_absent_device_is_told_what_its_attempt_came_to)
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
	device_auto *device = busy_device();

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *advice;

		device_restore(device, cases[i].state, WHEN);
		device->hold = cases[i].hold;
		device->reason = REASON_NONE;
		device->kept.reason = cases[i].kept;
		device->attempt.damaged = cases[i].damaged;
		advice = told(device);
		if (cases[i].advice == REASON_NONE)
			assert_null(advice);
		else
			assert_string_equal(
			    advice, advice_for(device, cases[i].advice));
	}
}

/* What may be typed names this very device, and nothing stands for a name. */
TEST(an_advice_names_the_device_and_nothing_is_left_to_fill_in)
{
	static const char *const words[] = { " ID", "<id>", "ADDRESS", "POLICY",
		"tasmota-...", "FILE", "NAME", "PORT" };
	device_auto *device = busy_device();

	text_copy(device->policy, sizeof(device->policy), "50-mini");
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		for (size_t i = 0; i < COUNT(words); i++)
			if (strstr(advice_for(device, r), words[i]) != NULL)
				fail_msg(
				    "%s: %s", words[i], advice_for(device, r));
	assert_contains(advice_for(device, REASON_STALLED), "blinks");
	assert_contains(
	    advice_for(device, REASON_NEVER_FETCHED), "Open TCP port 8270 ");
	assert_contains(advice_for(device, REASON_TRIED_BEFORE),
	    "reflashctl retry " FIXTURE_ID);
	assert_contains(advice_for(device, REASON_NOT_DIY_MODE),
	    "point ITEAD-" FIXTURE_ID " (");
	assert_contains(
	    advice_for(device, REASON_WRONG_FIRMWARE), "http://192.168.1.23");
	xreplace(&device->label, "hall");
	assert_contains(
	    advice_for(device, REASON_TRIED_BEFORE), "reflashctl retry hall");
	/* A shell would take these for something else. */
	xreplace(&device->label, "the hall");
	assert_contains(advice_for(device, REASON_TRIED_BEFORE),
	    "reflashctl retry " FIXTURE_ID);
	xreplace(&device->label, "-hall");
	assert_contains(advice_for(device, REASON_TRIED_BEFORE),
	    "reflashctl retry " FIXTURE_ID);
	/* Without an address there is none to name. */
	device->place.has_address = false;
	assert_contains(
	    advice_for(device, REASON_WRONG_FIRMWARE), "http://ADDRESS");
}

static const char *
text_in(const json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

TEST(the_detail_is_what_explains_the_state)
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
	device_auto *device = busy_device();

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *root, *plan;

		device_restore(device, cases[i].state, WHEN);
		device_blame(device,
		    cases[i].state == STATE_FINISHING ? REASON_FINISH_NOT_READY
						      : REASON_NONE,
		    "d");
		device->facts.encrypted = cases[i].encrypted;
		text_copy(device->facts.no_info, sizeof(device->facts.no_info),
		    cases[i].no_info);
		text_copy(device->place.cut_off, sizeof(device->place.cut_off),
		    cases[i].cut_off);
		root = report_device(device);
		plan = report_plan(device, &nothing);
		assert_string_equal(text_in(root, "detail"), cases[i].detail);
		assert_string_equal(text_in(plan, "detail"), cases[i].planned);
		json_decref(root);
		json_decref(plan);
	}
}

/* What this machine broke off is not answered by looking at the device. */
TEST(an_excused_attempt_advises_nothing_about_the_device)
{
	device_auto *device = busy_device();

	device_restore(device, STATE_HELD, WHEN);
	device->hold = HOLD_BACKOFF;
	device_blame(device, REASON_STALLED, "d");
	assert_string_equal(told(device), advice_for(device, REASON_STALLED));
	assert_string_equal(
	    report_message(device), message_of_reason(REASON_STALLED));
	device->attempt.is_excused = true;
	assert_contains(told(device), "The device is not to blame");
	assert_null(strstr(told(device), "Wi-Fi"));
	assert_string_equal(
	    report_message(device), message_of_hold(HOLD_BACKOFF));
	device->attempt.damaged = true;
	assert_string_equal(
	    told(device), advice_for(device, REASON_DIGEST_ERROR));
	device->attempt.damaged = false;
	device->hold = HOLD_ABSENT;
	assert_null(told(device));
	device_restore(device, STATE_FAILED, WHEN);
	assert_string_equal(told(device), advice_for(device, REASON_STALLED));
}

/* One letter is a name, a detail and an answer, too. */
TEST(a_text_of_one_letter_is_told)
{
	device_auto *device = busy_device();
	struct decision d = { .what = DECIDE_NOTHING };
	json_t *root;

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
	text_copy(device->facts.no_info, sizeof(device->facts.no_info), "n");
	d.what = DECIDE_ASK;
	root = report_plan(device, &d);
	assert_string_equal(text_in(root, "detail"),
	    "a policy asks for what is not known of it yet, and n");
	json_decref(root);
	device_restore(device, STATE_FAILED, WHEN);
	xreplace(&device->people.cancelled, "a");
	root = report_device(device);
	assert_string_equal(text_in(root, "detail"),
	    "d; cancelled by a: no other image is tried on it");
	json_decref(root);
	device_blame(device, REASON_STALLED, "%s", "");
	root = report_device(device);
	assert_string_equal(text_in(root, "detail"),
	    "cancelled by a: no other image is tried on it");
	json_decref(root);
}

/* What was cut within a character loses its end; other bytes are escaped. */
TEST(text_of_a_device_becomes_a_string)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_auto_t *string = device_json_string(cases[i].text);

		assert_string_equal(json_string_value(string), cases[i].string);
	}
}

TEST(progress_is_shown_while_there_is_any)
{
	device_auto *device = busy_device();

	for (enum state each = 0; each < STATE_COUNT; each++) {
		json_auto_t *root = NULL;

		device_restore(device, each, WHEN);
		root = report_device(device);
		assert_int_equal(
		    json_is_object(json_object_get(root, "progress")),
		    each == STATE_DOWNLOADING || each == STATE_REBOOTING);
	}
}

TEST(the_percentage_is_of_whole_bytes)
{
	static const struct {
		uint64_t bytes, size;
		unsigned percent;
	} cases[] = { { 0, 500000, 0 }, { 4999, 500000, 0 },
		{ 5000, 500000, 1 }, { 499999, 500000, 99 },
		{ 500000, 500000, 100 }, { 0, 0, 0 }, { 7, 0, 0 },
		{ 4194304, 4194304, 100 } };
	device_auto *device = busy_device();

	for (size_t i = 0; i < COUNT(cases); i++) {
		device->download.bytes = cases[i].bytes;
		device->attempt.image.size = cases[i].size;
		assert_int_equal(report_percent(device), cases[i].percent);
	}
	device->attempt.has_image = false;
	assert_int_equal(report_percent(device), 0);
}

TEST(a_plan_says_what_and_why_not)
{
	struct policy *policy = fixture_policy("50-mini", "");
	device_auto *device = busy_device();
	struct decision d = { .what = DECIDE_START, .policy = policy };

	static const struct image_report lite = { .kind = IMAGE_TASMOTA,
		.version = "9.5.0",
		.variant = "lite",
		.size = 500000 };

	device_restore(device, STATE_HELD, WHEN);
	d.image.name = "lite.bin";
	d.image.sha256 = SHA_A;
	d.image.report = &lite;
	d.has_image = true;
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"label\":null,\"attention\":null,"
	    "\"action\":\"flash\","
	    "\"image\":\"lite.bin\","
	    "\"sha256\":\"" SHA_A "\",\"image_version\":\"9.5.0\","
	    "\"image_label\":\"Tasmota 9.5.0 lite\","
	    "\"policy\":\"50-mini\","
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
	    advice_for(device, REASON_WRONG_TYPE));
	json_decref(root);

	d.what = DECIDE_HOLD;
	d.hold = HOLD_APPROVAL;
	d.detail[0] = '\0';
	root = report_plan(device, &d);
	assert_string_equal(
	    json_string_value(json_object_get(root, "reason")), "approval");
	assert_string_equal(json_string_value(json_object_get(root, "advice")),
	    "waiting for your approval");
	json_decref(root);
	policy_free(policy);
}

TEST(a_plan_of_what_goes_on_or_has_ended_says_how)
{
	struct policy *policy = fixture_policy("50-mini", "");
	device_auto *device = busy_device();
	struct decision d = { .what = DECIDE_NOTHING, .policy = policy };
	json_t *root;

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
	xreplace(&device->people.cancelled, "root");
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
	xreplace(&device->people.cancelled, NULL);
	device_restore(device, STATE_DOWNLOADING, WHEN);
	d.policy = NULL;
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"label\":null,\"attention\":null,"
	    "\"action\":\"downloading\","
	    "\"image\":\"lite.bin\","
	    "\"sha256\":\"" SHA_A "\",\"image_version\":\"9.5.0\","
	    "\"image_label\":\"Tasmota 9.5.0 lite\","
	    "\"policy\":\"50-mini\","
	    "\"reason\":null,\"detail\":\"the device is downloading the "
	    "image\","
	    "\"advice\":null}");
	device_restore(device, STATE_VERIFIED, WHEN);
	device_blame(device, REASON_NONE, "Tasmota 9.5.0 (lite)");
	d = (struct decision){ .what = DECIDE_NOTHING };
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"label\":null,\"attention\":null,"
	    "\"action\":\"verified\","
	    "\"image\":\"lite.bin\","
	    "\"sha256\":\"" SHA_A "\",\"image_version\":\"9.5.0\","
	    "\"image_label\":\"Tasmota 9.5.0 lite\","
	    "\"policy\":\"50-mini\","
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
	    "{\"id\":\"1000a05bf6\",\"label\":null,\"attention\":null,"
	    "\"action\":\"observe\","
	    "\"image\":null,"
	    "\"sha256\":null,\"image_version\":null,\"image_label\":null,"
	    "\"policy\":null,\"reason\":null,"
	    "\"detail\":\"no policy fits it\",\"advice\":null}");
	text_copy(device->facts.no_info, sizeof(device->facts.no_info),
	    "it does not answer: timed out");
	d = (struct decision){ .what = DECIDE_ASK };
	assert_json(report_plan(device, &d),
	    "{\"id\":\"1000a05bf6\",\"label\":null,\"attention\":null,"
	    "\"action\":\"ask\","
	    "\"image\":null,"
	    "\"sha256\":null,\"image_version\":null,\"image_label\":null,"
	    "\"policy\":null,\"reason\":null,\"detail\":\"a policy asks for "
	    "what is not known of it yet, and it does not answer: timed out\","
	    "\"advice\":null}");
	policy_free(policy);
}

TEST(no_decision_changes_the_shape_of_the_plan)
{
	struct policy *policy = fixture_policy("50-mini", "");
	device_auto *device = busy_device();

	for (enum state each = 0; each < STATE_COUNT; each++)
		for (int what = DECIDE_NOTHING; what <= DECIDE_START; what++) {
			struct decision d = { .what = (enum decide_what)what,
				.policy = what % 2 ? policy : NULL,
				.reason = REASON_WRONG_CHIP,
				.hold = HOLD_SLOT };
			json_auto_t *root = NULL;

			device_restore(device, each, WHEN);
			root = report_plan(device, &d);
			assert_shape(root, plan_keys);
		}
	policy_free(policy);
}

TEST(history_is_how_an_attempt_ended)
{
	device_auto *device = busy_device();

	device_restore(device, STATE_HELD, WHEN);
	device->hold = HOLD_BACKOFF;
	device->attempt.begun = 600; /* by a clock that was set since */
	device->attempt.begun_s = device->since_s - 42;
	device_blame(device, REASON_STALLED, "it stopped at 4096");
	assert_json(report_history(device),
	    "{\"time\":\"2023-11-14T22:13:20Z\",\"device\":\"1000a05bf6\","
	    "\"label\":null,\"state\":\"held\",\"reason\":\"stalled\","
	    "\"detail\":\"it stopped at 4096\",\"policy\":\"50-mini\","
	    "\"image\":\"lite.bin\",\"sha256\":\"" SHA_A "\","
	    "\"image_version\":\"9.5.0\","
	    "\"image_label\":\"Tasmota 9.5.0 "
	    "lite\",\"who\":null,\"bytes\":4096,\"seconds\":42}");
}

TEST(a_line_of_an_earlier_version_has_every_key)
{
	device_auto *device = busy_device();
	json_auto_t *line = report_history(device), *past = NULL;
	static const char *const later[] = { "label", "image_version",
		"image_label", "who" };

	json_object_set_new(line, "future", json_true());
	past = report_past(line);
	assert_true(json_equal(line, past));
	json_object_del(line, "future");
	for (size_t i = 0; i < COUNT(later); i++)
		json_object_del(line, later[i]);
	json_decref(past);
	past = report_past(line);
	assert_shape(past, history_keys);
}

TEST(an_attempt_that_the_next_one_follows_at_once_ended_too)
{
	device_auto *device = busy_device();
	json_auto_t *root = NULL;

	device_restore(device, STATE_PROBING, WHEN);
	device_blame(device, REASON_DIGEST_ERROR, "it reports 409");
	root = report_history(device);
	assert_string_equal(
	    json_string_value(json_object_get(root, "state")), "held");
	assert_string_equal(
	    json_string_value(json_object_get(root, "reason")), "digest-error");
}

TEST(history_of_what_never_began_has_no_length)
{
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);
	json_t *root;

	device_restore(device, STATE_FAILED, WHEN);
	root = report_history(device);
	assert_shape(root, history_keys);
	assert_true(json_is_null(json_object_get(root, "image")));
	assert_int_equal(
	    json_integer_value(json_object_get(root, "seconds")), 0);
	json_decref(root);
	device->attempt.begun = WHEN;
	device->attempt.begun_s = device->since_s + 60; /* cannot be */
	root = report_history(device);
	assert_int_equal(
	    json_integer_value(json_object_get(root, "seconds")), 0);
	json_decref(root);
}

TEST(the_message_is_that_of_the_reason_then_of_the_wait_or_state)
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
	device_auto *device = busy_device();

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_restore(device, cases[i].state, WHEN);
		device->hold = cases[i].hold;
		device->reason = cases[i].reason;
		assert_string_equal(report_message(device), cases[i].id);
	}
}

/* A machine without a battery for its clock begins in 1970. */
TEST(since_follows_the_clock_that_is_set)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = NULL;

		fixture_clock = cases[i].then;
		device = device_new(FIXTURE_ID, &fixture_ops, NULL);
		fixture_clock = cases[i].now;
		fixture_steady += cases[i].passed;
		assert_int_equal(device_since(device), cases[i].since);
	}
	fixture_clock = clock;
	fixture_steady = steady;
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
