/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "core/control/report.h"
#include "core/device/record.h"

#include "unit/fixture.h"

#define NOW	 UINT64_C(5000000)
#define WALL	 1800000000
#define TOKEN	 "abcdefghijklmnop"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* When the records are written, and mostly when they are read. */
static const struct record_clock clock_then = { NOW, WALL, "boot" };

/* Every field that a record has, and nothing at its default. */
static struct device *
full_device(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "50-mini", SHA_A, STATE_DOWNLOADING, WALL - 9);
	text_copy(device->name, sizeof(device->name), "eWeLink_" FIXTURE_ID);
	text_copy(device->mac, sizeof(device->mac), "d0:27:00:11:22:33");
	device->port = 8082;
	text_copy(device->variant, sizeof(device->variant), "lite");
	device->form = DEVAPI_WITHOUT_ID;
	device->reason = REASON_STALLED;
	text_copy(device->detail, sizeof(device->detail), "it stopped \\xff");
	device->bytes = 12345;
	device->attempt = 2;
	device->attempts = 5;
	text_copy(device->token, sizeof(device->token), TOKEN);
	device->verdict_ok = device->whole = true;
	device->told_at = WALL - 8;
	inet_pton(AF_INET, "192.168.1.5", &device->told_from);
	device->is_excused = true;
	device->begun = WALL - 20;
	device->since_s = NOW / 1000 - 9;
	device->begun_s = NOW / 1000 - 20;
	text_copy(device->approved, sizeof(device->approved), SHA_B);
	device->ordered = device->again = device->must_return = true;
	device->by_order = device->is_vouched = true;
	device->damaged = device->no_verdict = true;
	device->retry = device->unsure = device->must_finish = true;
	device->prefix = 24;
	device->kept = (struct device_kept){ REASON_STALLED, 1, 212992,
		"it stopped at 212992 of 424416 bytes" };
	text_copy(device->cancelled, sizeof(device->cancelled), "user 1000");
	device->expect = DEVICE_EXPECT_ESPHOME;
	text_copy(device->approved_policy, sizeof(device->approved_policy),
	    "50-mini");
	device_note_tried(device, SHA_A);
	device_note_tried(device, SHA_B);
	text_copy(device->upgrade_token, sizeof(device->upgrade_token), "up");
	text_copy(
	    device->upgrade_sha256, sizeof(device->upgrade_sha256), SHA_B);
	text_copy(device->upgrade_from, sizeof(device->upgrade_from), "9.5.0");
	text_copy(device->upgraded_to, sizeof(device->upgraded_to), SHA_A);
	text_copy(device->next_upgrade, sizeof(device->next_upgrade), SHA_A);
	text_copy(device->next_minimal, sizeof(device->next_minimal), SHA_B);
	device_order_image(device, "/tmp/mine.bin");
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

/* ---- round trips ------------------------------------------------------- */

#define SAME_TEXT(member) assert_string_equal(a->member, b->member)
#define SAME(member)	  assert_true(a->member == b->member)

