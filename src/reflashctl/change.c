/* SPDX-License-Identifier: ISC */
/* The verbs that change something: a question each, and a word about it. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/suggest.h"
#include "reflashctl/ask.h"
#include "reflashctl/clean.h"
#include "reflashctl/device.h"
#include "reflashctl/shape.h"
#include "reflashctl/verb.h"

/* What the daemon's answers to one command line come to. */
struct sum {
	json_int_t changed;
	json_t *ids;	/* owned; a list */
	json_t *policy; /* owned; NULL: none */
	json_t *text;	/* owned; NULL: none */
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

static void
keep(json_t **slot, json_t *value)
{
	if (value == NULL)
		return;
	json_decref(*slot);
	*slot = json_incref(value);
}

static void
add(struct sum *sum, const json_t *reply)
{
	json_t *ids = json_object_get(reply, "ids");

	sum->changed += device_number(reply, "changed");
	if (json_is_array(ids))
		json_array_extend(sum->ids, ids);
	keep(&sum->policy, json_object_get(reply, "policy"));
	keep(&sum->text, json_object_get(reply, "text"));
}

static void
print_sum(const struct sum *sum, enum ctl_id id)
{
	char *text = clean_text(json_string_value(sum->text));
	char *policy = clean_text(json_string_value(sum->policy));
	const json_t *device;
	size_t i;

	if (text[0] != '\0')
		puts(text);
	else if (sum->changed == 0)
		puts("nothing to do");
	else if (policy[0] != '\0')
		printf("policy %s: %s\n", policy, word_of(id));
	else if (json_array_size(sum->ids) == 0)
		puts(word_of(id));
	else
		json_array_foreach (sum->ids, i, device) {
			char *name = clean_text(json_string_value(device));

			printf("device %s: %s\n", name, word_of(id));
			free(name);
		}
	free(text);
	free(policy);
}

static void
print_json(const struct sum *sum, enum ctl_id id)
{
	json_auto_t *out = json_pack("{s:s, s:I, s:O, s:O*, s:O*}", "verb",
	    ctl_command_get(id)->word, "changed", sum->changed, "ids", sum->ids,
	    "policy", sum->policy, "text", sum->text);

	shape_print_object(shape_object(SHAPE_CHANGE, out), JSON_INDENT(2));
}

/* Tell the outcome of those that went well; the exit code of all of them. */
static int
conclude(const struct ctl *ctl, enum ctl_id id, struct sum *sum, int failed,
    int succeeded)
{
	int rc = sum->changed > 0 ? CTL_EXIT_DONE : CTL_EXIT_NOTHING;

	if (succeeded > 0 && ctl->json)
		print_json(sum, id);
	else if (succeeded > 0)
		print_sum(sum, id);
	json_decref(sum->ids);
	json_decref(sum->policy);
	json_decref(sum->text);
	if (failed == CTL_EXIT_DONE)
		return rc;
	return succeeded > 0 ? CTL_EXIT_FAILED : failed;
}

/* The same for each of the devices; the first failure decides. */
static int
change_devices(
    struct ctl *ctl, enum ctl_id id, int argc, char **argv, json_t *args)
{
	struct sum sum = { .ids = json_array() };
	int failed = CTL_EXIT_DONE, succeeded = 0;

	for (int i = 0; i < argc; i++) {
		struct answer answer;
		int rc = ask_device(ctl, id, argv[i], json_copy(args), &answer);

		if (rc == CTL_EXIT_DONE) {
			add(&sum, answer.reply);
			succeeded++;
		} else if (failed == CTL_EXIT_DONE)
			failed = rc;
		answer_fini(&answer);
	}
	json_decref(args);
	return conclude(ctl, id, &sum, failed, succeeded);
}

static void
suggest_policy(struct ctl *ctl, const char *typed)
{
	const char *names[256], *meant;
	const json_t *policy;
	struct answer answer;
	struct error err;
	size_t i, count = 0;

	if (ask(ctl, CTL_STATUS, NULL, &answer, &err)) {
		json_array_foreach (
		    json_object_get(answer.reply, "policies"), i, policy) {
			const char *name = device_text(policy, "name");

			if (name != NULL && count < 256)
				names[count++] = name;
		}
		meant = suggest_word(typed, names, count);
		if (meant != NULL)
			complain("did you mean %s?", meant);
	}
	answer_fini(&answer);
}

/* args is taken. */
static int
change(struct ctl *ctl, enum ctl_id id, json_t *args, const char *policy)
{
	struct sum sum = { .ids = json_array() };
	struct answer answer;
	struct error err;
	int rc = CTL_EXIT_DONE;

	if (ask(ctl, id, args, &answer, &err))
		add(&sum, answer.reply);
	else
		rc = ask_fail(&err, &answer);
	answer_fini(&answer);
	if (rc == CTL_EXIT_NOT_FOUND && policy != NULL)
		suggest_policy(ctl, policy);
	return conclude(ctl, id, &sum, rc, rc == CTL_EXIT_DONE);
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

/* The daemon does not know our folder, but knows its own for images. */
static char *
image_path(const char *given)
{
	char *path;

	if (strchr(given, '/') == NULL)
		return xstrdup(given);
	path = realpath(given, NULL);
	if (path == NULL)
		complain("%s: %s", given, strerror(errno));
	return path;
}

int
verb_flash(struct ctl *ctl, int argc, char **argv)
{
	json_t *args = json_object();

	if (ctl->image != NULL) {
		char *path = image_path(ctl->image);

		if (path == NULL) {
			json_decref(args);
			return CTL_EXIT_ERROR;
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
	if (argc == 0)
		return change(ctl, id, NULL, NULL);
	return change(ctl, id, json_pack("{s:s}", "policy", argv[0]), argv[0]);
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
