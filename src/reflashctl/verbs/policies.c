/* SPDX-License-Identifier: ISC */
/*
 * The verbs policies and policy: whom each policy fits, who waits for what, and
 * about how long the rest takes.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/link/policy_name.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/table.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/devices.h"

/* Parts of a line, with "; " in between. */
struct parts {
	FILE *out; /* owned, with the text */
	char *text;
	size_t size;
};

static void
parts_begin(struct parts *parts)
{
	*parts = (struct parts){ 0 };
	parts->out = open_memstream(&parts->text, &parts->size);
	if (parts->out == NULL)
		abort();
}

static void
parts_separate(struct parts *parts, const char *with)
{
	fflush(parts->out);
	if (parts->size > 0)
		fputs(with, parts->out);
}

/* Return the line; free() it. */
static char *
parts_end(struct parts *parts)
{
	fclose(parts->out);
	return parts->text;
}

/* Write "12 approval, 4 slot" of a list of holds or reasons. */
static void
write_counts(FILE *out, const json_t *list, const char *key)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one)
		fprintf(out, "%s%lld %s", i > 0 ? ", " : "",
		    (long long)device_number(one, "devices"),
		    device_text(one, key) != NULL ? device_text(one, key)
						  : "-");
}

/* Add "waiting: 12 approval, 4 slot" or the like; nothing for none. */
static void
add_counts(struct parts *parts, const json_t *policy, const char *label,
    const char *list, const char *key)
{
	const json_t *counts = json_object_get(policy, list);

	if (json_array_size(counts) == 0)
		return;
	parts_separate(parts, "; ");
	fprintf(parts->out, "%s: ", label);
	write_counts(parts->out, counts, key);
}

/* Return true if all devices that wait do so for an approval. */
static bool
waits_for_person(const json_t *policy)
{
	const json_t *list = json_object_get(policy, "waiting_for");
	const char *hold = device_text(json_array_get(list, 0), "hold");

	return json_array_size(list) == 1 && hold != NULL &&
	    hold_find(hold) == HOLD_APPROVAL &&
	    device_number(policy, "at_work") == 0;
}

/* Write "about 12 min, not before 01:00 on Tue 1 Dec". */
static void
write_estimate(FILE *out, const json_t *policy)
{
	const json_t *estimate = json_object_get(policy, "estimate");
	const char *begin = device_text(estimate, "not_before");
	char text[TEXT_TIME_SIZE];

	fprintf(out, "about %s",
	    text_seconds(text, sizeof(text),
		(uint64_t)device_number(estimate, "seconds")));
	if (device_text(policy, "stopped") != NULL)
		fputs(", once it goes on", out);
	else if (waits_for_person(policy))
		fputs(", once approved", out);
	if (begin != NULL && device_time(begin) != (time_t)-1)
		fprintf(out, ", not before %s",
		    text_clock(text, device_time(begin)));
}

static bool
has_estimate(const json_t *policy)
{
	return json_is_object(json_object_get(policy, "estimate"));
}

/* Return what is worth saying of a policy in one line; free() it. */
static char *
note_of(const json_t *policy)
{
	const char *stopped = device_text(policy, "stopped");
	const char *note = device_text(policy, "note");
	struct parts parts;

	parts_begin(&parts);
	if (stopped != NULL)
		fprintf(parts.out, "stopped: %s", stopped);
	if (note != NULL) {
		parts_separate(&parts, "; ");
		fputs(note, parts.out);
	}
	add_counts(&parts, policy, "waiting", "waiting_for", "hold");
	add_counts(&parts, policy, "refused", "refused_for", "reason");
	add_counts(&parts, policy, "failed", "failed_for", "reason");
	if (has_estimate(policy)) {
		parts_separate(&parts, "; ");
		write_estimate(parts.out, policy);
	}
	return parts_end(&parts);
}

static void
add_number(struct table *table, const json_t *policy, const char *key,
    enum term_color color)
{
	json_int_t n = device_number(policy, key);
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	table_add(table, text, n > 0 ? color : COLOR_NONE);
}

