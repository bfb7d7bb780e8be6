/* SPDX-License-Identifier: ISC */
/* The record of a device on disk: written, read back, and refused. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/memory.h"
#include "core/control/report.h"
#include "core/device/record.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define NOW   UINT64_C(5000000)
#define WALL  1800000000
#define TOKEN "abcdefghijklmnop"

/* When the records are written, and mostly when they are read. */
static const struct record_clock clock_then = { NOW, WALL, "boot" };

/* Every field that a record has, and nothing at its default. */
static struct device *
full_device(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "50-mini", SHA_A, STATE_DOWNLOADING, WALL - 9);
	text_copy(device->name, sizeof(device->name), "eWeLink_" FIXTURE_ID);
	xreplace(&device->label,
	    "K\xc3\xbc"
	    "che 2");
	text_copy(
	    device->place.mac, sizeof(device->place.mac), "d0:27:00:11:22:33");
	device->place.port = 8082;
	text_copy(device->facts.variant, sizeof(device->facts.variant), "lite");
	device->facts.form = DEVAPI_WITHOUT_ID;
	device->reason = REASON_STALLED;
	text_copy(device->detail, sizeof(device->detail), "it stopped \\xff");
	device->download.bytes = 12345;
	device->attempt.number = 2;
	device->attempt.allowed = 5;
	text_copy(
	    device->download.token, sizeof(device->download.token), TOKEN);
	device->download.verdict_ok = device->download.whole = true;
	device->download.told_at = WALL - 8;
	inet_pton(AF_INET, "192.168.1.5", &device->download.told_from);
	device->attempt.is_excused = true;
	device->attempt.took_s = 93;
	device->attempt.begun = WALL - 20;
	device->since_s = NOW / 1000 - 9;
	device->attempt.begun_s = NOW / 1000 - 20;
	text_copy(
	    device->order.approved, sizeof(device->order.approved), SHA_B);
	xreplace(&device->people.approved, "ann");
	xreplace(&device->people.ordered, "web:ben");
	strcpy(device->order.sha256, SHA_A);
	xreplace(&device->people.attempt, "J\xc3\xbcrgen");
	device->order.is_given = device->order.again =
	    device->awaited.must_return = true;
	device->attempt.by_order = device->seen.is_vouched = true;
	device->attempt.damaged = device->attempt.no_verdict = true;
	device->order.retry = device->awaited.must_finish = true;
	device->place.prefix = 24;
	device->kept = (struct device_kept){ REASON_STALLED, 1, 212992,
		"it stopped at 212992 of 424416 bytes" };
	xreplace(&device->people.cancelled, "user 1000");
	device->awaited.expect = DEVICE_EXPECT_ESPHOME;
	text_copy(device->order.approved_policy,
	    sizeof(device->order.approved_policy), "50-mini");
	device_note_tried(device, SHA_A);
	device_note_tried(device, SHA_B);
	text_copy(device->upgrade.token, sizeof(device->upgrade.token), "up");
	text_copy(
	    device->upgrade.sha256, sizeof(device->upgrade.sha256), SHA_B);
	text_copy(device->upgrade.from, sizeof(device->upgrade.from), "9.5.0");
	text_copy(device->upgrade.last, sizeof(device->upgrade.last), SHA_A);
	text_copy(device->upgrade.next, sizeof(device->upgrade.next), SHA_A);
	text_copy(device->upgrade.next_minimal,
	    sizeof(device->upgrade.next_minimal), SHA_B);
	device_order_image(device, "/tmp/mine.bin");
	device_note_unsure(device);
	text_copy(device->may_run.attempt.image.sha256,
	    sizeof(device->may_run.attempt.image.sha256), SHA_B);
	text_copy(
	    device->may_run.policy, sizeof(device->may_run.policy), "60-maxi");
	device->may_run.bytes = 54321;
	device->may_run.expect = DEVICE_EXPECT_TASMOTA;
	xreplace(&device->people.may_run, "root");
	device->may_run.attempt.number = 1;
	device->may_run.attempt.allowed = 4;
	device->may_run.attempt.begun -= 60;
	device->may_run.attempt.begun_s -= 60;
	return device;
}

static json_t *
full_record(void)
{
	struct device *device = full_device();
	json_t *root = record_make(device, &clock_then);

	assert_non_null(root);
	device_free(device);
	return root;
}

static bool
apply(const json_t *root, struct device *device)
{
	struct error err = { 0 };
	bool ok = record_apply(root, device, &clock_then, &err);

	if (!ok)
		assert_true(err.text[0] != '\0' && err.code != 0);
	return ok;
}

#define SAME_TEXT(member) assert_string_equal(a->member, b->member)
#define SAME_OWNED(member)                                                     \
	assert_string_equal(a->member != NULL ? a->member : "",                \
	    b->member != NULL ? b->member : "")
#define SAME(member) assert_true(a->member == b->member)