static void
assert_same(const struct device *a, const struct device *b)
{
	SAME_TEXT(id);
	SAME_TEXT(name);
	SAME(has_address);
	SAME(address.s_addr);
	SAME(port);
	SAME(prefix);
	SAME_TEXT(mac);
	SAME_TEXT(type);
	SAME_TEXT(firmware);
	SAME_TEXT(variant);
	SAME(form);
	SAME(said.is_old);
	SAME(state);
	SAME(since);
	SAME(since_s);
	SAME(hold);
	SAME(hold_until_ms);
	SAME(reason);
	SAME_TEXT(detail);
	SAME_TEXT(policy);
	SAME(has_image);
	SAME_TEXT(image.name);
	SAME_TEXT(image.sha256);
	SAME_TEXT(image.kind);
	SAME(image.size);
	SAME(bytes);
	SAME(attempt);
	SAME(attempts);
	SAME_TEXT(token);
	SAME(verdict_ok);
	SAME(whole);
	SAME(told_at);
	SAME(told_from.s_addr);
	SAME(is_excused);
	SAME(begun);
	if (a->begun != 0)
		SAME(begun_s);
	SAME(must_return);
	SAME_TEXT(upgrade_token);
	SAME_TEXT(upgrade_sha256);
	SAME_TEXT(upgrade_from);
	SAME_TEXT(upgraded_to);
	SAME_TEXT(next_upgrade);
	SAME_TEXT(next_minimal);
	SAME_TEXT(approved);
	SAME(ordered);
	SAME(by_order);
	SAME(again);
	SAME(damaged);
	SAME(no_verdict);
	SAME(retry);
	SAME(unsure);
	SAME(must_finish);
	SAME(is_vouched);
	SAME(kept.reason);
	SAME(kept.attempt);
	SAME(kept.bytes);
	SAME_TEXT(kept.detail);
	SAME_TEXT(cancelled);
	SAME(expect);
	SAME_TEXT(approved_policy);
	SAME(tried_count);
	for (unsigned i = 0; i < a->tried_count; i++)
		SAME_TEXT(tried[i]);
	if (a->order_image == NULL || b->order_image == NULL)
		assert_ptr_equal(a->order_image, b->order_image);
	else
		SAME_TEXT(order_image);
}

static void
assert_round_trip(const struct device *device)
{
	struct device *back = device_new(device->id, &fixture_ops, NULL);
	json_t *root = record_make(device, &clock_then), *again;

	assert_true(apply(root, back));
	assert_same(device, back);
	again = record_make(back, &clock_then);
	assert_true(json_equal(root, again));
	json_decref(again);
	json_decref(root);
	device_free(back);
}

static void
what_was_written_is_read_back(void **unused)
{
	struct device *device = full_device();
	struct device *fresh = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	assert_round_trip(device);
	assert_round_trip(fresh);
	device->has_address = device->whole = device->verdict_ok = false;
	device->address.s_addr = 0;
	device->token[0] = '\0';
	device->told_at = 0;
	device->told_from.s_addr = 0;
	device->bytes = 0;
	device_restore(device, STATE_HELD, WALL - 60);
	device->hold = HOLD_BACKOFF;
	device->hold_until_ms = NOW + 60000;
	device_order_image(device, NULL);
	assert_round_trip(device);
	for (enum devapi_form form = DEVAPI_WITH_ID; form <= DEVAPI_OLD;
	    form++) {
		device->form = form;
		device->said.is_old = form == DEVAPI_OLD;
		assert_round_trip(device);
	}
	device_free(fresh);
	device_free(device);
}

static void
every_state_hold_and_reason_comes_back(void **unused)
{
	struct device *device = full_device();

	(void)unused;
	for (enum reason r = REASON_NONE; r < REASON_COUNT; r++) {
		device->reason = r;
		assert_round_trip(device);
	}
	device_restore(device, STATE_HELD, WALL);
	for (enum hold h = HOLD_NONE; h < HOLD_COUNT; h++) {
		device->hold = h;
		assert_round_trip(device);
	}
	device_free(device);
}

static void
a_step_before_the_offer_is_begun_anew(void **unused)
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

	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++) {
		json_t *root = full_record();
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);

		json_object_set_new(
		    root, "state", json_string(state_name(state)));
		assert_true(apply(root, device));
		assert_int_equal(device->state, after[state]);
		/* It was told nothing then: that was no attempt. */
		assert_int_equal(
		    device->attempt, state_is_before_offer(state) ? 1 : 2);
		assert_int_equal(device->since, WALL - 9);
		device_free(device);
		json_decref(root);
	}
}

