/* SPDX-License-Identifier: ISC */
/* The verb history: how past flashes ended, of all devices or some of them. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/state/reason.h"
#include "reflashctl/duration.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/lists.h"

#define PIPE_COLUMNS 120 /* where no terminal says how wide lines may be */

/* Which entries are meant. */
struct choice {
	uint64_t last;	/* so many, the latest; 0: all */
	time_t since;	/* not before; -1: from the first on */
	bool is_failed; /* attempts that failed */
};

static bool
read_choice(const struct ctl *ctl, struct choice *choice)
{
	*choice = (struct choice){ .since = -1, .is_failed = ctl->failed };
	if (ctl->last != NULL &&
	    !text_number(ctl->last, 1, UINT32_MAX, &choice->last)) {
		complain(
		    "--last %s: not a number of flashes, as in 10", ctl->last);
		return false;
	}
	if (ctl->since != NULL &&
	    !duration_since(ctl->since, time(NULL), &choice->since)) {
		complain("--since %s: neither a time that has passed, as in 2d "
			 "or 90min, nor a date, as in 2026-01-31 or "
			 "\"2026-01-31 13:05\"",
		    ctl->since);
		return false;
	}
	return true;
}

/* Return true if the entry is about a failed attempt; others may follow it. */
static bool
has_failed(const json_t *entry)
{
	const char *reason = device_text(entry, "reason");
	enum state state = device_state_of(entry);

	return state == STATE_FAILED ||
	    (state == STATE_HELD && reason != NULL &&
		reason_find(reason) != REASON_CANCELLED);
}

static bool
is_chosen(const struct choice *choice, const json_t *entry)
{
	if (choice->is_failed && !has_failed(entry))
		return false;
	return choice->since == (time_t)-1 ||
	    device_time(device_text(entry, "time")) >= choice->since;
}

/* Return the entries that are chosen; a new array. */
static json_t *
choose(const struct choice *choice, const json_t *history)
{
	json_t *chosen = json_array(), *entry;
	size_t i;

	json_array_foreach (history, i, entry)
		if (is_chosen(choice, entry))
			json_array_append(chosen, entry);
	while (choice->last > 0 && json_array_size(chosen) > choice->last)
		json_array_remove(chosen, 0);
	return chosen;
}

struct place {
	json_t *entry; /* borrowed */
	size_t number; /* of entries before it */
};

static int
by_time(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	const char *t = device_text(one->entry, "time");
	const char *u = device_text(other->entry, "time");
	int difference = strcmp(t != NULL ? t : "", u != NULL ? u : "");

	if (difference != 0)
		return difference;
	return one->number < other->number ? -1 : 1;
}

/* Bring the entries of several devices into one order; a new array. */
static json_t *
sort_entries(const json_t *entries)
{
	size_t count = json_array_size(entries), i;
	struct place *places = xcalloc(count + 1, sizeof(*places));
	json_t *sorted = json_array(), *entry;

	json_array_foreach (entries, i, entry)
		places[i] = (struct place){ entry, i };
	qsort(places, count, sizeof(*places), by_time);
	for (i = 0; i < count; i++)
		json_array_append(sorted, places[i].entry);
	free(places);
	return sorted;
}

/* Ask for the history of these devices, or without any of all. */
static int
ask_history(struct ctl *ctl, int argc, char **argv, json_t **history)
{
	json_auto_t *entries = json_array(), *seen = json_object();
	struct answer answer;
	int rc = CTL_EXIT_DONE;

	for (int i = 0; i < argc && rc == CTL_EXIT_DONE; i++) {
		rc = request_device(ctl, CTL_HISTORY, argv[i], NULL, &answer);
		if (json_object_get(seen, answer.id) == NULL)
			json_array_extend(entries, answer.items);
		json_object_set_new(seen, answer.id, json_true());
		answer_fini(&answer);
	}
	if (argc > 0) {
		*history = sort_entries(entries);
		return rc;
	}
	rc = request_ask(ctl, CTL_HISTORY, NULL, &answer);
	*history = json_incref(answer.items);
	answer_fini(&answer);
	return rc;
}

