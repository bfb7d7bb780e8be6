/* SPDX-License-Identifier: ISC */
/* Collects and prints what became of an order for each of its devices. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/state/state.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/term.h"
#include "reflashctl/verbs/outcome.h"

#define MANY 5 /* devices that one sees at a glance */

static const struct {
	enum ctl_id id;
	const char *done;
} words[] = {
	{ CTL_APPROVE, "approved" },
	{ CTL_FLASH, "to be flashed" },
	{ CTL_RETRY, "to be tried again" },
	{ CTL_CANCEL, "cancelled" },
	{ CTL_FORGET, "forgotten" },
	{ CTL_LABEL, "labelled" },
};

static const char *
done_word(enum ctl_id id)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].id == id)
			return words[i].done;
	return "done";
}

struct outcomes
outcomes_new(const struct ctl *ctl, enum ctl_id id)
{
	return (struct outcomes){ .id = id,
		.json = ctl->json,
		.list = json_array(),
		.advised = json_object() };
}

void
outcomes_fini(struct outcomes *outcomes)
{
	json_decref(outcomes->list);
	json_decref(outcomes->advised);
	free(outcomes->unsaved);
}

char *
outcome_title(const json_t *outcome)
{
	const char *id = device_text(outcome, "id");
	const char *label = device_text(outcome, "label");
	char *text = xasprintf("%s%s%s%s", id != NULL ? id : "?",
	    label != NULL ? " (" : "", label != NULL ? label : "",
	    label != NULL ? ")" : "");
	char *clean = term_text(text);

	free(text);
	return clean;
}

int
outcome_exit(const json_t *outcome)
{
	const char *code = device_text(outcome, "code");

	if (json_is_true(json_object_get(outcome, "ok")))
		return CTL_EXIT_DONE;
	return request_exit(code != NULL ? ctl_code_find(code) : EIO);
}

/* Return why the device waits; an older daemon only names the hold. */
static const char *
why_held(const json_t *outcome)
{
	const char *held = device_text(outcome, "held");
	const char *waits = device_text(outcome, "waits");

	if (waits != NULL || held == NULL)
		return waits;
	return hold_meaning(hold_find(held));
}

/* Print "device ID: to be flashed, but paused; ..." or the like. */
static void
print_done(enum ctl_id id, const json_t *outcome)
{
	const char *held = why_held(outcome);
	char *title = outcome_title(outcome), *clean = term_text(held), *text;

	if (id == CTL_CANCEL || (held != NULL && id == CTL_FORGET))
		text = xasprintf("device %s: %s%s. To let it be flashed "
				 "again: reflashctl retry %s",
		    title, done_word(id),
		    id == CTL_FORGET ? ", but it stays cancelled" : "",
		    device_text(outcome, "id"));
	else if (id == CTL_LABEL && device_text(outcome, "label") == NULL)
		text = xasprintf("device %s: it has no label any more", title);
	else
		text = xasprintf("device %s: %s%s%s", title, done_word(id),
		    held != NULL ? ", but " : "", clean);
	term_say(text);
	fflush(stdout);
	free(text);
	free(clean);
	free(title);
}

/* Print why an order was refused, and what to do, which is said once. */
static void
print_refused(struct outcomes *outcomes, const json_t *outcome)
{
	const char *advice = device_text(outcome, "advice");
	char *why = term_text(device_text(outcome, "error"));
	char *clean = term_text(advice);

	complain("%s", why);
	if (advice != NULL &&
	    json_object_get(outcomes->advised, advice) == NULL) {
		complain("  %s", clean);
		json_object_set_new(outcomes->advised, advice, json_true());
	}
	free(clean);
	free(why);
}

/* Bring what the daemon says into the form of --json. */
static json_t *
make_outcome(const json_t *reply)
{
	static const char *const keys[] = { "id", "label", "ok", "code",
		"error", "advice", "held", "waits", "image", "device" };
	json_t *outcome = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(reply, keys[i]);

		json_object_set_new(outcome, keys[i],
		    value != NULL ? json_incref(value) : json_null());
	}
	return outcome;
}

/* Count an outcome, which is taken; "nothing to do" is no failure. */
static void
count(struct outcomes *outcomes, json_t *outcome)
{
	int rc = outcome_exit(outcome);

	outcomes->done += rc == CTL_EXIT_DONE;
	outcomes->refused += rc != CTL_EXIT_DONE;
	if (rc != CTL_EXIT_DONE && rc != CTL_EXIT_NOTHING &&
	    outcomes->failed == CTL_EXIT_DONE)
		outcomes->failed = rc;
	json_array_append_new(outcomes->list, outcome);
}