/* It was no failure, and its image has not been tried to an end. */
static void
what_earlier_versions_called_a_cancelled_failure_is_held(void **unused)
{
	struct device *device = full_device();
	json_t *root = full_record();

	(void)unused;
	json_object_set_new(root, "state", json_string("failed"));
	json_object_set_new(root, "hold", json_null());
	json_object_set_new(root, "reason", json_string("cancelled"));
	json_object_del(root, "cancelled");
	assert_true(apply(root, device));
	assert_int_equal(device->state, STATE_FAILED); /* it was retried */
	json_object_set_new(root, "retry", json_false());
	json_object_set_new(root, "ordered", json_false());
	assert_true(apply(root, device));
	assert_int_equal(device->state, STATE_HELD);
	assert_int_equal(device->hold, HOLD_CANCELLED);
	assert_int_equal(device->since, WALL - 9);
	assert_string_equal(device->cancelled, "a person");
	assert_false(device_has_tried(device, SHA_A));
	assert_true(device_has_tried(device, SHA_B));
	assert_round_trip(device);
	json_decref(root);
	device_free(device);
}

/* ---- what is no record ------------------------------------------------- */

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
	{ NULL, "ordered", FLAG, false },
	{ NULL, "by_order", FLAG, false },
	{ NULL, "vouched", FLAG, false },
	{ NULL, "excused", FLAG, false },
	{ NULL, "again", FLAG, false },
	{ NULL, "order_image", TEXT, true },
	{ "image", "name", TEXT, true },
	{ "image", "sha256", TEXT, false },
	{ "image", "size", NUMBER, false },
	{ "image", "kind", TEXT, true },
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
		"next_upgrade", "next_minimal", "vouched", "from", "excused" };

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
	struct device *device = full_device(), before = *device;

	if (value == NULL)
		assert_int_equal(json_object_del(place, fields[field].key), 0);
	else
		json_object_set_new(place, fields[field].key, value);
	if (apply(root, device))
		fail_msg("%s was taken", fields[field].key);
	assert_memory_equal(device, &before, sizeof(before));
	device_free(device);
	json_decref(root);
}

/* A sentence or a name whose last character was cut, or that never was one. */
static void
what_is_no_utf_8_is_written_all_the_same(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = full_device();
		json_t *root, *report;

		strcpy(device->detail, cases[i].text);
		strcpy(device->policy, cases[i].text);
		strcpy(device->upgrade_from, cases[i].text);
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
		device_free(device);
	}
}

static void
the_table_has_every_field(void **unused)
{
	json_t *root = full_record();
	size_t count = json_object_size(root) +
	    json_object_size(json_object_get(root, "image")) +
	    json_object_size(json_object_get(root, "told")) +
	    json_object_size(json_object_get(root, "clock")) +
	    json_object_size(json_object_get(root, "kept"));

	(void)unused;
	assert_int_equal(count, COUNT(fields));
	for (size_t i = 0; i < COUNT(fields); i++)
		assert_non_null(
		    json_object_get(place_of(root, i), fields[i].key));
	json_decref(root);
}

static void
a_field_that_is_missing_or_of_another_type_is_refused(void **unused)
{
	(void)unused;
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

static void
a_list_of_tried_images_is_one_of_different_hashes(void **unused)
{
	const char *const cases[] = { "[\"" SHA_A "\", \"" SHA_A "\"]",
		"[\"abc\"]", "[\"\"]", "[null]", "[1]", "[[]]",
		"[\"" SHA_A "0\"]" };
	json_t *many = json_array();
	size_t field = 0;

	(void)unused;
	while (strcmp(fields[field].key, "tried") != 0)
		field++;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(field, json_loads(cases[i], 0, NULL));
	for (unsigned i = 0; i <= DEVICE_MAX_TRIED; i++)
		json_array_append_new(many, json_sprintf("%064u", i));
	assert_refused(field, many);
}

/* As the first version wrote it, and as any in between may have. */
static void
what_an_earlier_version_did_not_write_is_nothing(void **unused)
{
	json_t *first = full_record();
	struct device *device = full_device();

	(void)unused;
	for (size_t i = 0; i < COUNT(fields); i++) {
		json_t *between;

		if (!is_later(i))
			continue;
		between = full_record();
		json_object_del(first, fields[i].key);
		json_object_del(between, fields[i].key);
		assert_true(apply(between, device));
		json_decref(between);
	}
	assert_true(apply(first, device));
	assert_string_equal(device->variant, "");
	assert_false(device->must_return || device->by_order);
	assert_true(device->is_vouched); /* how it failed counts as it did */
	assert_int_equal(device->tried_count, 0);
	assert_false(device->damaged || device->no_verdict);
	assert_false(device->retry || device->unsure || device->must_finish);
	assert_string_equal(device->cancelled, "");
	assert_int_equal(device->expect, DEVICE_EXPECT_UNSET);
	assert_string_equal(device->approved_policy, "");
	assert_string_equal(device->upgrade_token, "");
	assert_string_equal(device->upgrade_sha256, "");
	assert_string_equal(device->upgrade_from, "");
	assert_string_equal(device->upgraded_to, "");
	assert_string_equal(device->token, TOKEN);
	json_object_set_new(first, "format", json_integer(2));
	assert_false(apply(first, device));
	json_decref(first);
	device_free(device);
}

static void
a_number_out_of_its_range_is_refused(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (fields[i].kind != NUMBER)
			continue;
		assert_refused(i, json_integer(-1));
		assert_refused(i, json_integer(INT64_MIN));
		assert_refused(i, json_integer(INT64_MAX));
	}
}

