/* SPDX-License-Identifier: ISC */
/*
 * The verbs that order something for devices: approve, flash, retry, cancel,
 * forget and label.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashctl/duration.h"
#include "reflashctl/link/policy_name.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/confirm.h"
#include "reflashctl/verbs/follow.h"
#include "reflashctl/verbs/outcome.h"

/* An order, as it was typed. */
struct order {
	struct ctl *ctl;
	enum ctl_id id;
	json_t *args; /* owned; the same for each device */
	int count;
	char **names;
	bool is_of_several; /* --all or --policy, and no names */
};

/* Return true if the devices were named in one way. */
static bool
check_names(const struct ctl *ctl, const char *verb, int count)
{
	if ((count > 0) != (ctl->all || ctl->policy != NULL))
		return true;
	complain("which devices? Write their ids or labels, as in reflashctl "
		 "%s 1000a05bf6, or --all, or --policy and its name",
	    verb);
	return false;
}

/* Read --timeout, which is for --wait; *seconds is -1 without it. */
static bool
read_timeout(const struct ctl *ctl, long *seconds)
{
	unsigned length = 0;

	*seconds = -1;
	if (ctl->timeout == NULL)
		return true;
	if (!ctl->wait) {
		complain("--timeout says how long to wait: it needs --wait");
		return false;
	}
	if (!duration_parse(ctl->timeout, &length)) {
		complain("%s is not a length of time; write for example 90s "
			 "or 10m",
		    ctl->timeout);
		return false;
	}
	*seconds = (long)length;
	return true;
}

/* Return the arguments for one device, or for several. */
static json_t *
args_for(const struct order *order, const char *name, bool is_preview)
{
	json_t *args = json_copy(order->args);

	if (name != NULL)
		json_object_set_new(args, "id", json_string(name));
	if (is_preview)
		json_object_set_new(args, "preview", json_true());
	return args;
}

static bool
is_cut_off(const struct error *err)
{
	return err->code == ENOTCONN || err->code == ETIMEDOUT;
}

/*
 * Take an answer: what was carried out goes to `ready` if that is given, as it
 * was only a preview.
 */
static void
take_answer(const struct order *order, struct outcomes *outcomes,
    const char *name, const struct answer *answer, const struct error *err,
    json_t *ready)
{
	if (ready != NULL && err == NULL)
		json_array_append(ready, answer->reply);
	else
		outcomes_add(outcomes, order->ctl, name, answer, err);
}

static void
take_answers(const struct order *order, struct outcomes *outcomes,
    const struct answer *answer, const struct error *err, json_t *ready)
{
	json_t *item;
	size_t i;

	if (ready == NULL) {
		outcomes_add_all(outcomes, order->ctl, answer, err);
		return;
	}
	json_array_foreach (answer->items, i, item)
		if (outcome_exit(item) == CTL_EXIT_DONE)
			json_array_append(ready, item);
		else
			outcomes_add_item(outcomes, item);
	if (json_array_size(answer->items) == 0)
		outcomes_add_all(outcomes, order->ctl, answer, err);
}

/* Send the order for all that were named; ready not NULL: as a preview. */
static void
send_order(const struct order *order, struct outcomes *outcomes, json_t *ready)
{
	bool is_sent = true, is_preview = ready != NULL;
	struct answer answer;
	struct error err = { 0 };

	if (order->is_of_several) {
		is_sent = request_send(order->ctl, order->id,
		    args_for(order, NULL, is_preview), &answer, &err);
		take_answers(
		    order, outcomes, &answer, is_sent ? NULL : &err, ready);
		answer_fini(&answer);
	}
	for (int i = 0; i < order->count && (is_sent || !is_cut_off(&err));
	    i++) {
		is_sent = request_about(order->ctl, order->id, order->names[i],
		    args_for(order, NULL, is_preview), &answer, &err);
		take_answer(order, outcomes, order->names[i], &answer,
		    is_sent ? NULL : &err, ready);
		answer_fini(&answer);
	}
}

/* Send the order for the device of a preview, and for the image in it alone. */
static void
send_confirmed(
    const struct order *order, struct outcomes *outcomes, const json_t *preview)
{
	const char *id = device_text(preview, "id");
	json_t *args = args_for(order, id, false);
	json_t *sha256 =
	    json_object_get(json_object_get(preview, "image"), "sha256");
	struct answer answer;
	struct error err;
	bool is_sent;

	json_object_del(args, "all");
	json_object_del(args, "policy");
	if (sha256 != NULL)
		json_object_set(args, "sha256", sha256);
	is_sent = request_about(
	    order->ctl, order->id, id != NULL ? id : "", args, &answer, &err);
	outcomes_add(outcomes, order->ctl, id, &answer, is_sent ? NULL : &err);
	answer_fini(&answer);
}