static void
assert_same(const struct device *a, const struct device *b)
{
	SAME_TEXT(id);
	SAME_TEXT(name);
	SAME_OWNED(label);
	SAME(place.has_address);
	SAME(place.address.s_addr);
	SAME(place.port);
	SAME(place.prefix);
	SAME_TEXT(place.mac);
	SAME_TEXT(facts.type);
	SAME_TEXT(facts.firmware);
	SAME_TEXT(facts.variant);
	SAME(facts.form);
	SAME(said.is_old);
	SAME(state);
	SAME(since);
	SAME(since_s);
	SAME(hold);
	SAME(hold_until_ms);
	SAME(download.tries_until_ms);
	SAME(reason);
	SAME_TEXT(detail);
	SAME_TEXT(policy);
	SAME(attempt.has_image);
	SAME_TEXT(attempt.image.name);
	SAME_TEXT(attempt.image.sha256);
	SAME_TEXT(attempt.image.kind);
	SAME_TEXT(attempt.image.version);
	SAME_TEXT(attempt.image.label);
	SAME(attempt.image.size);
	SAME(download.bytes);
	SAME(attempt.number);
	SAME(attempt.allowed);
	SAME_TEXT(download.token);
	SAME(download.verdict_ok);
	SAME(download.whole);
	SAME(download.told_at);
	SAME(download.told_from.s_addr);
	SAME(attempt.is_excused);
	SAME(attempt.took_s);
	SAME(attempt.begun);
	if (a->attempt.begun != 0)
		SAME(attempt.begun_s);
	SAME(awaited.must_return);
	SAME_TEXT(upgrade.token);
	SAME_TEXT(upgrade.sha256);
	SAME_TEXT(upgrade.from);
	SAME_TEXT(upgrade.last);
	SAME_TEXT(upgrade.next);
	SAME_TEXT(upgrade.next_minimal);
	SAME_TEXT(order.approved);
	SAME_OWNED(people.approved);
	SAME_OWNED(people.ordered);
	SAME_TEXT(order.sha256);
	SAME_OWNED(people.attempt);
	SAME(order.is_given);
	SAME(attempt.by_order);
	SAME(order.again);
	SAME(attempt.damaged);
	SAME(attempt.no_verdict);
	SAME(order.retry);
	SAME(attempt.unsure);
	if (a->attempt.unsure) {
		SAME(may_run.attempt.has_image);
		SAME_TEXT(may_run.attempt.image.name);
		SAME_TEXT(may_run.attempt.image.sha256);
		SAME_TEXT(may_run.attempt.image.kind);
		SAME_TEXT(may_run.attempt.image.version);
		SAME_TEXT(may_run.attempt.image.label);
		SAME(may_run.attempt.image.size);
		SAME(may_run.attempt.number);
		SAME(may_run.attempt.allowed);
		SAME(may_run.attempt.begun);
		SAME(may_run.attempt.begun_s);
		SAME(may_run.attempt.by_order);
		SAME(may_run.attempt.no_verdict);
		SAME_OWNED(people.may_run);
		SAME_TEXT(may_run.policy);
		SAME(may_run.bytes);
		SAME(may_run.must_return);
		SAME(may_run.must_finish);
		SAME(may_run.expect);
	}
	SAME(awaited.must_finish);
	SAME(seen.is_vouched);
	SAME(kept.reason);
	SAME(kept.attempt);
	SAME(kept.bytes);
	SAME_TEXT(kept.detail);
	SAME_OWNED(people.cancelled);
	SAME(awaited.expect);
	SAME_TEXT(order.approved_policy);
	SAME(tried.count);
	for (unsigned i = 0; i < a->tried.count; i++)
		SAME_TEXT(tried.sha256[i]);
	if (a->order.image == NULL || b->order.image == NULL)
		assert_ptr_equal(a->order.image, b->order.image);
	else
		SAME_TEXT(order.image);
}

static void
assert_round_trip(const struct device *device)
{
	device_auto *back = device_new(device->id, &fixture_ops, NULL);
	json_t *root = record_make(device, &clock_then), *again;

	assert_true(apply(root, back));
	assert_same(device, back);
	again = record_make(back, &clock_then);
	assert_true(json_equal(root, again));
	json_decref(again);
	json_decref(root);
}

TEST(what_was_written_is_read_back)
{
	device_auto *device = full_device();
	device_auto *fresh = device_new(FIXTURE_ID, &fixture_ops, NULL);

	assert_round_trip(device);
	assert_round_trip(fresh);
	device->place.has_address = device->download.whole =
	    device->download.verdict_ok = false;
	device->place.address.s_addr = 0;
	device->download.token[0] = '\0';
	device->download.told_at = 0;
	device->download.told_from.s_addr = 0;
	device->download.bytes = 0;
	device_restore(device, STATE_HELD, WALL - 60);
	device->hold = HOLD_BACKOFF;
	device->hold_until_ms = NOW + 60000;
	device->download.tries_until_ms = NOW + 600000;
	device_order_image(device, NULL);
	assert_round_trip(device);
	device->attempt.unsure = false;
	assert_round_trip(device);
	for (enum devapi_form form = DEVAPI_WITH_ID; form <= DEVAPI_OLD;
	    form++) {
		device->facts.form = form;
		device->said.is_old = form == DEVAPI_OLD;
		assert_round_trip(device);
	}
}

TEST(every_state_hold_and_reason_comes_back)
{
	device_auto *device = full_device();

	for (enum reason r = REASON_NONE; r < REASON_COUNT; r++) {
		device->reason = r;
		assert_round_trip(device);
	}
	device_restore(device, STATE_HELD, WALL);
	for (enum hold h = HOLD_NONE; h < HOLD_COUNT; h++) {
		device->hold = h;
		assert_round_trip(device);
	}
}