static void
a_text_that_is_too_long_or_has_a_nul_is_refused(void **unused)
{
	char big[5000];

	(void)unused;
	memset(big, 'a', sizeof(big));
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (fields[i].kind != TEXT)
			continue;
		assert_refused(i, json_stringn(big, sizeof(big)));
		assert_refused(i, json_stringn("a\0b", 3));
	}
}

static void
a_text_that_means_nothing_is_refused(void **unused)
{
	static const struct {
		const char *key, *text;
	} cases[] = {
		{ "id", "1000a05bf7" },
		{ "address", "192.168.1" },
		{ "address", "::1" },
		{ "state", "at rest" },
		{ "hold", "forever" },
		{ "reason", "no reason" },
		{ "sha256", "no hash" },
		{ "sha256", SHA_A "a" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t f = 0; f < COUNT(fields); f++)
			if (strcmp(fields[f].key, cases[i].key) == 0)
				assert_refused(f, json_string(cases[i].text));
}

static void
another_format_is_refused(void **unused)
{
	json_t *root = full_record();
	struct device *device = full_device();
	struct error err = { 0 };

	(void)unused;
	json_object_set_new(root, "format", json_integer(2));
	assert_false(record_apply(root, device, &clock_then, &err));
	assert_string_equal(err.text, "it has format 2, not 1");
	json_decref(root);
	assert_false(apply(NULL, device));
	root = json_array();
	assert_false(apply(root, device));
	json_decref(root);
	device_free(device);
}

static void
what_it_was_told_to_fetch_from_is_an_address(void **unused)
{
	static const char *const none[] = { "", "192.168.1", "::1", "here" };
	json_t *root = full_record();
	json_t *told = json_object_get(root, "told");
	struct device *device = full_device();

	(void)unused;
	for (size_t i = 1; i < COUNT(none); i++) {
		json_object_set_new(told, "from", json_string(none[i]));
		assert_false(apply(root, device));
	}
	json_object_set_new(told, "from", json_string(none[0]));
	assert_true(apply(root, device));
	assert_int_equal(device->told_from.s_addr, 0);
	json_decref(root);
	device_free(device);
}

/* Both boots must be known to tell that they are not the same. */
static void
a_restart_of_this_machine_is_seen_by_its_boot(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct record_clock then = clock_then, now = clock_then;
		struct device *device = full_device();
		struct error err;
		json_t *root;

		then.boot = cases[i].written;
		now.boot = cases[i].now;
		root = record_make(device, &then);
		assert_true(record_apply(root, device, &now, &err));
		assert_int_equal(device->is_from_other_boot, cases[i].is_other);
		json_decref(root);
		device_free(device);
	}
}

static void
more_bytes_than_the_image_has_are_refused(void **unused)
{
	json_t *root = full_record();
	json_t *told = json_object_get(root, "told");
	struct device *device = full_device();

	(void)unused;
	json_object_set_new(told, "bytes", json_integer(500001));
	assert_false(apply(root, device));
	json_object_set_new(told, "bytes", json_integer(500000));
	assert_true(apply(root, device));
	json_decref(root);
	device_free(device);
}

