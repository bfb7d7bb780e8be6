/* SPDX-License-Identifier: ISC */
/* The verbs that change something for all devices: pause, resume and reload. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "reflashctl/link/policy_name.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/term.h"
#include "reflashctl/verb.h"

/* The result of a command that is not about devices. */
struct sum {
	enum ctl_id id;
	json_int_t changed;
	json_t *paused; /* owned; what is paused after pause and resume; NULL */
	json_t *reply;	/* owned; what a reload found; NULL */
	char *unsaved;	/* owned; why a restart forgets it; NULL */
	const char *policy; /* borrowed; NULL: none */
	int rc;
};

static const char *
done_word(enum ctl_id id)
{
	if (id == CTL_PAUSE)
		return "paused, no new flash is started";
	return id == CTL_RESUME ? "resumed"
				: "configuration and policies read again";
}

/* Print what else is paused after a pause or a resume. */
static void
print_paused(const struct sum *sum, FILE *out)
{
	const json_t *policies = json_object_get(sum->paused, "policies"), *one;
	const char *how =
	    sum->id == CTL_RESUME ? "stays paused" : "is paused, too";
	size_t i;

	if (sum->policy != NULL &&
	    json_is_true(json_object_get(sum->paused, "all")))
		fprintf(
		    out, "everything %s; to go on: reflashctl resume\n", how);
	if (sum->policy != NULL)
		return;
	json_array_foreach (policies, i, one) {
		char *name = term_text(json_string_value(one));

		fprintf(out,
		    "policy %s %s; to go on with it: reflashctl resume %s\n",
		    name, how, name);
		free(name);
	}
}

/* Print what a reload found, and what it means for the devices. */
static void
print_found(const struct sum *sum)
{
	static const char *const keys[] = { "problems", "warnings" };
	const char *summary = device_text(sum->reply, "summary");
	const json_t *one;
	size_t i;

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		json_array_foreach (
		    json_object_get(sum->reply, keys[k]), i, one) {
			char *text = term_text(json_string_value(one));

			puts(text);
			free(text);
		}
	if (summary != NULL)
		puts(summary);
}

/* Warn of what a restart of the daemon would forget. */
static void
print_unsaved(const struct sum *sum)
{
	if (sum->unsaved != NULL)
		complain("a restart of reflashd would forget this: %s. Make "
			 "room on the disk, or make it writable; reflashd then "
			 "saves it by itself",
		    sum->unsaved);
}

static void
print_text(const struct sum *sum)
{
	char *policy = term_text(sum->policy);

	if (sum->policy != NULL)
		printf("policy %s: %s\n", policy, done_word(sum->id));
	else
		puts(done_word(sum->id));
	free(policy);
	print_paused(sum, stdout);
	print_found(sum);
	fflush(stdout);
	print_unsaved(sum);
}

/* Return a list of the answer; an older daemon has none. */
static json_t *
found_list(const struct sum *sum, const char *key)
{
	json_t *list = json_object_get(sum->reply, key);

	return json_is_array(list) ? json_incref(list) : json_array();
}

static void
print_json(const struct sum *sum)
{
	json_auto_t *out = json_pack("{s:s, s:I, s:[], s:s?, s:s?, s:[]}",
	    "verb", ctl_command_get(sum->id)->word, "changed", sum->changed,
	    "ids", "policy", sum->policy, "unsaved", sum->unsaved, "outcomes");

	if (sum->id == CTL_PAUSE || sum->id == CTL_RESUME)
		json_object_set_new(
		    out, "paused", json_pack("O?", sum->paused));
	if (sum->id == CTL_RELOAD)
		json_object_update_new(out,
		    json_pack("{s:o, s:o, s:O?}", "problems",
			found_list(sum, "problems"), "warnings",
			found_list(sum, "warnings"), "summary",
			json_object_get(sum->reply, "summary")));
	json_out_print_object(
	    json_out_object(JSON_OUT_CHANGE, out), JSON_INDENT(2));
}

/* Print what was done. */
static void
print_change(const struct ctl *ctl, const struct sum *sum)
{
	bool is_done = sum->rc == CTL_EXIT_DONE;

	if (ctl->json && (is_done || sum->rc == CTL_EXIT_NOTHING))
		print_json(sum);
	else if (is_done)
		print_text(sum);
	else
		print_paused(sum, stderr);
}

/* Send a request that is not about a device.  args is taken. */
static int
change_one(struct ctl *ctl, enum ctl_id id, json_t *args, const char *policy)
{
	struct sum sum = { .id = id, .policy = policy };
	struct answer answer;
	const char *unsaved;

	if (args == NULL)
		args = json_object();
	if (ctl->who != NULL)
		json_object_set_new(args, "who", json_string(ctl->who));
	sum.rc = request_ask(ctl, id, args, &answer);
	sum.changed = sum.rc == CTL_EXIT_DONE;
	unsaved = device_text(answer.reply, "unsaved");
	sum.unsaved = unsaved != NULL ? xstrdup(unsaved) : NULL;
	sum.paused = json_incref(json_object_get(answer.reply, "paused"));
	if (id == CTL_RELOAD && sum.rc == CTL_EXIT_DONE)
		sum.reply = json_incref(answer.reply);
	print_change(ctl, &sum);
	json_decref(sum.paused);
	json_decref(sum.reply);
	free(sum.unsaved);
	answer_fini(&answer);
	return sum.rc;
}

static int
change_policy(struct ctl *ctl, enum ctl_id id, int argc, char **argv)
{
	char *policy = NULL;
	int rc;

	if (argc == 0)
		return change_one(ctl, id, NULL, NULL);
	rc = policy_name_find(ctl, argv[0], &policy);
	if (rc == CTL_EXIT_DONE)
		rc = change_one(
		    ctl, id, json_pack("{s:s}", "policy", policy), policy);
	free(policy);
	return rc;
}

int
verb_pause(struct ctl *ctl, int argc, char **argv)
{
	return change_policy(ctl, CTL_PAUSE, argc, argv);
}

int
verb_resume(struct ctl *ctl, int argc, char **argv)
{
	return change_policy(ctl, CTL_RESUME, argc, argv);
}

int
verb_reload(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return change_one(ctl, CTL_RELOAD, NULL, NULL);
}