/*
 * Return what happened.  On a terminal, what follows a success behind "; " is
 * left out: it says how to go on, for which show is.  Yours.
 */
static char *
shorten_detail(const json_t *entry)
{
	const char *detail = device_text(entry, "detail");
	char *text, *end;

	if (detail == NULL)
		return NULL;
	text = xstrdup(detail);
	end = strstr(text, "; ");
	if (end != NULL && term_columns() > 0 &&
	    state_is_success(device_state_of(entry)))
		*end = '\0';
	return text;
}

/* The columns that are there only where some entry has something for them. */
struct extras {
	bool label, who;
	enum table_kind label_kind;
};

static void
add_entry(struct table *table, const json_t *entry, const struct extras *extras)
{
	json_int_t seconds = device_number(entry, "seconds");
	char text[96], *detail = shorten_detail(entry);

	table_add(table,
	    device_local_time(device_text(entry, "time"), text, sizeof(text)),
	    COLOR_NONE);
	table_add(table, device_text(entry, "device"), COLOR_NONE);
	if (extras->label)
		table_add(table, device_text(entry, "label"), COLOR_NONE);
	table_add(table, device_state(entry, text, sizeof(text)),
	    device_color(entry));
	text_duration(text, sizeof(text), seconds > 0 ? (uint64_t)seconds : 0);
	table_add(table, text, COLOR_NONE);
	if (extras->who)
		table_add(table, device_text(entry, "who"), COLOR_NONE);
	table_add(table, device_text(entry, "image"), COLOR_NONE);
	table_add(table, detail, COLOR_NONE);
	free(detail);
}

/* Choose the columns; there is room for all of them, and for the end. */
static void
choose_columns(const struct extras *extras, struct table_column *columns)
{
	*columns++ = (struct table_column){ "TIME", TABLE_WHOLE, 3 };
	*columns++ = (struct table_column){ "DEVICE", TABLE_WHOLE, 9 };
	if (extras->label)
		*columns++ =
		    (struct table_column){ "LABEL", extras->label_kind, 4 };
	*columns++ = (struct table_column){ "END", TABLE_WHOLE, 8 };
	*columns++ = (struct table_column){ "TOOK", TABLE_WHOLE, 1 };
	if (extras->who)
		*columns++ = (struct table_column){ "WHO", TABLE_NAME, 1 };
	*columns++ = (struct table_column){ "IMAGE", TABLE_NAME, 2 };
	*columns++ = (struct table_column){ "DETAIL", TABLE_PROSE, 0 };
	*columns = (struct table_column){ NULL, TABLE_NAME, 0 };
}

static void
print_history(const json_t *history, const char *none)
{
	const struct extras extras = { lists_has_text(history, "label"),
		lists_has_text(history, "who"), lists_label_kind(history) };
	struct table_column columns[TABLE_COLUMNS + 1];
	const json_t *entry;
	struct table *table;
	size_t i;

	choose_columns(&extras, columns);
	table = table_new(columns);
	json_array_foreach (history, i, entry)
		add_entry(table, entry, &extras);
	if (json_array_size(history) == 0)
		puts(none);
	else
		table_print(table, stdout,
		    term_columns() > 0 ? term_columns() : PIPE_COLUMNS);
	table_free(table);
}

int
verb_history(struct ctl *ctl, int argc, char **argv)
{
	json_t *history = NULL;
	struct choice choice;
	int rc;

	if (!read_choice(ctl, &choice))
		return CTL_EXIT_USAGE;
	rc = ask_history(ctl, argc, argv, &history);
	if (rc == CTL_EXIT_DONE) {
		json_auto_t *chosen = choose(&choice, history);

		if (ctl->json)
			json_out_print(
			    "history", json_out_list(JSON_OUT_HISTORY, chosen));
		else
			print_history(chosen,
			    json_array_size(history) == 0
				? "no flash has ended yet"
				: "no flash has ended so");
	}
	json_decref(history);
	return rc;
}