/* ---- under way --------------------------------------------------------- */

static void
a_flash_under_way_without_what_it_was_told_is_refused(void **unused)
{
	static const char *const needed[] = { "told", "image", "address" };

	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++)
		for (size_t i = 0; i < COUNT(needed); i++) {
			json_t *root = full_record();
			struct device *device =
			    device_new(FIXTURE_ID, &fixture_ops, NULL);

			json_object_set_new(
			    root, "state", json_string(state_name(state)));
			json_object_set_new(root, needed[i], json_null());
			if (strcmp(needed[i], "image") == 0)
				json_object_set_new(root, "told", json_null());
			assert_int_equal(apply(root, device),
			    state != STATE_OFFERING &&
				state != STATE_DOWNLOADING &&
				state != STATE_REBOOTING);
			device_free(device);
			json_decref(root);
		}
}

static void
under_way_is_what_was_told_and_has_no_end(void **unused)
{
	struct device *device = full_device();

	(void)unused;
	for (enum state state = 0; state < STATE_COUNT; state++) {
		device_restore(device, state, WALL);
		assert_int_equal(record_is_under_way(device),
		    state == STATE_OFFERING || state == STATE_DOWNLOADING ||
			state == STATE_REBOOTING);
	}
	device_free(device);
}

/* ---- what is worth keeping --------------------------------------------- */

static void
only_what_would_be_missed_is_kept(void **unused)
{
	struct device *device = fixture_device(FIXTURE_ID);

	(void)unused;
	assert_false(record_is_needed(device));
	device->has_image = true;
	assert_true(record_is_needed(device));
	device->has_image = false;
	device->attempt = 1;
	assert_true(record_is_needed(device));
	device->attempt = 0;
	device->ordered = true;
	assert_true(record_is_needed(device));
	device->ordered = false;
	text_copy(device->approved, sizeof(device->approved), SHA_A);
	assert_true(record_is_needed(device));
	device->approved[0] = '\0';
	device_restore(device, STATE_HELD, WALL);
	assert_false(record_is_needed(device));
	/* cancelled before it had begun: it must not begin after a restart */
	text_copy(device->cancelled, sizeof(device->cancelled), "root");
	assert_true(record_is_needed(device));
	device->cancelled[0] = '\0';
	device_restore(device, STATE_FAILED, WALL);
	assert_true(record_is_needed(device));
	device_free(device);
}

/* ---- the two clocks ---------------------------------------------------- */

static void
a_backoff_goes_on_over_a_restart(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = fixture_device(FIXTURE_ID);
		struct device *back = fixture_device(FIXTURE_ID);
		const uint64_t now = 77777; /* of another boot */
		const struct record_clock then = { now, WALL + cases[i].away,
			"" };
		struct error err;
		json_t *root;

		fixture_end(device, "p", SHA_A, STATE_HELD, WALL);
		device->hold = HOLD_BACKOFF;
		device->hold_until_ms = NOW + (uint64_t)cases[i].left_ms;
		root = record_make(device, &clock_then);
		assert_true(record_apply(root, back, &then, &err));
		assert_int_equal(back->hold, HOLD_BACKOFF);
		assert_int_equal(back->hold_until_ms,
		    cases[i].then_ms > 0 ? now + (uint64_t)cases[i].then_ms
					 : 0);
		json_decref(root);
		device_free(back);
		device_free(device);
	}
}

static void
a_record_of_the_future_is_still_a_record(void **unused)
{
	struct device *device = full_device(), *back = full_device();
	json_t *root = record_make(device, &clock_then);
	const struct record_clock unset = { NOW, 0, "boot" };
	struct error err;

	(void)unused;
	assert_true(record_apply(root, back, &unset, &err));
	assert_int_equal(back->since, WALL - 9);
	assert_int_equal(back->told_at, WALL - 8);
	json_decref(root);
	device_free(back);
	device_free(device);
}

