/* SPDX-License-Identifier: ISC */
/* The verbs that print lists: devices, plan, history. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/table.h"
#include "reflashctl/verb.h"

#define MAX_DETAILS 3 /* of devices with the same reason */

struct listing {
	enum ctl_id id;
	const char *key; /* of the JSON */
	enum json_out shape;
	void (*print)(const json_t *);
	void (*print_more)(const json_t *reply); /* or NULL */
};

/* Ask for it, of one device or (NULL) of all, and print it. */
static int
list(struct ctl *ctl, const struct listing *what, const char *device)
{
	struct answer answer;
	struct error err;
	int rc = CTL_EXIT_DONE;

	if (device != NULL)
		rc = request_device(ctl, what->id, device, NULL, &answer);
	else if (!request_send(ctl, what->id, NULL, &answer, &err))
		rc = request_fail(ctl, &err, &answer);
	if (rc == CTL_EXIT_DONE && ctl->json)
		json_out_print(
		    what->key, json_out_list(what->shape, answer.items));
	else if (rc == CTL_EXIT_DONE)
		what->print(answer.items);
	if (rc == CTL_EXIT_DONE && !ctl->json && what->print_more != NULL)
		what->print_more(answer.reply);
	answer_fini(&answer);
	return rc;
}

static void
print_devices(const json_t *devices)
{
	static const struct table_column columns[] = {
		{ "ID", TABLE_WHOLE, 9 },
		{ "ADDRESS", TABLE_WHOLE, 3 },
		{ "FIRMWARE", TABLE_WHOLE, 1 },
		{ "STATE", TABLE_WHOLE, 8 },
		{ "POLICY", TABLE_NAME, 2 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);
	const json_t *device;
	char state[96];
	size_t i;

	json_array_foreach (devices, i, device) {
		enum term_color color = device_color(device);

		table_add(table, device_text(device, "id"), COLOR_NONE);
		table_add(table, device_text(device, "address"), COLOR_NONE);
		table_add(table, device_text(device, "firmware"), COLOR_NONE);
		table_add(
		    table, device_state(device, state, sizeof(state)), color);
		table_add(table, device_text(device, "policy"), COLOR_NONE);
	}
	if (json_array_size(devices) > 0)
		table_print(table, stdout, term_columns());
	else
		puts("no device has been seen yet");
	table_free(table);
}

int
verb_devices(struct ctl *ctl, int argc, char **argv)
{
	static const struct listing what = { CTL_DEVICES, "devices",
		JSON_OUT_DEVICE, print_devices, NULL };

	return list(ctl, &what, argc > 0 ? argv[0] : NULL);
}

/* What all entries with this reason have in common, or NULL. */
static const char *
common_detail(const json_t *plan, const char *reason)
{
	const char *detail = NULL;
	const json_t *entry;
	size_t i;

	json_array_foreach (plan, i, entry) {
		const char *one = device_text(entry, "reason");

		if (one == NULL || strcmp(one, reason) != 0)
			continue;
		one = device_text(entry, "detail");
		if (one == NULL || (detail != NULL && strcmp(one, detail) != 0))
			return NULL;
		detail = one;
	}
	return detail;
}

/* The facts of each device, where they differ; of a few. */
static void
print_details(const json_t *plan, const char *reason)
{
	const json_t *entry;
	size_t i, n = 0;

	json_array_foreach (plan, i, entry) {
		const char *one = device_text(entry, "reason");
		const char *detail = device_text(entry, "detail");
		char *text, *clean;

		if (one == NULL || strcmp(one, reason) != 0 || detail == NULL ||
		    n++ >= MAX_DETAILS)
			continue;
		text = xasprintf("%s: %s", device_text(entry, "id"), detail);
		clean = term_text(text);
		term_wrap(stdout, clean, 4, field_columns());
		free(text);
		free(clean);
	}
	if (n > MAX_DETAILS)
		printf("    ... and %zu more\n", n - MAX_DETAILS);
}

static void
explain_reason(const json_t *plan, const char *reason, const char *advice)
{
	const char *meaning = device_reason_meaning(reason);
	const char *detail = common_detail(plan, reason);
	char *text = xasprintf("%s: %s%s%s%s", reason, meaning,
	    detail != NULL ? " (" : "", detail != NULL ? detail : "",
	    detail != NULL ? ")" : "");
	char *clean = term_text(text), *clean_advice = term_text(advice);

	putchar('\n');
	term_wrap(stdout, clean, 0, field_columns());
	if (detail == NULL)
		print_details(plan, reason);
	if (strcmp(clean_advice, meaning) != 0)
		term_wrap(stdout, clean_advice, 4, field_columns());
	free(text);
	free(clean);
	free(clean_advice);
}

/* Each reason that occurs is explained once, below the table. */
static void
explain_reasons(const json_t *plan)
{
	json_auto_t *seen = json_object();
	const json_t *entry;
	size_t i;

	json_array_foreach (plan, i, entry) {
		const char *reason = device_text(entry, "reason");

		if (reason == NULL || json_object_get(seen, reason) != NULL)
			continue;
		json_object_set_new(seen, reason, json_true());
		explain_reason(plan, reason, device_text(entry, "advice"));
	}
}

static enum term_color
action_color(const char *action)
{
	if (action == NULL)
		return COLOR_NONE;
	if (strcmp(action, "refuse") == 0)
		return COLOR_RED;
	if (strcmp(action, "hold") == 0 || strcmp(action, "ask") == 0)
		return COLOR_YELLOW;
	return strcmp(action, "flash") == 0 ? COLOR_CYAN : COLOR_NONE;
}

static void
print_plan(const json_t *plan)
{
	static const struct table_column columns[] = {
		{ "ID", TABLE_WHOLE, 9 },
		{ "ACTION", TABLE_WHOLE, 8 },
		{ "IMAGE", TABLE_NAME, 1 },
		{ "POLICY", TABLE_NAME, 2 },
		{ "WHY", TABLE_WHOLE, 7 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);
	const json_t *entry;
	size_t i;

	json_array_foreach (plan, i, entry) {
		const char *action = device_text(entry, "action");
		const char *why = device_text(entry, "reason");
		enum state state;

		/* How it is doing, or did, is what show tells. */
		if (why == NULL && action != NULL &&
		    !state_find(action, &state))
			why = device_text(entry, "detail");
		table_add(table, device_text(entry, "id"), COLOR_NONE);
		table_add(table, action, action_color(action));
		table_add(table, device_text(entry, "image"), COLOR_NONE);
		table_add(table, device_text(entry, "policy"), COLOR_NONE);
		table_add(table, why, COLOR_NONE);
	}
	if (json_array_size(plan) > 0)
		table_print(table, stdout, term_columns());
	else
		puts("no device has been seen yet: there is nothing to plan");
	table_free(table);
	explain_reasons(plan);
}

/* Of policies that decide about none of these devices. */
static void
print_notes(const json_t *reply)
{
	const json_t *notes = json_object_get(reply, "notes"), *note;
	size_t i;

	json_array_foreach (notes, i, note) {
		char *clean = term_text(json_string_value(note));

		putchar('\n');
		term_wrap(stdout, clean, 0, field_columns());
		free(clean);
	}
}

int
verb_plan(struct ctl *ctl, int argc, char **argv)
{
	static const struct listing what = { CTL_PLAN, "plan", JSON_OUT_PLAN,
		print_plan, print_notes };

	return list(ctl, &what, argc > 0 ? argv[0] : NULL);
}

static void
add_history(struct table *table, const json_t *entry)
{
	char text[96];

	table_add(table,
	    device_local_time(device_text(entry, "time"), text, sizeof(text)),
	    COLOR_NONE);
	table_add(table, device_text(entry, "device"), COLOR_NONE);
	table_add(table, device_state(entry, text, sizeof(text)),
	    device_color(entry));
	snprintf(text, sizeof(text), "%lld s",
	    (long long)device_number(entry, "seconds"));
	table_add(table, text, COLOR_NONE);
	table_add(table, device_text(entry, "image"), COLOR_NONE);
	/* Of what went well, show tells how to go on; a pipe gets all. */
	if (term_columns() > 0 && device_state_of(entry) == STATE_FLASHED)
		table_add(table, NULL, COLOR_NONE);
	else
		table_add(table, device_text(entry, "detail"), COLOR_NONE);
}

static void
print_history(const json_t *history)
{
	static const struct table_column columns[] = {
		{ "TIME", TABLE_WHOLE, 3 },
		{ "DEVICE", TABLE_WHOLE, 9 },
		{ "END", TABLE_WHOLE, 8 },
		{ "TOOK", TABLE_WHOLE, 1 },
		{ "IMAGE", TABLE_NAME, 2 },
		{ "DETAIL", TABLE_PROSE, 0 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table = table_new(columns);
	const json_t *entry;
	size_t i;

	json_array_foreach (history, i, entry)
		add_history(table, entry);
	if (json_array_size(history) > 0)
		table_print(table, stdout, term_columns());
	else
		puts("no flash has ended yet");
	table_free(table);
}

int
verb_history(struct ctl *ctl, int argc, char **argv)
{
	static const struct listing what = { CTL_HISTORY, "history",
		JSON_OUT_HISTORY, print_history, NULL };

	return list(ctl, &what, argc > 0 ? argv[0] : NULL);
}