TEST(a_step_before_the_offer_is_begun_anew)
{
	static const enum state after[STATE_COUNT] = {
		[STATE_SEEN] = STATE_SEEN,
		[STATE_IGNORED] = STATE_IGNORED,
		[STATE_REFUSED] = STATE_REFUSED,
		[STATE_HELD] = STATE_HELD,
		[STATE_PROBING] = STATE_HELD,
		[STATE_UNLOCKING] = STATE_HELD,
		[STATE_CONFIRMING] = STATE_HELD,
		[STATE_OFFERING] = STATE_OFFERING,
		[STATE_DOWNLOADING] = STATE_DOWNLOADING,
		[STATE_REBOOTING] = STATE_REBOOTING,
		[STATE_VERIFYING] = STATE_VERIFYING,
		[STATE_FINISHING] = STATE_VERIFYING,
		[STATE_FLASHED] = STATE_FLASHED,
		[STATE_VERIFIED] = STATE_VERIFIED,
		[STATE_FAILED] = STATE_FAILED,
	};

	for (enum state each = 0; each < STATE_COUNT; each++) {
		json_auto_t *root = full_record();
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);

		json_object_set_new(
		    root, "state", json_string(state_name(each)));
		assert_true(apply(root, device));
		assert_int_equal(device->state, after[each]);
		/* It was told nothing then: that was no attempt. */
		assert_int_equal(device->attempt.number,
		    state_is_before_offer(each) ? 1 : 2);
		assert_int_equal(device->since, WALL - 9);
		device_free(device);
	}
}

/* It was no failure, and its image has not been tried to an end. */
TEST(what_earlier_versions_called_a_cancelled_failure_is_held)
{
	device_auto *device = full_device();
	json_auto_t *root = full_record();

	json_object_set_new(root, "state", json_string("failed"));
	json_object_set_new(root, "hold", json_null());
	json_object_set_new(root, "reason", json_string("cancelled"));
	json_object_del(root, "exact_reason");
	json_object_del(root, "cancelled");
	assert_true(apply(root, device));
	assert_int_equal(device->state, STATE_FAILED); /* it was retried */
	json_object_del(root, "only");
	assert_true(apply(root, device));
	assert_int_equal(device->state, STATE_HELD);
	assert_int_equal(device->hold, HOLD_CANCELLED);
	assert_int_equal(device->since, WALL - 9);
	assert_string_equal(device->people.cancelled, "a person");
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_has_tried(device, SHA_B));
	assert_round_trip(device);
}

/* What a field is, and so what it cannot be. */
enum kind { TEXT, NUMBER, FLAG, OBJECT, LIST };

static const struct {
	const char *in; /* NULL: at the top */
	const char *key;
	enum kind kind;
	bool may_be_null;
} fields[] = {
	{ NULL, "format", NUMBER, false },
	{ NULL, "id", TEXT, false },
	{ NULL, "name", TEXT, true },
	{ NULL, "address", TEXT, false }, /* it is under way */
	{ NULL, "port", NUMBER, false },
	{ NULL, "mac", TEXT, true },
	{ NULL, "type", TEXT, true },
	{ NULL, "firmware", TEXT, true },
	{ NULL, "variant", TEXT, true },
	{ NULL, "omit_id", FLAG, false },
	{ NULL, "old_form", FLAG, false },
	{ NULL, "state", TEXT, false },
	{ NULL, "since", NUMBER, false },
	{ NULL, "hold", TEXT, true },
	{ NULL, "reason", TEXT, true },
	{ NULL, "detail", TEXT, true },
	{ NULL, "policy", TEXT, true },
	{ NULL, "image", OBJECT, false },
	{ NULL, "not_before", NUMBER, false },
	{ NULL, "tries_until", NUMBER, false },
	{ NULL, "attempt", NUMBER, false },
	{ NULL, "attempts", NUMBER, false },
	{ NULL, "tried", LIST, false },
	{ NULL, "damaged", FLAG, false },
	{ NULL, "no_verdict", FLAG, false },
	{ NULL, "retry", FLAG, false },
	{ NULL, "unsure", FLAG, false },
	{ NULL, "must_finish", FLAG, false },
	{ NULL, "cancelled", TEXT, true },
	{ NULL, "expect", TEXT, true },
	{ NULL, "approved_policy", TEXT, true },
	{ NULL, "told", OBJECT, false },
	{ NULL, "begun", NUMBER, false },
	{ NULL, "must_return", FLAG, false },
	{ NULL, "upgrade_token", TEXT, true },
	{ NULL, "upgrade_sha256", TEXT, true },
	{ NULL, "upgrade_from", TEXT, true },
	{ NULL, "upgraded_to", TEXT, true },
	{ NULL, "next_upgrade", TEXT, true },
	{ NULL, "next_minimal", TEXT, true },
	{ NULL, "approved", TEXT, true },
	{ NULL, "label", TEXT, true },
	{ NULL, "who", TEXT, true },
	{ NULL, "approved_by", TEXT, true },
	{ NULL, "ordered_by", TEXT, true },
	{ NULL, "order_sha256", TEXT, true },
	{ NULL, "only", OBJECT, true },
	{ "only", "ordered", FLAG, false },
	{ "only", "again", FLAG, false },
	{ "only", "retry", FLAG, false },
	{ NULL, "exact_reason", TEXT, true },
	{ NULL, "cancelled_by", TEXT, true },
	{ NULL, "ordered", FLAG, false },
	{ NULL, "by_order", FLAG, false },
	{ NULL, "vouched", FLAG, false },
	{ NULL, "excused", FLAG, false },
	{ NULL, "took", NUMBER, false },
	{ NULL, "again", FLAG, false },
	{ NULL, "order_image", TEXT, true },
	{ "image", "name", TEXT, true },
	{ "image", "sha256", TEXT, false },
	{ "image", "size", NUMBER, false },
	{ "image", "kind", TEXT, true },
	{ "image", "version", TEXT, true },
	{ "image", "label", TEXT, true },
	{ "told", "token", TEXT, false },
	{ "told", "at", NUMBER, false },
	{ "told", "bytes", NUMBER, false },
	{ "told", "whole", FLAG, false },
	{ "told", "verdict_ok", FLAG, false },
	{ "told", "from", TEXT, true },
	{ NULL, "prefix", NUMBER, false },
	{ NULL, "kept", OBJECT, true },
	{ "kept", "reason", TEXT, false },
	{ "kept", "attempt", NUMBER, false },
	{ "kept", "bytes", NUMBER, false },
	{ "kept", "detail", TEXT, true },
	{ NULL, "may_run", OBJECT, true },
	{ "may_run", "name", TEXT, true },
	{ "may_run", "sha256", TEXT, false },
	{ "may_run", "size", NUMBER, false },
	{ "may_run", "kind", TEXT, true },
	{ "may_run", "version", TEXT, true },
	{ "may_run", "label", TEXT, true },
	{ "may_run", "policy", TEXT, true },
	{ "may_run", "who", TEXT, true },
	{ "may_run", "attempt", NUMBER, false },
	{ "may_run", "attempts", NUMBER, false },
	{ "may_run", "begun", NUMBER, false },
	{ "may_run", "begun_before", NUMBER, false },
	{ "may_run", "bytes", NUMBER, false },
	{ "may_run", "no_verdict", FLAG, false },
	{ "may_run", "by_order", FLAG, false },
	{ "may_run", "must_return", FLAG, false },
	{ "may_run", "must_finish", FLAG, false },
	{ "may_run", "expect", TEXT, true },
	{ NULL, "clock", OBJECT, false },
	{ "clock", "boot", TEXT, true },
	{ "clock", "ms", NUMBER, false },
	{ "clock", "wall", NUMBER, false },
	{ "clock", "since", NUMBER, false },
	{ "clock", "begun", NUMBER, false },
};

