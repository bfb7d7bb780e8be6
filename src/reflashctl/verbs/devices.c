/* SPDX-License-Identifier: ISC */
/*
 * The verb devices: all known devices or some of them, those that need a person
 * first.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashctl/link/policy_name.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/devices.h"
#include "reflashctl/verbs/lists.h"
#include "reflashctl/word_match.h"

/* Which devices are meant. */
struct choice {
	bool states[STATE_COUNT]; /* if any_state */
	bool any_state, attention;
	const char *policy; /* borrowed; NULL: of all */
};

static bool
choose_state(struct choice *choice, const char *word)
{
	static const struct word_match kind = { "state", "states", NULL };
	const char *names[STATE_COUNT];
	size_t found;

	for (enum state s = 0; s < STATE_COUNT; s++)
		names[s] = state_name(s);
	if (!word_match_find(&kind, word, names, STATE_COUNT, &found))
		return false;
	choice->any_state = choice->states[found] = true;
	return true;
}

/* Choose the states of a list as in "held,failed". */
static bool
choose_states(struct choice *choice, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	bool ok = true;

	while (ok && (word = strsep(&rest, ",")) != NULL)
		ok = choose_state(choice, word);
	free(copy);
	return ok;
}

static bool
is_chosen(const struct choice *choice, const json_t *device)
{
	const char *policy = device_text(device, "policy");

	if (choice->any_state && !choice->states[device_state_of(device)])
		return false;
	if (choice->policy != NULL &&
	    (policy == NULL || strcmp(policy, choice->policy) != 0))
		return false;
	return !choice->attention || device_attention(device) != ATTENTION_NONE;
}

/* Return the devices that are chosen; a new array. */
static json_t *
choose(const struct choice *choice, const json_t *devices)
{
	json_t *chosen = json_array(), *device;
	size_t i;

	json_array_foreach (devices, i, device)
		if (is_chosen(choice, device))
			json_array_append(chosen, device);
	return chosen;
}

/* Return the facts of the wait, or NULL if the device does not wait. */
static const char *
wait_of(const json_t *device)
{
	return device_state_of(device) == STATE_HELD
	    ? device_text(device, "detail")
	    : NULL;
}

/* The columns, from left to right. */
enum {
	COLUMN_ID,
	COLUMN_LABEL,
	COLUMN_ADDRESS,
	COLUMN_TYPE,
	COLUMN_FIRMWARE,
	COLUMN_STATE,
	COLUMN_SIGNAL,
	COLUMN_NOTE,
	COLUMN_POLICY,
	COLUMN_DETAIL,
	COLUMN_COUNT,
};

/* Describe the cell of a device; NULL: there is nothing to say. */
static const char *
describe_cell(int column, const json_t *device, char *dst, size_t size)
{
	static const char *const keys[COLUMN_COUNT] = {
		[COLUMN_ID] = "id",
		[COLUMN_LABEL] = "label",
		[COLUMN_ADDRESS] = "address",
		[COLUMN_TYPE] = "type",
		[COLUMN_FIRMWARE] = "firmware",
		[COLUMN_NOTE] = "note",
		[COLUMN_POLICY] = "policy",
	};

	if (column == COLUMN_STATE)
		return device_state(device, dst, size);
	if (column == COLUMN_DETAIL)
		return wait_of(device);
	if (column == COLUMN_SIGNAL)
		return device_weak_signal(device, dst, size)[0] != '\0' ? dst
									: NULL;
	return device_text(device, keys[column]);
}

/*
 * Return true if the column is worth its place: a few say something of some
 * devices only.  On a terminal the details would fill it, and stand below the
 * table; a pipe gets them in the row of the device.
 */
static bool
is_wanted(int column, const json_t *devices)
{
	const json_t *device;
	char text[96];
	size_t i;

	if (column == COLUMN_DETAIL && term_columns() > 0)
		return false;
	if (column != COLUMN_LABEL && column != COLUMN_SIGNAL &&
	    column != COLUMN_DETAIL)
		return true;
	json_array_foreach (devices, i, device)
		if (describe_cell(column, device, text, sizeof(text)) != NULL)
			return true;
	return false;
}

static void
print_rows(const json_t *devices, const char *none)
{
	static const struct table_column all[COLUMN_COUNT] = {
		[COLUMN_ID] = { "ID", TABLE_WHOLE, 9 },
		[COLUMN_LABEL] = { "LABEL", TABLE_NAME, 6 },
		[COLUMN_ADDRESS] = { "ADDRESS", TABLE_WHOLE, 5 },
		[COLUMN_TYPE] = { "TYPE", TABLE_NAME, 4 },
		[COLUMN_FIRMWARE] = { "FIRMWARE", TABLE_WHOLE, 1 },
		/* The state itself, and most reasons; the note says the rest.
		 */
		[COLUMN_STATE] = { "STATE", TABLE_LONG, 8 },
		[COLUMN_SIGNAL] = { "SIGNAL", TABLE_WHOLE, 3 },
		[COLUMN_NOTE] = { "NOTE", TABLE_WHOLE, 7 },
		[COLUMN_POLICY] = { "POLICY", TABLE_NAME, 2 },
		[COLUMN_DETAIL] = { "DETAIL", TABLE_PROSE, 0 },
	};
	struct table_column columns[COLUMN_COUNT + 1] = { 0 };
	int which[COLUMN_COUNT], count = 0;
	struct table *table;
	const json_t *device;
	char text[96];
	size_t i;

	for (int c = 0; c < COLUMN_COUNT; c++)
		if (is_wanted(c, devices)) {
			columns[count] = all[c];
			if (c == COLUMN_LABEL)
				columns[count].kind = lists_label_kind(devices);
			which[count++] = c;
		}
	table = table_new(columns);
	json_array_foreach (devices, i, device)
		for (int n = 0; n < count; n++)
			table_add(table,
			    describe_cell(which[n], device, text, sizeof(text)),
			    which[n] == COLUMN_STATE ? device_color(device)
						     : COLOR_NONE);
	lists_table(table, devices, none);
}