/* Show what would be done, ask, and send what was shown.  false: it is a no. */
static bool
ask_and_send(const struct order *order, struct outcomes *outcomes)
{
	json_auto_t *ready = json_array();
	const json_t *preview;
	size_t i;

	send_order(order, outcomes, ready);
	if (json_array_size(ready) == 0)
		return true;
	if (!confirm_flash(ready)) {
		complain("nothing was ordered");
		return false;
	}
	json_array_foreach (ready, i, preview)
		send_confirmed(order, outcomes, preview);
	return true;
}

/* Return the worse of two exit codes of one command. */
static int
combine(int order, int end)
{
	if (order == CTL_EXIT_DONE)
		return end;
	return order == CTL_EXIT_FAILED ? order : CTL_EXIT_FAILED;
}

static int
carry_out(const struct order *order, struct outcomes *outcomes, long timeout)
{
	const struct ctl *ctl = order->ctl;
	bool must_ask = (order->id == CTL_APPROVE || order->id == CTL_FLASH) &&
	    !ctl->yes && confirm_can_ask();
	struct follow *follow = NULL;
	int rc, end = CTL_EXIT_DONE;

	if (ctl->wait) {
		follow = follow_new(ctl, timeout);
		if (follow == NULL)
			return CTL_EXIT_NO_DAEMON;
	}
	if (!must_ask)
		send_order(order, outcomes, NULL);
	else if (!ask_and_send(order, outcomes)) {
		follow_free(follow);
		return CTL_EXIT_NOTHING;
	}
	if (follow != NULL && outcomes->done > 0)
		end = follow_run(follow, outcomes->list);
	follow_free(follow);
	rc = outcomes_conclude(outcomes);
	return outcomes->done > 0 ? combine(rc, end) : rc;
}

/* Give an order for the devices that were named; args is taken. */
static int
order_devices(
    struct ctl *ctl, enum ctl_id id, int argc, char **argv, json_t *args)
{
	struct outcomes outcomes = outcomes_new(ctl, id);
	struct order order = { ctl, id, args, argc, argv, argc == 0 };
	char *policy = NULL;
	long timeout;
	int rc = CTL_EXIT_DONE;

	if (!check_names(ctl, ctl_command_get(id)->word, argc) ||
	    !read_timeout(ctl, &timeout))
		rc = CTL_EXIT_USAGE;
	else if (ctl->policy != NULL)
		rc = policy_name_find(ctl, ctl->policy, &policy);
	if (ctl->all)
		json_object_set_new(args, "all", json_true());
	if (policy != NULL)
		json_object_set_new(args, "policy", json_string(policy));
	if (ctl->sha256 != NULL)
		json_object_set_new(args, "sha256", json_string(ctl->sha256));
	if (ctl->who != NULL)
		json_object_set_new(args, "who", json_string(ctl->who));
	outcomes.policy = policy;
	if (rc == CTL_EXIT_DONE)
		rc = carry_out(&order, &outcomes, timeout);
	outcomes_fini(&outcomes);
	free(policy);
	json_decref(args);
	return rc;
}

int
verb_approve(struct ctl *ctl, int argc, char **argv)
{
	return order_devices(ctl, CTL_APPROVE, argc, argv, json_object());
}

/*
 * Return a path that the daemon understands, yours: a plain name is below its
 * own ImageDirectory.  NULL: there is no such file; errno says why.
 */
static char *
daemon_image_path(const char *given)
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
		char *path = daemon_image_path(ctl->image);

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
	return order_devices(ctl, CTL_FLASH, argc, argv, args);
}

int
verb_retry(struct ctl *ctl, int argc, char **argv)
{
	return order_devices(ctl, CTL_RETRY, argc, argv, json_object());
}

int
verb_cancel(struct ctl *ctl, int argc, char **argv)
{
	return order_devices(ctl, CTL_CANCEL, argc, argv, json_object());
}

int
verb_forget(struct ctl *ctl, int argc, char **argv)
{
	return order_devices(ctl, CTL_FORGET, argc, argv, json_object());
}

/* Return the words with blanks between them, yours. */
static char *
join(int count, char **words)
{
	char *text = xstrdup(words[0]), *longer;

	for (int i = 1; i < count; i++) {
		longer = xasprintf("%s %s", text, words[i]);
		free(text);
		text = longer;
	}
	return text;
}

int
verb_label(struct ctl *ctl, int argc, char **argv)
{
	json_t *args = json_object();
	char *label;

	if (argc > 1) {
		label = join(argc - 1, argv + 1);
		json_object_set_new(args, "label", json_string(label));
		free(label);
	}
	return order_devices(ctl, CTL_LABEL, 1, argv, args);
}
