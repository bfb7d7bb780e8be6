/* SPDX-License-Identifier: ISC */
/*
 * Carries out flash, which orders a flash.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "core/device/device_json.h"
#include "reflashd/control/commands_order.h"
#include "reflashd/events/devlog.h"
#include "reflashd/schedule/scheduler.h"

/*
 * Note an order, and check it.  A device that has left with its image may still
 * come back with it.
 */
static bool
order(const struct request *r, struct device *device, const char *path,
    struct device_image *image)
{
	xreplace(&device->people.cancelled, NULL);
	device->order.is_given = true;
	device->order.again = ctl_arg_flag(r->args, "again");
	device_order_image(device, path);
	if (device_has_left(device))
		device_note_unsure(device);
	device->attempt.number = 0;
	/* Bind it after the check, which says more than the scheduler. */
	device->order.sha256[0] = '\0';
	if (!order_check(r, device, image))
		return false;
	order_note(r, device);
	return true;
}

/* Return true if the order names the image of the order that was given. */
static bool
is_for_same_image(const struct request *r, const struct device *device)
{
	const char *sha256 = ctl_arg_text(r->args, "sha256");

	return strcasecmp(sha256 != NULL ? sha256 : "", device->order.sha256) ==
	    0;
}

/* Return true if the same flash is ordered already and waits. */
static bool
is_ordered_so(
    const struct request *r, const struct device *device, const char *image)
{
	bool same = image == NULL || device->order.image == NULL
	    ? image == device->order.image
	    : strcmp(image, device->order.image) == 0;

	return device->order.is_given && same && device->state == STATE_HELD &&
	    is_for_same_image(r, device) && device->hold != HOLD_NONE &&
	    device->hold != HOLD_BACKOFF &&
	    (device->order.again || !ctl_arg_flag(r->args, "again"));
}

/* Return true if the flash is under way or waits, after answering that. */
static bool
is_done_already(
    const struct request *r, const struct device *device, const char *image)
{
	char *why;

	if (state_is_setting_up(device->state)) {
		request_refuse(r, device, EALREADY,
		    "it has just taken an image, and reflashd is waiting for "
		    "it to come back");
	} else if (state_is_at_work(device->state)) {
		request_refuse(r, device, EALREADY, "it is being flashed");
	} else if (is_ordered_so(r, device, image)) {
		why = xasprintf("it is ordered already; %s%s%s",
		    hold_meaning(device->hold), device->detail[0] ? ": " : "",
		    device->detail);
		request_refuse(r, device, EALREADY, why);
		free(why);
	} else {
		return false;
	}
	return true;
}

/* Answer an order that is not to be carried out, but could be. */
static void
answer_preview(const struct request *r, const struct device *device,
    const struct device_image *image)
{
	json_t *extra = request_waits(r, device);

	json_object_set_new(extra, "image", device_json_image(image));
	request_done_with(r, request_subject(device, extra));
}

static void
carry_out(const struct request *r, struct device *device,
    const struct device_image *image)
{
	json_t *extra;

	devlog_device(device, LOG_INFO, "to be flashed with %s by order of %s",
	    image->name, r->who);
	order_start_over(r->commands, device);
	scheduler_consider(r->commands->parts.scheduler, device);
	request_save(r, device);
	extra = request_waits(r, device);
	json_object_set_new(extra, "image", device_json_image(image));
	request_done_with(r, request_subject(device, extra));
}

static void
flash_device(const struct request *r, struct device *device)
{
	const char *path = ctl_arg_text(r->args, "image");
	bool is_preview = ctl_arg_flag(r->args, "preview");
	struct device_image image;
	struct order_before before;
	bool is_ordered;

	if (is_done_already(r, device, path))
		return;
	if (!scheduler_may_order(r->commands->parts.scheduler, path)) {
		request_refuse(
		    r, device, EINVAL, "--image: no file can have this name");
		return;
	}
	before = order_remember(device);
	is_ordered = order(r, device, path, &image);
	if (is_ordered && is_preview)
		answer_preview(r, device, &image);
	if (!is_ordered || is_preview) {
		order_undo(device, &before);
		return;
	}
	order_stands(&before);
	carry_out(r, device, &image);
}

/*
 * An order for all is meant for what a policy has an image for, or for what an
 * image is given for, but not for what a policy ignores, nor for what has its
 * image already.
 */
static bool
can_be_flashed(const struct request *r, struct device *device)
{
	struct decision decision;

	if (state_is_at_work(device->state) ||
	    (device_took_image(device) && !ctl_arg_flag(r->args, "again")))
		return false;
	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	if (decision.what == DECIDE_IGNORE)
		return false;
	return ctl_arg_text(r->args, "image") != NULL ||
	    (decision.policy != NULL && decision.policy->image != NULL);
}

/* Leave out what a person has cancelled, unless it is named. */
static void
flash_one(const struct request *r, struct device *device)
{
	char *why;

	if (r->several == NULL || device->people.cancelled == NULL) {
		flash_device(r, device);
		return;
	}
	why = xasprintf("%s has cancelled it, so an order for several devices "
			"leaves it out; to flash it: reflashctl flash %s",
	    device->people.cancelled, device->id);
	request_refuse(r, device, EBUSY, why);
	free(why);
}

void
command_flash(const struct request *r)
{
	static const struct order_kind kind = { "flash",
		"no policy has an image for any device that could be flashed",
		flash_one, can_be_flashed };

	request_order(r, &kind);
}