static void
add_policy(struct table *table, const json_t *policy)
{
	bool stopped = device_text(policy, "stopped") != NULL;
	char *note = note_of(policy);

	table_add(table, device_text(policy, "name"),
	    stopped ? COLOR_YELLOW : COLOR_NONE);
	table_add(table, device_text(policy, "action"), COLOR_NONE);
	add_number(table, policy, "devices", COLOR_NONE);
	add_number(table, policy, "done", COLOR_GREEN);
	add_number(table, policy, "at_work", COLOR_CYAN);
	add_number(table, policy, "waiting", COLOR_YELLOW);
	add_number(table, policy, "failed", COLOR_RED);
	table_add(table, note[0] != '\0' ? note : NULL,
	    stopped ? COLOR_YELLOW : COLOR_NONE);
	free(note);
}

static void
print_policies(const json_t *policies)
{
	static const struct table_column columns[] = {
		{ "POLICY", TABLE_NAME, 9 },
		{ "ACTION", TABLE_WHOLE, 4 },
		{ "DEVICES", TABLE_WHOLE, 5 },
		{ "DONE", TABLE_WHOLE, 6 },
		{ "AT WORK", TABLE_WHOLE, 7 },
		{ "WAITING", TABLE_WHOLE, 7 },
		{ "FAILED", TABLE_WHOLE, 8 },
		{ "NOTE", TABLE_PROSE, 0 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table;
	const json_t *policy;
	size_t i;

	if (json_array_size(policies) == 0) {
		puts("there is no policy: everything is observed, nothing is "
		     "flashed");
		return;
	}
	table = table_new(columns);
	json_array_foreach (policies, i, policy)
		add_policy(table, policy);
	table_print(table, stdout, term_columns());
	table_free(table);
}

int
verb_policies(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_POLICIES, NULL, &answer);

	(void)argc;
	(void)argv;
	if (rc == CTL_EXIT_DONE && ctl->json)
		json_out_print(
		    "policies", json_out_list(JSON_OUT_POLICY, answer.items));
	else if (rc == CTL_EXIT_DONE)
		print_policies(answer.items);
	answer_fini(&answer);
	return rc;
}

/* Print "60: 12 done, 4 at work, ..." without what is 0. */
static void
print_devices_field(const json_t *policy)
{
	static const struct {
		const char *key, *words;
	} counts[] = {
		{ "done", "done" },
		{ "joining", "of these not back on your network yet" },
		{ "at_work", "at work" },
		{ "waiting", "waiting" },
		{ "failed", "failed" },
		{ "refused", "refused" },
		{ "idle", "only observed or ignored" },
		{ "undecided",
		    "more that it may fit once their firmware is "
		    "known" },
		{ "behind",
		    "more that it fits, but an earlier policy "
		    "decides" },
	};
	json_int_t devices = device_number(policy, "devices");
	struct parts parts;
	char *text, *line;

	parts_begin(&parts);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		json_int_t n = device_number(policy, counts[i].key);

		if (n == 0)
			continue;
		parts_separate(&parts, ", ");
		fprintf(parts.out, "%lld %s", (long long)n, counts[i].words);
	}
	text = parts_end(&parts);
	line = xasprintf(
	    "%lld%s%s", (long long)devices, text[0] != '\0' ? ": " : "", text);
	field_print("devices", line, COLOR_NONE);
	free(line);
	free(text);
}

/* Print the holds or reasons of a policy, one in a line. */
static void
print_counts_field(const json_t *policy, const char *label, const char *list,
    const char *key, enum term_color color)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(policy, list), i, one) {
		const char *word = device_text(one, key);
		const char *meaning = device_text(one, "meaning");
		char *text = xasprintf("%lld %s: %s",
		    (long long)device_number(one, "devices"),
		    word != NULL ? word : "-", meaning != NULL ? meaning : "-");

		field_print(label, text, color);
		free(text);
	}
}