#define DAY  86400
#define YEAR (365 * DAY)

/* How long ago a soak began, say, is never told longer than it can be. */
static void
what_has_passed_is_known_or_at_least_possible(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device = full_device(), *back = full_device();
		const struct record_clock then = { NOW, cases[i].then,
			cases[i].boot[0] != '\0' ? "a" : "" };
		const struct record_clock now = { (uint64_t)cases[i].up_s *
			    1000,
			cases[i].wall, cases[i].boot };
		json_t *root = record_make(device, &then);
		struct error err;

		assert_true(record_apply(root, back, &now, &err));
		if (cases[i].up_s - back->since_s != cases[i].passed + 9 ||
		    cases[i].up_s - back->begun_s != cases[i].passed + 20)
			fail_msg("%s: since %ld s", cases[i].what,
			    (long)(cases[i].up_s - back->since_s));
		json_decref(root);
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

static void
each_number_has_its_limit(void **unused)
{
	static const struct {
		const char *in, *key;
		json_int_t most;
	} cases[] = {
		{ NULL, "port", 65535 },
		{ NULL, "since", INT64_C(253402300799) },
		{ NULL, "not_before", INT64_C(253402300799) },
		{ NULL, "begun", INT64_C(253402300799) },
		{ NULL, "attempt", 1000 },
		{ NULL, "attempts", 1000 },
		{ "told", "at", INT64_C(253402300799) },
		{ "image", "size", 4294967295 },
		{ NULL, "prefix", 31 },
	};

	(void)unused;
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

static void
a_path_has_up_to_1024_bytes(void **unused)
{
	char path[1026];

	(void)unused;
	for (size_t len = 1023; len <= 1025; len++) {
		json_t *root = full_record();

		memset(path, 'x', len);
		path[len] = '\0';
		json_object_set_new(root, "order_image", json_string(path));
		assert_int_equal(applies(root), len <= 1024);
	}
}

static void
an_image_is_an_object_or_null(void **unused)
{
	json_t *root = full_record();

	(void)unused;
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(what_has_passed_is_known_or_at_least_possible),
		cmocka_unit_test(every_state_hold_and_reason_comes_back),
		cmocka_unit_test(a_step_before_the_offer_is_begun_anew),
		cmocka_unit_test(
		    what_earlier_versions_called_a_cancelled_failure_is_held),
		cmocka_unit_test(what_is_no_utf_8_is_written_all_the_same),
		cmocka_unit_test(the_table_has_every_field),
		cmocka_unit_test(
		    a_field_that_is_missing_or_of_another_type_is_refused),
		cmocka_unit_test(
		    what_an_earlier_version_did_not_write_is_nothing),
		cmocka_unit_test(
		    a_list_of_tried_images_is_one_of_different_hashes),
		cmocka_unit_test(a_number_out_of_its_range_is_refused),
		cmocka_unit_test(
		    a_text_that_is_too_long_or_has_a_nul_is_refused),
		cmocka_unit_test(a_text_that_means_nothing_is_refused),
		cmocka_unit_test(another_format_is_refused),
		cmocka_unit_test(what_it_was_told_to_fetch_from_is_an_address),
		cmocka_unit_test(a_restart_of_this_machine_is_seen_by_its_boot),
		cmocka_unit_test(more_bytes_than_the_image_has_are_refused),
		cmocka_unit_test(
		    a_flash_under_way_without_what_it_was_told_is_refused),
		cmocka_unit_test(under_way_is_what_was_told_and_has_no_end),
		cmocka_unit_test(only_what_would_be_missed_is_kept),
		cmocka_unit_test(a_backoff_goes_on_over_a_restart),
		cmocka_unit_test(a_record_of_the_future_is_still_a_record),
		cmocka_unit_test(each_number_has_its_limit),
		cmocka_unit_test(a_path_has_up_to_1024_bytes),
		cmocka_unit_test(an_image_is_an_object_or_null),
	};

	fixture_steady = NOW / 1000;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