/* Those that the first records of this format did not have. */
static bool
is_later(size_t field)
{
	static const char *const later[] = { "variant", "must_return",
		"upgrade_token", "upgrade_sha256", "upgrade_from",
		"upgraded_to", "by_order", "tried", "damaged", "no_verdict",
		"retry", "unsure", "must_finish", "cancelled", "clock",
		"old_form", "expect", "kept", "prefix", "approved_policy",
		"next_upgrade", "next_minimal", "vouched", "from", "excused",
		"may_run", "label", "took", "version", "who", "approved_by",
		"ordered_by", "order_sha256", "tries_until", "only",
		"exact_reason", "cancelled_by" };

	if (fields[field].in != NULL && strcmp(fields[field].in, "only") == 0)
		return false;
	if (fields[field].in != NULL &&
	    strcmp(fields[field].in, "may_run") == 0 &&
	    strcmp(fields[field].key, "version") != 0 &&
	    strcmp(fields[field].key, "label") != 0 &&
	    strcmp(fields[field].key, "who") != 0)
		return false;
	for (size_t i = 0; i < COUNT(later); i++)
		if (strcmp(fields[field].key, later[i]) == 0)
			return true;
	return false;
}

static json_t *
place_of(json_t *root, size_t field)
{
	return fields[field].in != NULL
	    ? json_object_get(root, fields[field].in)
	    : root;
}

/* The record with one field changed (NULL: removed) must be refused. */
static void
assert_refused(size_t field, json_t *value)
{
	json_t *root = full_record(), *place = place_of(root, field);
	device_auto *device = full_device();
	const struct device before = *device;

	if (value == NULL)
		assert_int_equal(json_object_del(place, fields[field].key), 0);
	else
		json_object_set_new(place, fields[field].key, value);
	if (apply(root, device))
		fail_msg("%s was taken", fields[field].key);
	assert_memory_equal(device, &before, sizeof(before));
	json_decref(root);
}

/* A sentence or a name whose last character was cut, or that never was one. */
TEST(what_is_no_utf_8_is_written_all_the_same)
{
	static const struct {
		const char *text, *written;
	} cases[] = {
		{ "ger\xc3\xa4t", "ger\xc3\xa4t" },
		{ "ger\xc3", "ger" },
		{ "100 \xe2\x82", "100 " },
		{ "\xf0\x9f\x92", "" },
		{ "ger\xe4t", "ger\\xe4t" },
		{ "\xff\xff\xff\xff", "\\xff\\xff\\xff\\xff" },
		{ "", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = full_device();
		json_t *root, *report;

		strcpy(device->detail, cases[i].text);
		strcpy(device->policy, cases[i].text);
		strcpy(device->upgrade.from, cases[i].text);
		root = record_make(device, &clock_then);
		report = report_device(device);
		assert_non_null(root);
		assert_non_null(report);
		assert_string_equal(
		    json_string_value(json_object_get(root, "detail")),
		    cases[i].written);
		assert_string_equal(
		    json_string_value(json_object_get(root, "policy")),
		    cases[i].written);
		json_decref(root);
		json_decref(report);
	}
}

TEST(the_table_has_every_field)
{
	json_auto_t *root = full_record();
	size_t count = json_object_size(root) +
	    json_object_size(json_object_get(root, "image")) +
	    json_object_size(json_object_get(root, "told")) +
	    json_object_size(json_object_get(root, "clock")) +
	    json_object_size(json_object_get(root, "may_run")) +
	    json_object_size(json_object_get(root, "only")) +
	    json_object_size(json_object_get(root, "kept"));

	assert_int_equal(count, COUNT(fields));
	for (size_t i = 0; i < COUNT(fields); i++)
		assert_non_null(
		    json_object_get(place_of(root, i), fields[i].key));
}

TEST(a_field_that_is_missing_or_of_another_type_is_refused)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (!is_later(i))
			assert_refused(i, NULL);
		assert_refused(i, json_real(1.5));
		if (fields[i].kind != LIST)
			assert_refused(i, json_array());
		if (fields[i].kind != TEXT)
			assert_refused(i, json_string("1"));
		if (fields[i].kind != NUMBER)
			assert_refused(i, json_integer(1));
		if (fields[i].kind != FLAG)
			assert_refused(i, json_true());
		if (!fields[i].may_be_null)
			assert_refused(i, json_null());
		assert_refused(i, json_object());
	}
}

