/* SPDX-License-Identifier: ISC */
/* The verb plan, and what all lists share. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/lists.h"

#define MAX_DETAILS 3  /* of devices with the same reason */
#define MAX_LABEL   20 /* columns of a label that is never shortened */

int
lists_ask(struct ctl *ctl, const struct listing *what, const char *device)
{
	struct answer answer;
	int rc = device != NULL
	    ? request_device(ctl, what->id, device, NULL, &answer)
	    : request_ask(ctl, what->id, NULL, &answer);

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

void
lists_table(struct table *table, const json_t *rows, const char *none)
{
	if (json_array_size(rows) > 0)
		table_print(table, stdout, term_columns());
	else
		puts(none);
	table_free(table);
}

bool
lists_has_text(const json_t *objects, const char *key)
{
	const json_t *object;
	size_t i;

	json_array_foreach (objects, i, object)
		if (device_text(object, key) != NULL)
			return true;
	return false;
}

enum table_kind
lists_label_kind(const json_t *objects)
{
	const json_t *object;
	size_t i;

	json_array_foreach (objects, i, object) {
		const char *label = device_text(object, "label");

		if (label != NULL && term_width(label) > MAX_LABEL)
			return TABLE_NAME;
	}
	return TABLE_WHOLE;
}

/* Return the detail that all entries with this reason share, or NULL. */
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

/* Return true if no entry with this reason has another advice. */
static bool
shares_advice(const json_t *plan, const char *reason, const char *advice)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (plan, i, entry) {
		const char *other = device_text(entry, "reason");

		if (other == NULL || strcmp(other, reason) != 0)
			continue;
		other = device_text(entry, "advice");
		if (other != NULL && strcmp(other, advice) != 0)
			return false;
	}
	return true;
}

/* Print the details of a few devices, which differ. */
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

/*
 * Print the advice for the first device with a reason.  It may name that
 * device, though there are others like it.
 */
static void
print_advice(const json_t *plan, const json_t *first, const char *reason)
{
	const char *advice = device_text(first, "advice");
	char *text, *clean;

	if (advice == NULL ||
	    strcmp(advice, device_reason_meaning(reason)) == 0)
		return;
	if (shares_advice(plan, reason, advice))
		text = xstrdup(advice);
	else
		text =
		    xasprintf("for %s: %s", device_text(first, "id"), advice);
	clean = term_text(text);
	term_wrap(stdout, clean, 4, field_columns());
	free(text);
	free(clean);
}

static void
explain_reason(const json_t *plan, const json_t *first, const char *reason)
{
	const char *meaning = device_reason_meaning(reason);
	bool is_approval = hold_find(reason) == HOLD_APPROVAL;
	const char *detail = is_approval
	    ? "reflashctl approve, with their ids or --all"
	    : common_detail(plan, reason);
	char *text = xasprintf("%s: %s%s%s%s", reason, meaning,
	    detail != NULL ? " (" : "", detail != NULL ? detail : "",
	    detail != NULL ? ")" : "");
	char *clean = term_text(text);

	putchar('\n');
	term_wrap(stdout, clean, 0, field_columns());
	if (detail == NULL)
		print_details(plan, reason);
	print_advice(plan, first, reason);
	free(text);
	free(clean);
}

void
lists_explain(const json_t *plan)
{
	json_auto_t *seen = json_object();
	const json_t *entry;
	size_t i;

	json_array_foreach (plan, i, entry) {
		const char *reason = device_text(entry, "reason");

		if (reason == NULL || json_object_get(seen, reason) != NULL)
			continue;
		json_object_set_new(seen, reason, json_true());
		explain_reason(plan, entry, reason);
	}
}

/* Print what each policy makes of a device that was asked for. */
static void
print_fits(const json_t *plan)
{
	const json_t *policies =
	    json_object_get(json_array_get(plan, 0), "policies");
	const json_t *policy;
	size_t i;

	json_array_foreach (policies, i, policy) {
		const char *name = device_text(policy, "policy");
		const char *detail = device_text(policy, "detail");
		char *text = xasprintf("policy %s: %s",
		    name != NULL ? name : "-", detail != NULL ? detail : "-");
		char *clean = term_text(text);

		if (i == 0)
			putchar('\n');
		term_wrap(stdout, clean, 0, field_columns());
		free(clean);
		free(text);
	}
	if (json_is_array(policies) && json_array_size(policies) == 0)
		puts("\nthere is no policy");
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

/* Return the place of an action where no device needs a person. */
static int
place_of_action(const json_t *entry)
{
	static const char *const order[] = { "flash", "verify", "hold", "ask" };
	static const char *const last[] = { "refuse", "observe", "ignore" };
	const char *action = device_text(entry, "action");

	for (int i = 0; action != NULL && i < 4; i++)
		if (strcmp(action, order[i]) == 0)
			return i;
	for (int i = 0; action != NULL && i < 3; i++)
		if (strcmp(action, last[i]) == 0)
			return 5 + i;
	return action != NULL && strcmp(action, "verified") == 0 ? 9 : 4;
}

/* Compare entries of the plan as devices are: who needs a person comes first.
 */
static int
by_need(const json_t *one, const json_t *other)
{
	enum attention a = device_attention(one);
	enum attention b = device_attention(other);

	if (a != b && a != ATTENTION_NONE && b != ATTENTION_NONE)
		return (int)a - (int)b;
	if (a != b)
		return a == ATTENTION_NONE ? 1 : -1;
	return place_of_action(one) - place_of_action(other);
}

static void
add_plan(struct table *table, const json_t *entry, bool has_labels)
{
	const char *action = device_text(entry, "action");
	const char *why = device_text(entry, "reason");
	enum state state;

	/* The progress of a job is for show. */
	if (why == NULL && action != NULL && !state_find(action, &state))
		why = device_text(entry, "detail");
	table_add(table, device_text(entry, "id"), COLOR_NONE);
	if (has_labels)
		table_add(table, device_text(entry, "label"), COLOR_NONE);
	table_add(table, action, action_color(action));
	table_add(table, device_text(entry, "image"), COLOR_NONE);
	table_add(table, device_text(entry, "policy"), COLOR_NONE);
	table_add(table, why, COLOR_NONE);
}

static void
print_plan(const json_t *entries)
{
	json_auto_t *plan = device_sort(entries, by_need);
	bool has_labels = lists_has_text(entries, "label");
	struct table_column columns[] = {
		{ "ID", TABLE_WHOLE, 9 },
		{ "LABEL", lists_label_kind(entries), 6 },
		{ "ACTION", TABLE_WHOLE, 8 },
		{ "IMAGE", TABLE_NAME, 1 },
		{ "POLICY", TABLE_NAME, 2 },
		{ "WHY", TABLE_WHOLE, 7 },
		{ NULL, TABLE_NAME, 0 },
	};
	struct table *table;
	const json_t *entry;
	size_t i;

	if (!has_labels)
		memmove(&columns[1], &columns[2],
		    sizeof(columns) - 2 * sizeof(columns[0]));
	table = table_new(columns);
	json_array_foreach (plan, i, entry)
		add_plan(table, entry, has_labels);
	lists_table(table, plan,
	    "no device has been seen yet: there is nothing to plan");
	lists_explain(plan);
	print_fits(plan);
}

/* Print the notes about policies without a device. */
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

	return lists_ask(ctl, &what, argc > 0 ? argv[0] : NULL);
}
