/* SPDX-License-Identifier: ISC */
/* What Home Assistant shows of a device in each of its states. */
#include "config.h"

#include <stdio.h>

#include "core/state/reason.h"
#include "core/state/state.h"
#include "mqtt/message/shown.h"

#include "unit/test.h"

#define SHA "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"
#define OLD "eWeLink 3.6.0"
#define NEW "Tasmota 9.5.0 lite (5c1aecd2)"

static json_t *
device_of(const char *state, const char *reason, bool has_image)
{
	json_t *device = json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s, s:n}", "id",
	    "1000a05bf7", "firmware", "3.6.0", "state", state, "reason", reason,
	    "detail", "what happened", "advice", "what to do", "progress");

	json_object_set_new(device, "image",
	    has_image ? json_pack("{s:s, s:s, s:i, s:s, s:s}", "name",
			    "tasmota-lite.bin", "sha256", SHA, "size", 504848,
			    "kind", "tasmota", "label", "Tasmota 9.5.0 lite")
		      : json_null());
	return device;
}

TEST(each_state_has_two_versions_and_a_button_only_where_it_works)
{
	static const struct {
		const char *state, *reason;
		bool has_image;
		const char *installed, *latest;
		bool is_in_progress;
		enum shown_install install;
	} rows[] = {
		{ "seen", NULL, false, OLD, OLD, false, SHOWN_NO_INSTALL },
		{ "ignored", NULL, false, OLD, OLD, false, SHOWN_NO_INSTALL },
		{ "refused", "image-too-large", true, OLD, OLD, false,
		    SHOWN_NO_INSTALL },
		{ "held", "approval", true, OLD, NEW, false, SHOWN_APPROVE },
		{ "held", "approval", false, OLD, OLD, false,
		    SHOWN_NO_INSTALL },
		{ "held", "window", true, OLD, NEW, false, SHOWN_NO_INSTALL },
		{ "held", "paused", true, OLD, NEW, false, SHOWN_NO_INSTALL },
		{ "held", "slot", true, OLD, NEW, false, SHOWN_NO_INSTALL },
		{ "held", "cancelled", true, OLD, NEW, false, SHOWN_RETRY },
		{ "probing", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "unlocking", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "confirming", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "offering", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "downloading", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "rebooting", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "verifying", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "finishing", NULL, true, OLD, NEW, true, SHOWN_NO_INSTALL },
		{ "flashed", NULL, true, NEW, NEW, false, SHOWN_NO_INSTALL },
		{ "verified", NULL, true, NEW, NEW, false, SHOWN_NO_INSTALL },
		{ "failed", "never-fetched", true, OLD, NEW, false,
		    SHOWN_RETRY },
		{ "failed", "digest-error", true, OLD, NEW, false,
		    SHOWN_RETRY },
		{ "failed", "came-back-stock", true, OLD, NEW, false,
		    SHOWN_RETRY },
		{ "failed", "not-seen-again", true, "unknown firmware", NEW,
		    false, SHOWN_RETRY },
		{ "failed", "wrong-firmware", true, "unknown firmware", NEW,
		    false, SHOWN_RETRY },
		{ "failed", "record-lost", false, "unknown firmware",
		    "New firmware ()", false, SHOWN_NO_INSTALL },
		{ "failed", "finish-failed", true, NEW, NEW, false,
		    SHOWN_RETRY },
		{ "a later state", NULL, true, OLD, OLD, false,
		    SHOWN_NO_INSTALL },
	};
	struct shown shown;

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *device =
		    device_of(rows[i].state, rows[i].reason, rows[i].has_image);

		shown_look(device, &shown);
		if (strcmp(shown.installed, rows[i].installed) != 0 ||
		    strcmp(shown.latest, rows[i].latest) != 0 ||
		    shown.is_in_progress != rows[i].is_in_progress ||
		    shown.install != rows[i].install)
			fail_msg("%s (%s): %s -> %s, %d, %d", rows[i].state,
			    rows[i].reason, shown.installed, shown.latest,
			    shown.is_in_progress, shown.install);
		json_decref(device);
	}
}

/* Every version begins with a word, or Home Assistant would compare numbers. */
TEST(no_version_is_a_bare_number)
{
	static const char *const labels[] = { "Tasmota 9.5.0 lite", "ESPHome",
		"unknown firmware" };
	struct shown shown;

	for (enum state s = 0; s < STATE_COUNT; s++)
		for (size_t i = 0; i < COUNT(labels); i++) {
			json_t *device =
			    device_of(state_name(s), "approval", true);

			json_object_set_new(json_object_get(device, "image"),
			    "label", json_string(labels[i]));
			json_object_set_new(
			    device, "firmware", json_string("15.1.0"));
			shown_look(device, &shown);
			assert_null(strchr("0123456789", shown.installed[0]));
			assert_null(strchr("0123456789", shown.latest[0]));
			json_decref(device);
		}
}