TEST(a_list_of_tried_images_is_one_of_different_hashes)
{
	const char *const cases[] = { "[\"" SHA_A "\", \"" SHA_A "\"]",
		"[\"abc\"]", "[\"\"]", "[null]", "[1]", "[[]]",
		"[\"" SHA_A "0\"]" };
	json_t *many = json_array();
	size_t field = 0;

	while (strcmp(fields[field].key, "tried") != 0)
		field++;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(field, json_loads(cases[i], 0, NULL));
	for (unsigned i = 0; i <= DEVICE_MAX_TRIED; i++)
		json_array_append_new(many, json_sprintf("%064u", i));
	assert_refused(field, many);
}

/* As the first version wrote it, and as any in between may have. */
TEST(what_an_earlier_version_did_not_write_is_nothing)
{
	json_auto_t *first = full_record();
	device_auto *device = full_device();

	for (size_t i = 0; i < COUNT(fields); i++) {
		json_auto_t *between = NULL;

		if (!is_later(i))
			continue;
		between = full_record();
		json_object_del(first, fields[i].key);
		json_object_del(between, fields[i].key);
		assert_true(apply(between, device));
	}
	assert_true(apply(first, device));
	assert_string_equal(device->facts.variant, "");
	assert_false(device->awaited.must_return || device->attempt.by_order);
	assert_true(
	    device->seen.is_vouched); /* how it failed counts as it did */
	assert_int_equal(device->tried.count, 0);
	assert_false(device->attempt.damaged || device->attempt.no_verdict);
	assert_false(device->order.retry || device->attempt.unsure ||
	    device->awaited.must_finish);
	assert_null(device->people.cancelled);
	assert_int_equal(device->awaited.expect, DEVICE_EXPECT_UNSET);
	assert_string_equal(device->order.approved_policy, "");
	assert_string_equal(device->upgrade.token, "");
	assert_string_equal(device->upgrade.sha256, "");
	assert_string_equal(device->upgrade.from, "");
	assert_string_equal(device->upgrade.last, "");
	assert_string_equal(device->download.token, TOKEN);
	json_object_set_new(first, "format", json_integer(2));
	assert_false(apply(first, device));
}

/* Its program would flash any image that has come to that place. */
TEST(version_0_1_0_sees_no_order_for_one_image_alone)
{
	device_auto *device = full_device();
	json_auto_t *root = record_make(device, &clock_then), *any = NULL;

	assert_true(json_is_false(json_object_get(root, "ordered")));
	assert_true(json_is_false(json_object_get(root, "again")));
	assert_true(json_is_false(json_object_get(root, "retry")));
	device->order.sha256[0] = '\0';
	any = record_make(device, &clock_then);
	assert_true(json_is_true(json_object_get(any, "ordered")));
	assert_true(json_is_true(json_object_get(any, "again")));
	assert_true(json_is_true(json_object_get(any, "retry")));
	assert_true(json_is_null(json_object_get(any, "only")));
	assert_round_trip(device);
}

static bool
is_among(const char *text, const char *const *texts)
{
	while (*texts != NULL && strcmp(*texts, text) != 0)
		texts++;
	return *texts != NULL;
}

/* It refuses a record with another reason, and takes the device for failed. */
TEST(version_0_1_0_knows_each_reason_that_is_written)
{
	static const char *const known[] = { "not-diy-mode", "wrong-type",
		"wrong-chip", "firmware-out-of-range", "image-missing",
		"image-invalid", "image-too-large", "image-minimal",
		"image-compressed", "image-flash-mode", "image-hash-mismatch",
		"finish-not-ready", "address-not-allowed", "wrong-device",
		"no-answer", "bad-answer", "unlock-refused",
		"unlock-unreachable", "unlock-no-effect", "offer-refused",
		"not-offered", "never-fetched", "stalled", "download-error",
		"digest-error", "device-error", "came-back-stock",
		"not-seen-again", "wrong-firmware", "finish-failed",
		"tried-before", "record-lost", "cancelled", NULL };
	device_auto *device = full_device();

	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		json_auto_t *root = NULL;

		device->reason = r;
		root = record_make(device, &clock_then);
		assert_true(is_among(
		    json_string_value(json_object_get(root, "reason")), known));
		assert_round_trip(device);
	}
}

TEST(a_reason_of_a_later_version_is_the_earlier_one_beside_it)
{
	device_auto *device = full_device();
	json_auto_t *root = full_record();

	json_object_set_new(root, "exact_reason", json_string("moon-too-full"));
	assert_true(apply(root, device));
	assert_int_equal(device->reason, REASON_STALLED);
	json_object_set_new(root, "exact_reason", json_string("image-changed"));
	json_object_set_new(root, "reason", json_string("moon-too-full"));
	assert_false(apply(root, device));
}

