/* SPDX-License-Identifier: ISC */
/* The verbs that change something: a question each, and a word about it. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/state/state.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/term.h"
#include "reflashctl/verb.h"
#include "reflashctl/word_match.h"

/* What the daemon's answers to one command line come to. */
struct sum {
	enum ctl_id id;
	json_int_t changed;
	json_t *ids;	    /* owned; a list */
	json_t *held;	    /* owned; why those must wait, in words, or null */
	json_t *paused;	    /* owned; what is, behind pause and resume; NULL */
	json_t *reply;	    /* owned; to a reload: what it found; NULL */
	const char *policy; /* borrowed; NULL: none */
	int failed;	    /* exit code of the first failure */
	bool is_mixed;	    /* something went well */
};

static const struct {
	enum ctl_id id;
	const char *done;
} words[] = {
	{ CTL_APPROVE, "approved" },
	{ CTL_FLASH, "to be flashed" },
	{ CTL_RETRY, "to be tried again" },
	{ CTL_CANCEL, "cancelled" },
	{ CTL_FORGET, "forgotten" },
	{ CTL_PAUSE, "paused, no new flash is started" },
	{ CTL_RESUME, "resumed" },
	{ CTL_RELOAD, "configuration and policies read again" },
};

static const char *
word_of(enum ctl_id id)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].id == id)
			return words[i].done;
	return "done";
}

/* An older daemon says only what for. */
static const char *
why_held(const json_t *reply)
{
	const char *held = device_text(reply, "held");
	const char *waits = device_text(reply, "waits");

	if (waits != NULL || held == NULL)
		return waits;
	return hold_meaning(hold_find(held));
}

/* id "": the question was not about one device. */
static void
add(struct sum *sum, const struct answer *answer)
{
	const json_t *count = json_object_get(answer->reply, "count");

	sum->is_mixed = true;
	sum->changed += json_is_integer(count) ? json_integer_value(count) : 1;
	if (answer->id[0] == '\0')
		return;
	json_array_append_new(sum->ids, json_string(answer->id));
	json_array_append_new(
	    sum->held, json_pack("s?", why_held(answer->reply)));
}

/* "device ID: to be flashed, but paused; to continue: reflashctl resume" */
static void
print_device(const struct sum *sum, size_t i)
{
	const char *id = json_string_value(json_array_get(sum->ids, i));
	const char *held = json_string_value(json_array_get(sum->held, i));

	if (sum->id == CTL_CANCEL || (held != NULL && sum->id == CTL_FORGET))
		printf("device %s: %s%s. It is not flashed until: reflashctl "
		       "retry %s\n",
		    id, word_of(sum->id),
		    sum->id == CTL_FORGET ? ", but it stays cancelled" : "",
		    id);
	else
		printf("device %s: %s%s%s\n", id, word_of(sum->id),
		    held != NULL ? ", but " : "", held != NULL ? held : "");
}

/* What stays paused behind a pause or a resume of something else. */
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

/* What a reload found, and what it means for the devices. */
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

static void
print_text(const struct sum *sum)
{
	char *policy = term_text(sum->policy);

	if (json_array_size(sum->ids) > 0)
		for (size_t i = 0; i < json_array_size(sum->ids); i++)
			print_device(sum, i);
	else if (sum->policy != NULL)
		printf("policy %s: %s\n", policy, word_of(sum->id));
	else if (sum->id == CTL_APPROVE)
		printf("%lld device%s approved\n", (long long)sum->changed,
		    sum->changed == 1 ? "" : "s");
	else
		puts(word_of(sum->id));
	free(policy);
	print_paused(sum, stdout);
	print_found(sum);
}

/* An older daemon says nothing of it. */
static json_t *
found_list(const struct sum *sum, const char *key)
{
	json_t *list = json_object_get(sum->reply, key);

	return json_is_array(list) ? json_incref(list) : json_array();
}

