/* SPDX-License-Identifier: ISC */
/* Makes the list of what a person has to do, for status. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/attention.h"
#include "core/control/todo.h"
#include "core/device/device_json.h"
#include "core/device/device_note.h"

static const char *const tokens[TODO_WHATS] = {
#define X(symbol, token) [TODO_##symbol] = token,
	TODOS(X)
#undef X
};

/* Something to be done: for devices of the same kind, or without any. */
struct entry {
	enum todo_what what;
	enum reason reason;
	bool is_failed;	    /* of TODO_KEEP_ON: it does not go on by itself */
	const char *policy; /* borrowed; NULL: none */
	char *why;	    /* owned; NULL: none */
	const struct device **devices; /* owned; each borrowed */
	size_t count;
	size_t number; /* of entries before it, as they were added */
};

struct todo_list {
	struct entry *entries; /* owned */
	size_t count;
	const struct device **paused; /* owned; devices that a pause holds */
	size_t paused_count;
	bool has_no_policy;
};

struct todo_list *
todo_new(void)
{
	return xcalloc(1, sizeof(struct todo_list));
}

static struct entry *
add_entry(struct todo_list *list, enum todo_what what)
{
	list->entries =
	    xrealloc(list->entries, list->count + 1, sizeof(*list->entries));
	list->entries[list->count] =
	    (struct entry){ .what = what, .number = list->count };
	return &list->entries[list->count++];
}

static void
add_to_list(
    const struct device ***devices, size_t *count, const struct device *device)
{
	*devices = xrealloc(*devices, *count + 1, sizeof(**devices));
	(*devices)[(*count)++] = device;
}

static enum todo_what
what_of(enum attention attention)
{
	static const enum todo_what whats[ATTENTION_COUNT] = {
		[ATTENTION_NONE] = TODO_WHATS,
		[ATTENTION_KEEP_ON] = TODO_KEEP_ON,
		[ATTENTION_FAILED] = TODO_FAILED,
		[ATTENTION_STUCK] = TODO_STUCK,
		[ATTENTION_APPROVE] = TODO_APPROVE,
		[ATTENTION_JOIN] = TODO_JOIN,
		[ATTENTION_REFUSED] = TODO_REFUSED,
	};

	return whats[attention];
}

/* Find the entry of devices that need the same for the same reason. */
static struct entry *
entry_for(
    struct todo_list *list, enum todo_what what, const struct device *device)
{
	bool is_failed = device->state == STATE_FAILED;
	bool has_reason = what == TODO_FAILED || what == TODO_REFUSED ||
	    (what == TODO_KEEP_ON && is_failed);
	enum reason reason = has_reason ? device->reason : REASON_NONE;
	struct entry *entry;

	for (size_t i = 0; i < list->count; i++) {
		entry = &list->entries[i];
		if (entry->what == what && entry->reason == reason &&
		    entry->is_failed == is_failed)
			return entry;
	}
	entry = add_entry(list, what);
	entry->reason = reason;
	entry->is_failed = is_failed;
	return entry;
}

void
todo_add_no_policy(struct todo_list *list)
{
	list->has_no_policy = true;
}

/* Return true if the device could be flashed, and nothing says with what. */
static bool
lacks_policy(const struct todo_list *list, const struct device *device)
{
	return list->has_no_policy && device->state == STATE_SEEN &&
	    device_flashable(device) == DEVICE_FLASHABLE_YES;
}

void
todo_add_device(struct todo_list *list, const struct device *device)
{
	enum todo_what what = lacks_policy(list, device)
	    ? TODO_PROPOSE
	    : what_of(attention_of(device));
	struct entry *entry;

	if (device->state == STATE_HELD && device->hold == HOLD_PAUSED)
		add_to_list(&list->paused, &list->paused_count, device);
	if (what == TODO_WHATS)
		return;
	entry = entry_for(list, what, device);
	add_to_list(&entry->devices, &entry->count, device);
}

void
todo_add_problem(struct todo_list *list, const char *sentence)
{
	add_entry(list, TODO_PROBLEM)->why = xstrdup(sentence);
}

void
todo_add_pause(struct todo_list *list, const char *policy, const char *why,
    bool is_stopped)
{
	struct entry *entry =
	    add_entry(list, is_stopped ? TODO_STOPPED : TODO_PAUSED);

	entry->policy = policy;
	entry->why = xstrdup(why);
}

/* Give each pause the devices that it holds. */
static void
share_paused(struct todo_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = &list->entries[i];

		if (entry->what != TODO_STOPPED && entry->what != TODO_PAUSED)
			continue;
		for (size_t n = 0; n < list->paused_count; n++)
			if (entry->policy == NULL ||
			    strcmp(entry->policy, list->paused[n]->policy) == 0)
				add_to_list(&entry->devices, &entry->count,
				    list->paused[n]);
	}
}

static int
by_urgency(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	if (one->what != other->what)
		return (int)one->what - (int)other->what;
	if (one->is_failed != other->is_failed)
		return (int)other->is_failed - (int)one->is_failed;
	if (one->reason != other->reason)
		return (int)one->reason - (int)other->reason;
	return one->number < other->number ? -1 : 1;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp((*(const struct device *const *)a)->id,
	    (*(const struct device *const *)b)->id);
}

static const char *
name_of(const struct device *device)
{
	return device->label != NULL ? device->label : device->id;
}