static void
print_time_field(const json_t *policy)
{
	const json_t *estimate = json_object_get(policy, "estimate");
	json_int_t devices = device_number(estimate, "devices");
	json_int_t left_out = device_number(estimate, "left_out");
	struct parts parts;
	char each[32], *text;

	if (!json_is_object(estimate))
		return;
	parts_begin(&parts);
	write_estimate(parts.out, policy);
	fprintf(parts.out, ": %lld device%s, %lld at a time, %s each (%s)",
	    (long long)devices, devices == 1 ? "" : "s",
	    (long long)device_number(estimate, "at_once"),
	    text_seconds(each, sizeof(each),
		(uint64_t)device_number(estimate, "seconds_each")),
	    json_is_true(json_object_get(estimate, "measured"))
		? "as long as the devices before took"
		: "assumed: none has been flashed yet");
	if (left_out > 0)
		fprintf(parts.out,
		    "; %lld more cannot be reached or %s cancelled",
		    (long long)left_out, left_out == 1 ? "is" : "are");
	text = parts_end(&parts);
	field_print("time", text, COLOR_NONE);
	free(text);
}

static void
print_faults(const json_t *policy)
{
	const json_t *fault;
	size_t i;

	json_array_foreach (json_object_get(policy, "faults"), i, fault) {
		field_print("fault", device_text(fault, "detail"), COLOR_RED);
		field_print(
		    "what to do", device_text(fault, "advice"), COLOR_NONE);
	}
}

static void
print_image_field(const json_t *policy)
{
	const json_t *image = json_object_get(policy, "image");
	char *text;

	if (!json_is_object(image))
		return;
	text = xasprintf("%s, %s, %lld bytes", device_text(image, "name"),
	    device_text(image, "label"),
	    (long long)device_number(image, "size"));
	field_print("image", text, COLOR_NONE);
	free(text);
}

static void
print_policy(const json_t *policy)
{
	char *name = term_text(device_text(policy, "name"));

	printf("%spolicy %s%s\n", term_color(COLOR_BOLD), name,
	    term_color(COLOR_NONE));
	free(name);
	field_print("stopped", device_text(policy, "stopped"), COLOR_YELLOW);
	print_faults(policy);
	print_devices_field(policy);
	print_counts_field(policy, "failed", "failed_for", "reason", COLOR_RED);
	print_counts_field(
	    policy, "refused", "refused_for", "reason", COLOR_RED);
	print_counts_field(
	    policy, "waiting", "waiting_for", "hold", COLOR_YELLOW);
	print_time_field(policy);
	field_print("note", device_text(policy, "note"), COLOR_YELLOW);
	field_print("action", device_text(policy, "action"), COLOR_NONE);
	print_image_field(policy);
	field_print("file", device_text(policy, "file"), COLOR_NONE);
}

/* Return the devices that show the name of the policy; a new array. */
static json_t *
devices_of(const json_t *devices, const char *policy)
{
	json_t *list = json_array(), *device;
	size_t i;

	json_array_foreach (devices, i, device) {
		const char *name = device_text(device, "policy");

		if (name != NULL && strcmp(name, policy) == 0)
			json_array_append(list, device);
	}
	return list;
}

/* Print the policy and its devices, which are taken. */
static void
show_policy(const struct ctl *ctl, json_t *policy, json_t *devices)
{
	if (ctl->json)
		json_out_print_object(
		    json_pack("{s:o, s:o}", "policy",
			json_out_object(JSON_OUT_POLICY, policy), "devices",
			json_out_list(JSON_OUT_DEVICE, devices)),
		    JSON_INDENT(2));
	else
		print_policy(policy);
	if (!ctl->json && json_array_size(devices) > 0) {
		putchar('\n');
		devices_print(devices, "");
	}
	json_decref(devices);
}

int
verb_policy(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer = { 0 }, devices = { 0 };
	char *name = NULL;
	int rc = policy_name_find(ctl, argv[0], &name);

	(void)argc;
	if (rc == CTL_EXIT_DONE)
		rc = request_ask(ctl, CTL_POLICIES,
		    json_pack("{s:s}", "policy", name), &answer);
	if (rc == CTL_EXIT_DONE)
		rc = request_ask(ctl, CTL_DEVICES, NULL, &devices);
	if (rc == CTL_EXIT_DONE)
		show_policy(ctl, json_array_get(answer.items, 0),
		    devices_of(devices.items, name));
	answer_fini(&answer);
	answer_fini(&devices);
	free(name);
	return rc;
}