/* It has room for 31 bytes, and refuses a record with more. */
TEST(version_0_1_0_has_room_for_who_has_cancelled)
{
	device_auto *device = full_device();
	json_auto_t *root = NULL;

	xreplace(&device->people.cancelled,
	    "mqtt: the person at the centr\xc3\xa9\xc3\xa9 of all houses");
	root = record_make(device, &clock_then);
	assert_string_equal(
	    json_string_value(json_object_get(root, "cancelled")),
	    "mqtt: the person at the centr\xc3\xa9");
	assert_round_trip(device);
	json_object_del(root, "cancelled_by"); /* as 0.1.0 writes it again */
	assert_true(apply(root, device));
	assert_string_equal(
	    device->people.cancelled, "mqtt: the person at the centr\xc3\xa9");
	/* A person has let it go there. */
	json_object_set_new(root, "cancelled_by", json_string("anna"));
	json_object_set_new(root, "cancelled", json_null());
	assert_true(apply(root, device));
	assert_null(device->people.cancelled);
}

TEST(a_number_out_of_its_range_is_refused)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (fields[i].kind != NUMBER)
			continue;
		assert_refused(i, json_integer(-1));
		assert_refused(i, json_integer(INT64_MIN));
		assert_refused(i, json_integer(INT64_MAX));
	}
}

TEST(a_text_that_is_too_long_or_has_a_nul_is_refused)
{
	char big[5000];

	memset(big, 'a', sizeof(big));
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (fields[i].kind != TEXT)
			continue;
		assert_refused(i, json_stringn(big, sizeof(big)));
		assert_refused(i, json_stringn("a\0b", 3));
	}
}

