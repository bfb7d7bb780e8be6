/* SPDX-License-Identifier: ISC */
/*
 * Carries out an order for one device or for several: each device has an
 * outcome, in the reply or, of several, in an item of its own.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "core/device/device_json.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/store/persist.h"

/* Send the outcome of one of several devices, which is taken. */
static void
send_outcome(const struct request *r, json_t *outcome)
{
	if (r->client != NULL)
		control_send_item(r->client, outcome);
	else
		json_decref(outcome);
}

json_t *
request_subject(const struct device *device, json_t *extra)
{
	json_t *all = json_pack("{s:s, s:o, s:o}", "id", device->id, "label",
	    device_json_text(device->label), "address",
	    device_json_address(device));

	if (extra != NULL)
		json_object_update_new(all, extra);
	return all;
}

void
request_refuse_with(const struct request *r, const struct device *device,
    int code, const char *why, json_t *extra)
{
	char title[DEVICE_TITLE_SIZE];
	json_t *all = request_subject(device, extra);
	struct error err;

	error_set(&err, code, "%s: %s", device_title(device, title), why);
	if (r->several == NULL) {
		control_fail_with(r->client, &err, all);
		return;
	}
	r->several->refused++;
	send_outcome(r, ctl_fail_new(&err, all));
}

void
request_refuse(const struct request *r, const struct device *device, int code,
    const char *why)
{
	request_refuse_with(r, device, code, why, NULL);
}

void
request_done_with(const struct request *r, json_t *subject)
{
	if (r->several == NULL) {
		request_changed(r, subject);
		return;
	}
	r->several->count++;
	send_outcome(r, ctl_done_new(subject));
}

void
request_save(const struct request *r, const struct device *device)
{
	struct persist *persist = r->commands->parts.persist;

	if (r->several == NULL) {
		persist_device(persist, device);
		return;
	}
	persist_soon(persist, device);
	r->several->number = persist_last(persist);
}

const struct device_image *
request_image(const struct device *device, const struct decision *decision,
    struct device_image *found)
{
	if (state_is_at_work(device->state))
		return device->attempt.has_image ? &device->attempt.image
						 : NULL;
	return decide_image(decision, found) ? found : NULL;
}

bool
request_is_fresh(const struct request *r, const struct device *device,
    const struct device_image *image)
{
	const char *wanted = ctl_arg_text(r->args, "sha256");
	char *why;

	if (wanted == NULL || image == NULL ||
	    strcasecmp(image->sha256, wanted) == 0)
		return true;
	why = xasprintf("%s is another image now: its checksum is %s, not %s. "
			"Nothing was done",
	    image->name, image->sha256, wanted);
	request_refuse_with(r, device, ESTALE, why,
	    json_pack("{s:o}", "image", device_json_image(image)));
	free(why);
	return false;
}

/* Carry the order out for a device that it is meant for. */
static void
visit(
    struct answer *answer, struct control_client *client, struct device *device)
{
	const struct request r = { answer->commands, client, answer->args,
		answer->who, answer };
	const char *policy = ctl_arg_text(answer->args, "policy");

	if ((policy == NULL || strcmp(device->policy, policy) == 0) &&
	    answer->kind->is_meant(&r, device))
		answer->kind->carry_out(&r, device);
}

static bool
is_saved(const struct answer *answer)
{
	return persist_has_written(
	    answer->commands->parts.persist, answer->number);
}

static void
answer_counts(struct stream *stream, struct control_client *client)
{
	const struct answer *answer = (struct answer *)stream;
	const struct request r = { .commands = answer->commands,
		.client = client };
	json_t *counts = json_pack(
	    "{s:I, s:I}", "count", answer->count, "refused", answer->refused);
	struct error err;

	if (answer->count > 0) {
		request_changed(&r, counts);
		return;
	}
	if (answer->refused > 0)
		error_set(&err, EACCES, "%s: refused for %s",
		    answer->kind->word,
		    answer->refused == 1 ? "the only device that it is for"
					 : "each of the devices");
	else
		error_set(&err, EALREADY, "%s: %s", answer->kind->word,
		    answer->kind->none);
	control_fail_with(client, &err, counts);
}

static void
order_several(const struct request *r, const struct order_kind *kind)
{
	static const struct answer_ops ops = {
		.visit = visit,
		.is_complete = is_saved,
		.done = answer_counts,
		.goes_on = true,
	};
	struct answer *answer = answer_start(r, &ops);

	answer->kind = kind;
	answer->args = json_incref(r->args);
	answer->who = xstrdup(r->who);
}

void
request_order(const struct request *r, const struct order_kind *kind)
{
	const char *policy = ctl_arg_text(r->args, "policy");
	bool is_of_several = policy != NULL || ctl_arg_flag(r->args, "all");
	struct device *device;

	if ((ctl_arg_text(r->args, "id") != NULL) == is_of_several) {
		request_fail(r, EINVAL, kind->word,
		    "which device? Write its id, --all, or --policy with the "
		    "name of a policy");
	} else if (!is_of_several) {
		device = request_device(r);
		if (device != NULL)
			kind->carry_out(r, device);
	} else if (request_has_policy(r, policy)) {
		order_several(r, kind);
	}
}