TEST(the_message_has_the_eight_keys_and_no_null_but_the_percentage)
{
	static const char *const keys[] = { "installed_version",
		"latest_version", "title", "release_summary", "release_url",
		"entity_picture", "in_progress", "update_percentage" };
	struct shown shown;

	for (enum state s = 0; s < STATE_COUNT; s++) {
		json_t *device = device_of(state_name(s), "no-answer", s % 2);
		json_t *update, *value;
		const char *key;

		shown_look(device, &shown);
		update = shown_update(&shown);
		assert_int_equal(json_object_size(update), COUNT(keys));
		for (size_t i = 0; i < COUNT(keys); i++)
			assert_non_null(json_object_get(update, keys[i]));
		json_object_foreach (update, key, value)
			if (strcmp(key, "update_percentage") != 0)
				assert_false(json_is_null(value));
		json_decref(update);
		json_decref(device);
	}
}

TEST(the_percentage_is_there_only_while_the_device_downloads)
{
	static const struct {
		const char *state, *progress;
		int want;
	} rows[] = {
		{ "downloading", "{\"percent\":40}", 40 },
		{ "downloading", "{\"percent\":100}", 100 },
		{ "downloading", "{\"percent\":101}", -1 },
		{ "downloading", "{\"percent\":-1}", -1 },
		{ "downloading", "{\"percent\":\"40\"}", -1 },
		{ "downloading", "null", -1 },
		{ "rebooting", "{\"percent\":100}", -1 },
		{ "held", "{\"percent\":40}", -1 },
	};
	struct shown shown;

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *device = device_of(rows[i].state, NULL, true);

		json_object_set_new(device, "progress",
		    json_loads(rows[i].progress, JSON_DECODE_ANY, NULL));
		shown_look(device, &shown);
		assert_int_equal(shown.percent, rows[i].want);
		json_decref(device);
	}
}

TEST(who_has_to_approve_reads_what_it_means)
{
	json_t *device = device_of("held", "approval", true);
	struct shown shown;

	shown_look(device, &shown);
	assert_contains(shown.summary, "tasmota-lite.bin (504848 bytes");
	assert_contains(shown.summary, "cannot be undone");
	assert_string_equal(shown.title, "Tasmota (instead of eWeLink)");
	json_decref(device);
	device = device_of("failed", "never-fetched", true);
	shown_look(device, &shown);
	assert_contains(shown.summary, reason_sentence(REASON_NEVER_FETCHED));
	assert_contains(shown.summary, "what happened. what to do");
	json_decref(device);
}

TEST(an_advice_that_would_be_cut_takes_the_place_of_the_detail)
{
	json_t *device = device_of("failed", "never-fetched", true);
	struct shown shown;
	char text[240];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	json_object_set_new(device, "detail", json_string(text));
	shown_look(device, &shown);
	assert_contains(shown.summary, reason_sentence(REASON_NEVER_FETCHED));
	assert_contains(shown.summary, ". what to do");
	assert_null(strstr(shown.summary, "xxx"));
	json_decref(device);
}

TEST(who_has_to_join_reads_where)
{
	json_t *device = device_of("flashed", NULL, true);
	struct shown shown;

	json_object_set_new(device, "attention", json_string("join"));
	json_object_set_new(
	    device, "access_point", json_string("tasmota-D00003-0003"));
	json_object_set_new(device, "page", json_string("http://192.168.4.1"));
	shown_look(device, &shown);
	assert_contains(shown.summary, "join its access point tasmota-D00003");
	assert_contains(shown.summary, "open http://192.168.4.1 and enter");
	json_decref(device);
}

TEST(a_long_summary_is_cut_between_two_characters)
{
	char text[1200];
	struct shown shown;

	for (size_t shift = 0; shift < 3; shift++) {
		json_t *device = device_of("seen", NULL, false), *summary;

		memset(text, 'x', shift);
		for (size_t i = 0; i < 500; i++)
			memcpy(text + shift + 2 * i, "\xc3\xa4", 2);
		text[shift + 1000] = '\0';
		json_object_set_new(device, "advice", json_string(text));
		shown_look(device, &shown);
		assert_in_range(strlen(shown.summary), 250, 255);
		assert_contains(shown.summary, "...");
		json_decref(shown_update(&shown)); /* it is UTF-8 */
		summary = json_string(shown.summary);
		assert_non_null(summary);
		json_decref(summary);
		json_decref(device);
	}
}

TEST(a_device_of_another_program_crashes_nothing)
{
	static const char *const texts[] = { "{}", "{\"state\":1,\"image\":7}",
		"{\"state\":\"held\",\"reason\":\"approval\",\"image\":{}}",
		"{\"state\":\"failed\",\"image\":{\"sha256\":null}}",
		"{\"state\":\"downloading\",\"progress\":[]}" };
	struct shown shown;

	for (size_t i = 0; i < COUNT(texts); i++) {
		json_t *device = json_loads(texts[i], 0, NULL), *update;

		shown_look(device, &shown);
		assert_int_equal(shown.install, SHOWN_NO_INSTALL);
		update = shown_update(&shown);
		assert_int_equal(json_object_size(update), 8);
		json_decref(update);
		json_decref(device);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