TEST(a_text_that_means_nothing_is_refused)
{
	static const struct {
		const char *key, *text;
	} cases[] = {
		{ "id", "1000a05bf7" },
		{ "address", "192.168.1" },
		{ "address", "::1" },
		{ "state", "at rest" },
		{ "hold", "forever" },
		{ "expect", "rain" },
		{ "reason", "no reason" },
		{ "sha256", "no hash" },
		{ "sha256", SHA_A "a" },
		{ "order_sha256", "no hash" },
		{ "who", "a\033[2J" },
		{ "ordered_by", "a\nb" },
		{ "approved_by", "a\u202e" },
		{ "cancelled", "\x7f" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t f = 0; f < COUNT(fields); f++)
			if (strcmp(fields[f].key, cases[i].key) == 0)
				assert_refused(f, json_string(cases[i].text));
}

TEST(a_label_that_no_person_can_give_is_refused)
{
	static const char *const labels[] = { "192.168.1.2", FIXTURE_ID,
		"a\u202eb", " a" };

	for (size_t i = 0; i < COUNT(labels); i++)
		for (size_t f = 0; f < COUNT(fields); f++)
			if (fields[f].in == NULL &&
			    strcmp(fields[f].key, "label") == 0)
				assert_refused(f, json_string(labels[i]));
}

TEST(another_format_is_refused)
{
	json_t *root = full_record();
	device_auto *device = full_device();
	struct error err = { 0 };

	json_object_set_new(root, "format", json_integer(2));
	assert_false(record_apply(root, device, &clock_then, &err));
	assert_string_equal(err.text, "it has format 2, not 1");
	json_decref(root);
	assert_false(apply(NULL, device));
	root = json_array();
	assert_false(apply(root, device));
	json_decref(root);
}

TEST(what_it_was_told_to_fetch_from_is_an_address)
{
	static const char *const none[] = { "", "192.168.1", "::1", "here" };
	json_auto_t *root = full_record();
	json_t *told = json_object_get(root, "told");
	device_auto *device = full_device();

	for (size_t i = 1; i < COUNT(none); i++) {
		json_object_set_new(told, "from", json_string(none[i]));
		assert_false(apply(root, device));
	}
	json_object_set_new(told, "from", json_string(none[0]));
	assert_true(apply(root, device));
	assert_int_equal(device->download.told_from.s_addr, 0);
}

/* Both boots must be known to tell that they are not the same. */
TEST(a_restart_of_this_machine_is_seen_by_its_boot)
{
	static const struct {
		const char *written, *now;
		bool is_other;
	} cases[] = {
		{ "a", "a", false },
		{ "a", "b", true },
		{ "", "b", false },
		{ "a", "", false },
		{ "", "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct record_clock then = clock_then, now = clock_then;
		device_auto *device = full_device();
		struct error err;
		json_auto_t *root = NULL;

		then.boot = cases[i].written;
		now.boot = cases[i].now;
		root = record_make(device, &then);
		assert_true(record_apply(root, device, &now, &err));
		assert_int_equal(
		    device->download.is_from_other_boot, cases[i].is_other);
	}
}

TEST(more_bytes_than_the_image_has_are_refused)
{
	static const char *const places[] = { "told", "may_run" };

	for (size_t i = 0; i < COUNT(places); i++) {
		json_auto_t *root = full_record();
		json_t *place = json_object_get(root, places[i]);
		device_auto *device = full_device();

		json_object_set_new(place, "bytes", json_integer(500001));
		assert_false(apply(root, device));
		json_object_set_new(place, "bytes", json_integer(500000));
		assert_true(apply(root, device));
	}
}

/* An earlier version knew only its last attempt. */
TEST(a_device_that_fell_silent_earlier_may_run_its_last_image)
{
	json_auto_t *root = full_record();
	device_auto *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	json_object_del(root, "may_run");
	assert_true(apply(root, device));
	assert_true(device->may_run.attempt.has_image);
	assert_string_equal(device->may_run.attempt.image.sha256, SHA_A);
	assert_string_equal(device->may_run.policy, "50-mini");
	assert_int_equal(
	    device->may_run.attempt.begun_s, device->attempt.begun_s);
}

TEST(a_flash_under_way_without_what_it_was_told_is_refused)
{
	static const char *const needed[] = { "told", "image", "address" };

	for (enum state each = 0; each < STATE_COUNT; each++)
		for (size_t i = 0; i < COUNT(needed); i++) {
			json_auto_t *root = full_record();
			struct device *device =
			    device_new(FIXTURE_ID, &fixture_ops, NULL);

			json_object_set_new(
			    root, "state", json_string(state_name(each)));
			json_object_set_new(root, needed[i], json_null());
			if (strcmp(needed[i], "image") == 0)
				json_object_set_new(root, "told", json_null());
			assert_int_equal(apply(root, device),
			    each != STATE_OFFERING &&
				each != STATE_DOWNLOADING &&
				each != STATE_REBOOTING);
			device_free(device);
		}
}

TEST(only_what_would_be_missed_is_kept)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	assert_false(record_is_needed(device));
	device->attempt.has_image = true;
	assert_true(record_is_needed(device));
	device->attempt.has_image = false;
	device->attempt.number = 1;
	assert_true(record_is_needed(device));
	device->attempt.number = 0;
	device->order.is_given = true;
	assert_true(record_is_needed(device));
	device->order.is_given = false;
	text_copy(
	    device->order.approved, sizeof(device->order.approved), SHA_A);
	assert_true(record_is_needed(device));
	device->order.approved[0] = '\0';
	device_restore(device, STATE_HELD, WALL);
	assert_false(record_is_needed(device));
	/* cancelled before it had begun: it must not begin after a restart */
	xreplace(&device->people.cancelled, "root");
	assert_true(record_is_needed(device));
	xreplace(&device->people.cancelled, NULL);
	xreplace(&device->label, "Hall");
	assert_true(record_is_needed(device));
	xreplace(&device->label, NULL);
	device_restore(device, STATE_FAILED, WALL);
	assert_true(record_is_needed(device));
}

/* A person can label it at any moment, and the record is written then. */
TEST(a_device_that_was_offered_nothing_yet_begins_anew)
{
	device_auto *device = full_device();
	device_auto *back = device_new(FIXTURE_ID, &fixture_ops, NULL);
	json_auto_t *root = NULL;

	device_restore(device, STATE_OFFERING, WALL - 9);
	device->download.token[0] = '\0';
	root = record_make(device, &clock_then);
	assert_true(apply(root, back));
	assert_int_equal(back->state, STATE_HELD);
	assert_int_equal(back->attempt.number, device->attempt.number - 1);
}

TEST(a_backoff_goes_on_over_a_restart)
{
	static const struct {
		int64_t left_ms; /* at the end */
		time_t away;	 /* s between, by the wall clock */
		int64_t then_ms; /* left at the start */
	} cases[] = {
		{ 60000, 0, 60000 },
		{ 60000, 20, 40000 },
		{ 60000, 60, 0 },
		{ 60000, 100000, 0 },
		{ 0, 0, 0 },
		{ -5000, 0, 0 },
		{ 3600000, 0, 3600000 },
		/* the clock was set back meanwhile */
		{ 60000, -30, 60000 },
		{ 60000, -3600, 60000 },
		{ 60000, -86400 * 365, 60000 },
		{ 0, -10, 0 },
		/* and what was written was wrong */
		{ 86400000, 0, 4500000 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		device_auto *back = fixture_device(FIXTURE_ID);
		const uint64_t now = 77777; /* of another boot */
		const struct record_clock then = { now, WALL + cases[i].away,
			"" };
		struct error err;
		json_auto_t *root = NULL;

		fixture_end(device, "p", SHA_A, STATE_HELD, WALL);
		device->hold = HOLD_BACKOFF;
		device->hold_until_ms = NOW + (uint64_t)cases[i].left_ms;
		root = record_make(device, &clock_then);
		assert_true(record_apply(root, back, &then, &err));
		assert_int_equal(back->hold, HOLD_BACKOFF);
		assert_int_equal(back->hold_until_ms,
		    cases[i].then_ms > 0 ? now + (uint64_t)cases[i].then_ms
					 : 0);
	}
}

/* A device may try for as long as FlashTimeoutSec= can be, and no longer. */
TEST(a_device_that_may_still_try_to_download_is_known_as_such)
{
	static const struct {
		int64_t left_ms; /* at the end */
		time_t away;	 /* s between, by the wall clock */
		int64_t then_ms; /* left at the start */
	} cases[] = {
		{ 600000, 0, 600000 },
		{ 600001, 0, 601000 }, /* rather longer than less long */
		{ 600000, 20, 580000 },
		{ 600000, 600, 0 },
		{ 0, 0, 0 },
		{ -5000, 0, 0 },
		{ 600000, -86400 * 365, 600000 },
		{ 86400000, 0, 86400000 },
		{ 90000000, 0, 86400000 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		device_auto *back = fixture_device(FIXTURE_ID);
		const uint64_t now = 77777; /* of another boot */
		const struct record_clock then = { now, WALL + cases[i].away,
			"" };
		struct error err;
		json_auto_t *root = NULL;

		fixture_end(device, "p", SHA_A, STATE_FAILED, WALL);
		device->download.tries_until_ms =
		    NOW + (uint64_t)cases[i].left_ms;
		root = record_make(device, &clock_then);
		assert_true(record_apply(root, back, &then, &err));
		assert_int_equal(back->download.tries_until_ms,
		    cases[i].then_ms > 0 ? now + (uint64_t)cases[i].then_ms
					 : 0);
	}
}

TEST(a_record_of_the_future_is_still_a_record)
{
	struct device *device = full_device(), *back = full_device();
	json_auto_t *root = record_make(device, &clock_then);
	const struct record_clock unset = { NOW, 0, "boot" };
	struct error err;

	assert_true(record_apply(root, back, &unset, &err));
	assert_int_equal(back->since, WALL - 9);
	assert_int_equal(back->download.told_at, WALL - 8);
	device_free(back);
	device_free(device);
}

#define DAY  86400
#define YEAR (365 * DAY)

/* How long ago a soak began, say, is never told longer than it can be. */
TEST(what_has_passed_is_known_or_at_least_possible)
{
	static const struct {
		const char *what, *boot;
		time_t then;	    /* shown when it was written */
		int64_t wall, up_s; /* shown now, and since when we run */
		int64_t passed;	    /* by what is known */
	} cases[] = {
		{ "nothing was set", "a", WALL, WALL + 60, 5060, 60 },
		{ "set forward between", "a", WALL, WALL + YEAR, 5060, 60 },
		{ "set back between", "a", WALL, WALL - YEAR, 5060, 60 },
		{ "1970, then it was set", "a", 600, WALL, 5060, 60 },
		{ "1970 still", "a", 600, 660, 5060, 60 },
		{ "it was switched off", "b", WALL, WALL + DAY, 100, DAY },
		{ "1970, off, then it was set", "b", 600, WALL, 100, 100 },
		{ "off, and 1970 now", "b", WALL, 600, 100, 100 },
		{ "off, and from the future", "b", WALL + YEAR, WALL, 100,
		    100 },
		{ "off for less than it runs", "b", WALL, WALL + 9, 100, 100 },
		{ "no boot is known", "", WALL, WALL + 60, 100, 60 },
		{ "nor a clock", "", 600, WALL, 100, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = full_device(), *back = full_device();
		const struct record_clock then = { NOW, cases[i].then,
			cases[i].boot[0] != '\0' ? "a" : "" };
		const struct record_clock now = { (uint64_t)cases[i].up_s *
			    1000,
			cases[i].wall, cases[i].boot };
		json_auto_t *root = record_make(device, &then);
		struct error err;

		assert_true(record_apply(root, back, &now, &err));
		if (cases[i].up_s - back->since_s != cases[i].passed + 9 ||
		    cases[i].up_s - back->attempt.begun_s !=
			cases[i].passed + 20)
			fail_msg("%s: since %ld s", cases[i].what,
			    (long)(cases[i].up_s - back->since_s));
		device_free(back);
		device_free(device);
	}
}

static bool
applies(json_t *root /* taken */)
{
	struct device *fresh = device_new(FIXTURE_ID, &fixture_ops, NULL);
	bool ok = apply(root, fresh);

	device_free(fresh);
	json_decref(root);
	return ok;
}

TEST(each_number_has_its_limit)
{
	static const struct {
		const char *in, *key;
		json_int_t most;
	} cases[] = {
		{ NULL, "port", 65535 },
		{ NULL, "since", INT64_C(253402300799) },
		{ NULL, "not_before", INT64_C(253402300799) },
		{ NULL, "tries_until", INT64_C(253402300799) },
		{ NULL, "begun", INT64_C(253402300799) },
		{ NULL, "attempt", 1000 },
		{ NULL, "attempts", 1000 },
		{ "told", "at", INT64_C(253402300799) },
		{ "image", "size", 4294967295 },
		{ NULL, "prefix", 31 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (json_int_t value = cases[i].most;
		    value <= cases[i].most + 1; value++) {
			json_t *root = full_record();
			json_t *in = cases[i].in != NULL
			    ? json_object_get(root, cases[i].in)
			    : root;

			json_object_set_new(
			    in, cases[i].key, json_integer(value));
			print_message("  %s\n", cases[i].key);
			assert_int_equal(applies(root), value <= cases[i].most);
		}
}

TEST(a_path_has_up_to_1024_bytes)
{
	char path[1026];

	for (size_t len = 1023; len <= 1025; len++) {
		json_t *root = full_record();

		memset(path, 'x', len);
		path[len] = '\0';
		json_object_set_new(root, "order_image", json_string(path));
		assert_int_equal(applies(root), len <= 1024);
	}
}

TEST(a_record_replaces_the_images_that_were_tried)
{
	device_auto *device = full_device();
	json_t *root = full_record();

	json_array_remove(json_object_get(root, "tried"), 0);
	assert_true(apply(root, device));
	assert_int_equal(device->tried.count, 1);
	assert_true(device_has_tried(device, SHA_A));
	json_decref(root);
}

TEST(an_image_is_an_object_or_null)
{
	json_t *root = full_record();

	json_object_set_new(root, "image", json_string("x.bin"));
	assert_false(applies(root));
	root = full_record();
	json_object_set_new(
	    json_object_get(root, "image"), "sha256", json_string("5c1a"));
	assert_false(applies(root));
}

int
main(void)
{
	fixture_steady = NOW / 1000;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