static void
print_json(const struct sum *sum)
{
	json_auto_t *out = json_pack("{s:s, s:I, s:O, s:s?}", "verb",
	    ctl_command_get(sum->id)->word, "changed", sum->changed, "ids",
	    sum->ids, "policy", sum->policy);

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

/* Tell what was done; the exit code of all of it. */
static int
conclude(const struct ctl *ctl, struct sum *sum)
{
	bool is_hard = sum->failed != CTL_EXIT_DONE;

	if (ctl->json && (sum->is_mixed || !is_hard))
		print_json(sum);
	else if (sum->is_mixed)
		print_text(sum);
	else
		print_paused(sum, stderr);
	json_decref(sum->ids);
	json_decref(sum->held);
	json_decref(sum->paused);
	json_decref(sum->reply);
	if (is_hard)
		return sum->is_mixed ? CTL_EXIT_FAILED : sum->failed;
	return sum->changed > 0 ? CTL_EXIT_DONE : CTL_EXIT_NOTHING;
}

/* Nothing to do has been told, but is no failure. */
static void
note(struct sum *sum, int rc, const struct answer *answer)
{
	if (rc == CTL_EXIT_DONE)
		add(sum, answer);
	else if (rc != CTL_EXIT_NOTHING && sum->failed == CTL_EXIT_DONE)
		sum->failed = rc;
}

/* The same for each of the devices. */
static int
change_devices(
    struct ctl *ctl, enum ctl_id id, int argc, char **argv, json_t *args)
{
	struct sum sum = {
		.id = id, .ids = json_array(), .held = json_array()
	};

	for (int i = 0; i < argc; i++) {
		struct answer answer;
		int rc =
		    request_device(ctl, id, argv[i], json_copy(args), &answer);

		note(&sum, rc, &answer);
		answer_fini(&answer);
	}
	json_decref(args);
	return conclude(ctl, &sum);
}

/* The policy that was meant, in full, yours; else an exit code, after a word.
 */
static int
find_policy(struct ctl *ctl, const char *typed, char **name)
{
	static const struct word_match kind = { "policy", "policies",
		"reflashctl status" };
	const json_t *policies;
	struct answer answer;
	struct error err;
	const char **names;
	size_t found;
	int rc = CTL_EXIT_NOT_FOUND;

	if (!request_send(ctl, CTL_STATUS, NULL, &answer, &err)) {
		rc = request_fail(ctl, &err, &answer);
		answer_fini(&answer);
		return rc;
	}
	policies = json_object_get(answer.reply, "policies");
	names = request_words(policies, "name");
	if (word_match_find(
		&kind, typed, names, json_array_size(policies), &found)) {
		*name = xstrdup(names[found]);
		rc = CTL_EXIT_DONE;
	}
	free(names);
	answer_fini(&answer);
	return rc;
}

/* args is taken. */
static int
change(struct ctl *ctl, enum ctl_id id, json_t *args, const char *policy)
{
	struct sum sum = { .id = id,
		.ids = json_array(),
		.held = json_array(),
		.policy = policy };
	struct answer answer;
	struct error err;
	int rc = CTL_EXIT_DONE;

	if (!request_send(ctl, id, args, &answer, &err))
		rc = request_fail(ctl, &err, &answer);
	note(&sum, rc, &answer);
	sum.paused = json_incref(json_object_get(answer.reply, "paused"));
	if (id == CTL_RELOAD && rc == CTL_EXIT_DONE)
		sum.reply = json_incref(answer.reply);
	answer_fini(&answer);
	return conclude(ctl, &sum);
}

int
verb_approve(struct ctl *ctl, int argc, char **argv)
{
	if (ctl->all == (argc > 0)) {
		complain("approve takes the ids of devices, or --all");
		return CTL_EXIT_USAGE;
	}
	if (ctl->all)
		return change(
		    ctl, CTL_APPROVE, json_pack("{s:b}", "all", 1), NULL);
	return change_devices(ctl, CTL_APPROVE, argc, argv, json_object());
}

/*
 * The daemon does not know our folder, but knows its own for images.  NULL: it
 * cannot be, errno is why, and it is said.
 */
static char *
image_path(const char *given)
{
	char *path;
	int why;

	if (strchr(given, '/') == NULL)
		return xstrdup(given);
	path = realpath(given, NULL);
	if (path == NULL) {
		why = errno;
		complain("%s: %s", given, strerror(why));
		errno = why;
	}
	return path;
}

int
verb_flash(struct ctl *ctl, int argc, char **argv)
{
	json_t *args = json_object();
	int rc;

	if (ctl->image != NULL) {
		char *path = image_path(ctl->image);

		if (path == NULL) {
			rc = errno == ENOENT ? CTL_EXIT_NOT_FOUND
					     : CTL_EXIT_ERROR;
			json_decref(args);
			return rc;
		}
		json_object_set_new(args, "image", json_string(path));
		free(path);
	}
	if (ctl->again)
		json_object_set_new(args, "again", json_true());
	return change_devices(ctl, CTL_FLASH, argc, argv, args);
}

int
verb_retry(struct ctl *ctl, int argc, char **argv)
{
	return change_devices(ctl, CTL_RETRY, argc, argv, json_object());
}

int
verb_cancel(struct ctl *ctl, int argc, char **argv)
{
	return change_devices(ctl, CTL_CANCEL, argc, argv, json_object());
}

int
verb_forget(struct ctl *ctl, int argc, char **argv)
{
	return change_devices(ctl, CTL_FORGET, argc, argv, json_object());
}

static int
change_policy(struct ctl *ctl, enum ctl_id id, int argc, char **argv)
{
	char *policy = NULL;
	int rc;

	if (argc == 0)
		return change(ctl, id, NULL, NULL);
	rc = find_policy(ctl, argv[0], &policy);
	if (rc == CTL_EXIT_DONE)
		rc = change(
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
	return change(ctl, CTL_RELOAD, NULL, NULL);
}
