/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>

#include "base/log.h"
#include "core/campaign.h"
#include "core/ctlproto.h"
#include "core/devjson.h"
#include "io/scanner.h"
#include "reflashd/aftercare.h"
#include "reflashd/commands_parts.h"
#include "reflashd/keep.h"
#include "reflashd/look.h"
#include "reflashd/roster.h"
#include "reflashd/tell.h"

void
command_reload(const struct request *r)
{
	struct problems problems = { 0 };
	struct error err;
	json_t *list;

	if (daemon_reload(r->daemon, &problems, &err)) {
		control_done(r->client, NULL);
	} else {
		list = json_array();
		for (size_t i = 0; i < problems.count; i++)
			json_array_append_new(
			    list, devjson_string(problems.text[i]));
		control_fail_with(
		    r->client, &err, json_pack("{s:o}", "problems", list));
	}
	problems_fini(&problems);
}

static void
cancel_waiting(struct device *device)
{
	device_blame_cancel(device);
	device_post(device, MACHINE_CANCEL);
}

void
command_cancel(const struct request *r)
{
	struct device *device = request_device(r);
	bool may;

	if (device == NULL)
		return;
	may = device_may_cancel(device);
	if (!may && (device->after != NULL || device->job != NULL)) {
		request_fail(r, EBUSY, device->id,
		    "it has been told to fetch its image already; stopping now "
		    "would not stop the device");
		return;
	}
	if (!may) {
		request_fail(r, EALREADY, device->id, "nothing is under way");
		return;
	}
	if (device->job != NULL)
		job_cancel(device->job);
	else
		cancel_waiting(device);
	keep_device(r->daemon, device);
	control_done(r->client, NULL);
}

void
command_forget(const struct request *r)
{
	struct device *device = request_device(r);

	if (device == NULL)
		return;
	if (device->job != NULL) {
		request_fail(r, EBUSY, device->id, "it is being flashed");
		return;
	}
	look_hang_up(r->daemon, device);
	aftercare_abandon(r->daemon, device);
	tell_device(device, LOG_INFO, "forgotten");
	control_broadcast(r->daemon->control, ctl_forgotten_new(device->id));
	keep_forget(r->daemon, device);
	scanner_repeat(r->daemon->scanner, device->id);
	registry_remove(r->daemon->registry, device);
	campaign_changed(r->daemon->campaign);
	control_done(r->client, NULL);
}

/* A policy that the request names, if it names one, must exist. */
static bool
policy_exists(const struct request *r, const char *name)
{
	if (name == NULL ||
	    policy_list_find(r->daemon->setup.policies, name) != NULL)
		return true;
	request_fail(r, ENOENT, name, "no such policy");
	return false;
}

void
command_pause(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (!campaign_pause(
		r->daemon->campaign, policy, "paused by a person")) {
		request_fail(r, EALREADY, policy != NULL ? policy : "pause",
		    "it is paused already");
		return;
	}
	keep_campaign(r->daemon);
	roster_consider_all(r->daemon);
	control_done(r->client, NULL);
}

void
command_resume(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (!campaign_resume(r->daemon->campaign, policy)) {
		request_fail(r, EALREADY, policy != NULL ? policy : "resume",
		    "it is not paused");
		return;
	}
	keep_campaign(r->daemon);
	roster_consider_all(r->daemon);
	control_done(r->client, NULL);
}