static void
note_unsaved(struct outcomes *outcomes, const json_t *reply)
{
	const char *why = device_text(reply, "unsaved");

	if (outcomes->unsaved == NULL && why != NULL)
		outcomes->unsaved = xstrdup(why);
}

void
outcomes_add_item(struct outcomes *outcomes, const json_t *item)
{
	json_t *outcome = make_outcome(item);

	if (outcome_exit(outcome) != CTL_EXIT_DONE)
		print_refused(outcomes, outcome);
	else if (!outcomes->json)
		print_done(outcomes->id, outcome);
	count(outcomes, outcome);
}

void
outcomes_add(struct outcomes *outcomes, const struct ctl *ctl, const char *name,
    const struct answer *answer, const struct error *err)
{
	json_t *outcome = make_outcome(answer->reply);

	if (err != NULL) {
		request_fail(ctl, err, answer);
		json_object_set_new(outcome, "ok", json_false());
		json_object_set_new(
		    outcome, "code", json_string(ctl_code_name(err->code)));
		json_object_set_new(outcome, "error", json_string(err->text));
		count(outcomes, outcome);
		return;
	}
	if (device_text(outcome, "id") == NULL)
		json_object_set_new(outcome, "id", json_string(name));
	note_unsaved(outcomes, answer->reply);
	if (!outcomes->json)
		print_done(outcomes->id, outcome);
	count(outcomes, outcome);
}

void
outcomes_add_all(struct outcomes *outcomes, const struct ctl *ctl,
    const struct answer *answer, const struct error *err)
{
	const json_t *item;
	size_t i;

	json_array_foreach (answer->items, i, item)
		outcomes_add_item(outcomes, item);
	note_unsaved(outcomes, answer->reply);
	/* The items say why it was refused for each of them. */
	if (err == NULL || json_array_size(answer->items) > 0)
		return;
	request_fail(ctl, err, answer);
	if (request_exit(err->code) != CTL_EXIT_NOTHING)
		outcomes->failed = request_exit(err->code);
}

/* Warn of what a restart of the daemon would forget. */
static void
print_unsaved(const struct outcomes *outcomes)
{
	char *clean = term_text(outcomes->unsaved);

	if (outcomes->unsaved != NULL)
		complain("a restart of reflashd would forget this: %s. Make "
			 "room on the disk, or make it writable; reflashd then "
			 "saves it by itself",
		    clean);
	free(clean);
}

static void
print_json(const struct outcomes *outcomes)
{
	json_t *ids = json_array();
	const json_t *outcome;
	json_auto_t *out = NULL;
	size_t i;

	json_array_foreach (outcomes->list, i, outcome)
		if (outcome_exit(outcome) == CTL_EXIT_DONE)
			json_array_append(ids, json_object_get(outcome, "id"));
	out = json_pack("{s:s, s:I, s:o, s:s?, s:s?, s:O}", "verb",
	    ctl_command_get(outcomes->id)->word, "changed", outcomes->done,
	    "ids", ids, "policy", outcomes->policy, "unsaved",
	    outcomes->unsaved, "outcomes", outcomes->list);
	json_out_print_object(
	    json_out_object(JSON_OUT_CHANGE, out), JSON_INDENT(2));
}

/* Print how many there were, where they no longer fit a glance. */
static void
print_summary(const struct outcomes *outcomes)
{
	if (outcomes->done + outcomes->refused <= MANY)
		return;
	printf("%lld devices %s", (long long)outcomes->done,
	    done_word(outcomes->id));
	if (outcomes->refused > 0)
		printf(", %lld not", (long long)outcomes->refused);
	putchar('\n');
	fflush(stdout);
}

int
outcomes_conclude(struct outcomes *outcomes)
{
	bool is_hard = outcomes->failed != CTL_EXIT_DONE;
	bool is_failure = is_hard && json_array_size(outcomes->list) <= 1;

	if (outcomes->json && !is_failure)
		print_json(outcomes);
	if (!outcomes->json)
		print_summary(outcomes);
	if (!outcomes->json && outcomes->done > 0)
		print_unsaved(outcomes);
	if (is_hard)
		return outcomes->done > 0 ? CTL_EXIT_FAILED : outcomes->failed;
	return outcomes->done > 0 ? CTL_EXIT_DONE : CTL_EXIT_NOTHING;
}