/* Write "a, b and c", or "7 devices" if they are too many to be named. */
static char *
name_devices(const struct entry *entry)
{
	char *text = xstrdup(""), *longer;

	if (entry->count > TODO_NAMES) {
		free(text);
		return xasprintf("%zu devices", entry->count);
	}
	for (size_t i = 0; i < entry->count; i++) {
		longer = xasprintf("%s%s%s", text,
		    i == 0			? ""
			: i + 1 == entry->count ? " and "
						: ", ",
		    name_of(entry->devices[i]));
		free(text);
		text = longer;
	}
	return text;
}

/* Write "reflashctl VERB a b c", or other if they are too many to be typed. */
static char *
command_for(const struct entry *entry, const char *verb, const char *other)
{
	char *text, *longer;

	if (entry->count > TODO_NAMES)
		return xstrdup(other);
	text = xasprintf("reflashctl %s", verb);
	for (size_t i = 0; i < entry->count; i++) {
		longer = xasprintf("%s %s", text, entry->devices[i]->id);
		free(text);
		text = longer;
	}
	return text;
}

static char *
tell_keep_on(const struct entry *entry, const char *names)
{
	bool one = entry->count == 1;

	if (entry->reason == REASON_DEVICE_ERROR)
		return xasprintf("do NOT switch off %s: an error of %s own was "
				 "reported during the update; see whether %s "
				 "still answer%s, and let %s try again",
		    names, one ? "its" : "their", one ? "it" : "they",
		    one ? "s" : "", one ? "it" : "them");
	return xasprintf("do NOT switch off %s: the last download was damaged, "
			 "and a restart can leave %s dead; %s",
	    names, one ? "it" : "them",
	    entry->is_failed ? "let it be downloaded again"
			     : "it is downloaded again by itself");
}

/* Return the sentence of an entry; yours. */
static char *
tell(const struct entry *entry)
{
	char *names = name_devices(entry), *text = NULL;
	bool one = entry->count == 1;

	switch (entry->what) {
	case TODO_KEEP_ON:
		text = tell_keep_on(entry, names);
		break;
	case TODO_STOPPED:
		text = xasprintf(
		    "policy %s has stopped: %s", entry->policy, entry->why);
		break;
	case TODO_FAILED:
		text = xasprintf("%s %s failed: %s", names,
		    one ? "has" : "have", reason_sentence(entry->reason));
		break;
	case TODO_STUCK:
		text = xasprintf("%s %s flashed, and cannot be set up: %s",
		    names, one ? "is" : "are", entry->devices[0]->detail);
		break;
	case TODO_APPROVE:
		text = xasprintf(
		    "%s %s for your approval", names, one ? "waits" : "wait");
		break;
	case TODO_JOIN:
		text = xasprintf(
		    "%s %s for your Wi-Fi", names, one ? "waits" : "wait");
		break;
	case TODO_REFUSED:
		text = xasprintf("%s %s refused: %s", names, one ? "is" : "are",
		    reason_sentence(entry->reason));
		break;
	case TODO_PROPOSE:
		text = xasprintf(
		    "%s can be flashed, and there is no policy", names);
		break;
	case TODO_PROBLEM:
	case TODO_PAUSED:
	case TODO_WHATS:
		text = xstrdup(entry->why != NULL ? entry->why : "");
		break;
	}
	free(names);
	return text;
}

/* Return the command to type, yours; NULL: none helps. */
static char *
advise(const struct entry *entry)
{
	switch (entry->what) {
	case TODO_KEEP_ON:
		if (!entry->is_failed)
			return xstrdup("reflashctl watch");
		return command_for(
		    entry, "retry", "reflashctl devices --attention");
	case TODO_STOPPED:
	case TODO_PAUSED:
		return xasprintf("reflashctl resume%s%s",
		    entry->policy != NULL ? " " : "",
		    entry->policy != NULL ? entry->policy : "");
	case TODO_APPROVE:
		return command_for(
		    entry, "approve", "reflashctl approve --all");
	case TODO_JOIN:
		return xstrdup("reflashctl joining");
	case TODO_PROBLEM:
		return xstrdup("reflashctl doctor");
	case TODO_PROPOSE:
		return xstrdup("reflashctl propose");
	case TODO_FAILED:
	case TODO_REFUSED:
	case TODO_STUCK: /* the advice is the same for all */
		return xasprintf("reflashctl show %s", entry->devices[0]->id);
	default:
		return NULL;
	}
}

static json_t *
entry_json(const struct entry *entry)
{
	char *sentence = tell(entry), *command = advise(entry);
	json_t *ids = json_array(), *object;

	for (size_t i = 0; i < entry->count; i++)
		json_array_append_new(ids, json_string(entry->devices[i]->id));
	object = json_pack("{s:s, s:I, s:o, s:o, s:s?, s:o, s:o}", "what",
	    tokens[entry->what], "count", (json_int_t)entry->count, "ids", ids,
	    "policy", device_json_text(entry->policy), "reason",
	    reason_token(entry->reason), "sentence",
	    device_json_string(sentence), "command", device_json_text(command));
	free(sentence);
	free(command);
	return object;
}

json_t *
todo_make(struct todo_list *list)
{
	json_t *todos = json_array();

	share_paused(list);
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof(*list->entries),
		    by_urgency);
	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = &list->entries[i];

		if (entry->count > 0)
			qsort(entry->devices, entry->count,
			    sizeof(*entry->devices), by_id);
		json_array_append_new(todos, entry_json(entry));
		free(entry->devices);
		free(entry->why);
	}
	free(list->entries);
	free(list->paused);
	free(list);
	return todos;
}