/* Explain below the table what devices wait for, once for each reason. */
static void
explain_waits(const json_t *devices)
{
	json_auto_t *held = json_array();
	json_t *device;
	size_t i;

	if (term_columns() == 0)
		return;
	json_array_foreach (devices, i, device)
		if (wait_of(device) != NULL)
			json_array_append(held, device);
	lists_explain(held);
}

static void
print_sum(const json_t *devices)
{
	size_t flashable = 0, attention = 0, count = json_array_size(devices);
	const json_t *device;
	char *text;
	size_t i;

	if (term_columns() == 0 || count < 2)
		return;
	json_array_foreach (devices, i, device) {
		flashable += json_is_true(json_object_get(device, "flashable"));
		attention += device_attention(device) != ATTENTION_NONE;
	}
	text = xasprintf("%zu devices: %zu can be flashed, %zu need%s you%s",
	    count, flashable, attention, attention == 1 ? "s" : "",
	    attention > 0 ? "; see: reflashctl status" : "");
	putchar('\n');
	term_wrap(stdout, text, 0, term_columns());
	free(text);
}

/* Say how to go on where no policy fits any device yet. */
static void
tell_first_steps(const json_t *devices)
{
	bool is_flashable = false;
	const char *paired = NULL;
	const json_t *device;
	char *text;
	size_t i;

	json_array_foreach (devices, i, device) {
		if (device_text(device, "policy") != NULL)
			return;
		is_flashable |=
		    json_is_true(json_object_get(device, "flashable"));
		if (json_is_true(json_object_get(device, "encrypted")))
			paired = device_text(device, "id");
	}
	if (term_columns() == 0)
		return;
	if (is_flashable)
		term_say("No policy flashes any yet. Get an image with "
			 "reflashctl download, then a policy with reflashctl "
			 "propose.");
	if (paired != NULL) {
		text = xasprintf("To bring a device from eWeLink mode into DIY "
				 "mode: reflashctl show %s tells how.",
		    paired);
		term_say(text);
		free(text);
	}
}

/* Ask for the devices of these names, or without any for all. */
static int
ask_devices(struct ctl *ctl, int argc, char **argv, json_t *devices)
{
	json_auto_t *seen = json_object();
	struct answer answer;
	int rc = CTL_EXIT_DONE;

	for (int i = 0; i < argc && rc == CTL_EXIT_DONE; i++) {
		rc = request_device(ctl, CTL_SHOW, argv[i], NULL, &answer);
		if (rc == CTL_EXIT_DONE &&
		    json_object_get(seen, answer.id) == NULL)
			json_array_append(
			    devices, json_object_get(answer.reply, "device"));
		json_object_set_new(seen, answer.id, json_true());
		answer_fini(&answer);
	}
	if (argc > 0)
		return rc;
	rc = request_ask(ctl, CTL_DEVICES, NULL, &answer);
	json_array_extend(devices, answer.items);
	answer_fini(&answer);
	return rc;
}

void
devices_print(const json_t *devices, const char *none)
{
	json_auto_t *sorted = device_sort(devices, device_order);

	print_rows(sorted, none);
	explain_waits(sorted);
}

static void
print_devices(
    const struct ctl *ctl, const struct choice *choice, const json_t *all)
{
	json_auto_t *chosen = choose(choice, all);

	if (ctl->json) {
		json_out_print(
		    "devices", json_out_list(JSON_OUT_DEVICE, chosen));
		return;
	}
	devices_print(chosen,
	    json_array_size(all) == 0 ? "no device has been seen yet"
		: choice->attention && !choice->any_state
		? "no device needs you"
		: "no device is like that");
	print_sum(chosen);
	tell_first_steps(all);
}

int
verb_devices(struct ctl *ctl, int argc, char **argv)
{
	struct choice choice = { .attention = ctl->attention };
	json_auto_t *devices = json_array();
	char *policy = NULL;
	int rc = CTL_EXIT_DONE;

	if (ctl->state != NULL && !choose_states(&choice, ctl->state))
		return CTL_EXIT_USAGE;
	if (ctl->policy != NULL)
		rc = policy_name_find(ctl, ctl->policy, &policy);
	choice.policy = policy;
	if (rc == CTL_EXIT_DONE)
		rc = ask_devices(ctl, argc, argv, devices);
	if (rc == CTL_EXIT_DONE)
		print_devices(ctl, &choice, devices);
	free(policy);
	return rc;
}
