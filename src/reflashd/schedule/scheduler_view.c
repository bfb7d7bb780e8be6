/* SPDX-License-Identifier: ISC */
/*
 * Looks up for core/schedule/decide what it needs to know of the world: files,
 * slots, the clock, and what other devices do.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/device/record.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "core/schedule/wait_text.h"
#include "io/images.h"
#include "io/timer.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/reachable.h"
#include "reflashd/schedule/scheduler_parts.h"
#include "reflashd/store/persist.h"

/*
 * Return true if the policy still names the image of the job.  The job has a
 * copy, so another content of the file does not matter.
 */
static bool
is_own(const struct scheduler_view *view, const struct policy *policy)
{
	return view->own != NULL &&
	    image_cache_names(
		view->scheduler->parts.images, policy->image, view->own) &&
	    (policy->sha256[0] == '\0' ||
		strcasecmp(policy->sha256, image_sha256(view->own)) == 0);
}

static struct image *
find_image(struct scheduler_view *view, const struct policy *policy)
{
	return is_own(view, policy)
	    ? image_ref(view->own)
	    : image_cache_get(
		  view->scheduler->parts.images, policy->image, view->why);
}

static void
world_image(const struct policy *policy, struct preflight_image *out, void *ctx)
{
	struct scheduler_view *view = ctx;

	if (view->image_path != policy->image) {
		image_unref(view->image);
		view->image = find_image(view, policy);
		view->image_path = policy->image;
	}
	policy_files_describe(out, view->image,
	    view->image != NULL ? image_report(view->image) : NULL,
	    policy->image, view->why);
}

static void
world_rest(const struct policy *policy, const struct device *device,
    struct preflight_facts *out, void *ctx)
{
	struct scheduler_view *view = ctx;

	if (view->needed_by != policy) {
		policy_files_fini(&view->needs);
		policy_files_look(&view->needs, policy,
		    view->scheduler->parts.setup->config,
		    view->scheduler->parts.images, NULL);
		view->needed_by = policy;
	}
	policy_files_look_at_own(&view->needs, policy, device);
	*out = view->needs.facts;
}

void
scheduler_view_fini(struct scheduler_view *view)
{
	if (view->image_path == NULL)
		return;
	image_unref(view->image);
	policy_files_fini(&view->needs);
}

/* The sentence is copied: the next question to reachable replaces it. */
static void
judge_address(struct scheduler_view *view, const struct device *device)
{
	const char *why =
	    reachable_device_why_not(view->scheduler->parts.reachable, device);

	text_copy(
	    view->forbidden, sizeof(view->forbidden), why != NULL ? why : "");
}

static struct policy *
view_order(const struct device *device, void *ctx)
{
	return orders_policy(((struct scheduler_view *)ctx)->scheduler->orders,
	    device->order.image);
}

/* Return true if enough jobs have started; all are considered again then. */
static bool
is_out_of_breath(struct scheduler *scheduler, char *detail, size_t size)
{
	unsigned wait_ms =
	    rollout_starts_wait(&scheduler->starts, clock_now_ms());

	if (wait_ms > 0 && !timer_is_set(scheduler->go_on))
		timer_set(scheduler->go_on, wait_ms);
	if (wait_ms > 0)
		snprintf(detail, size, "it begins in a moment");
	return wait_ms > 0;
}

/* Return false if another device is at work at this address and port. */
static bool
has_place(const struct scheduler *scheduler, const struct device *device,
    char *detail, size_t size)
{
	const struct device *other =
	    flash_at_same_place(scheduler->parts.flash, device);
	char address[INET_ADDRSTRLEN];

	if (other == NULL)
		return true;
	inet_ntop(AF_INET, &other->place.address, address, sizeof(address));
	snprintf(detail, size,
	    "%s is at work at the same address and port, %s:%u", other->id,
	    address, other->place.port);
	return false;
}

/*
 * Return true if a policy, the configuration or a person means this device, so
 * that it is no invention.
 */
static bool
is_named(const struct device *device, const struct policy *policy)
{
	return device->order.is_given || device->seen.rank == DEVICE_NAMED ||
	    policy->action == POLICY_ASK;
}

/*
 * Return false if a device with the same MAC is at work: one host may claim
 * many ids at many addresses.  Real devices behind a repeater look the same,
 * and take turns.
 */
static bool
has_turn_at_mac(const struct scheduler *scheduler, const struct device *device,
    const struct policy *policy, char *detail, size_t size)
{
	const struct device *other;

	if (is_named(device, policy))
		return true;
	other = flash_with_same_mac(scheduler->parts.flash, device);
	if (other == NULL)
		return true;
	snprintf(detail, size,
	    "%s is at work, and this machine sees the same MAC, %s, for both: "
	    "devices at one repeater are flashed one after the other; those "
	    "that DeviceId= of a policy names need not wait",
	    other->id, device->place.mac);
	return false;
}

/* Return what each job must wait for, one by a person's order too. */
static enum hold
wait_for_means(struct scheduler *scheduler, const struct device *device,
    const struct policy *policy, char *detail, size_t size)
{
	const struct scheduler_parts *parts = &scheduler->parts;
	const char *paused = campaign_paused(parts->campaign, NULL);
	const char *broken = persist_why_broken(parts->persist);

	if (paused != NULL) {
		snprintf(detail, size, "%s", paused);
		return HOLD_PAUSED;
	}
	if (broken != NULL) {
		snprintf(detail, size, "%s", broken);
		return HOLD_DISK;
	}
	if (!has_turn_at_mac(scheduler, device, policy, detail, size))
		return HOLD_SLOT;
	if (state_is_at_work(device->state))
		return HOLD_NONE; /* it has a slot */
	if (!has_place(scheduler, device, detail, size) ||
	    !flash_has_slot(scheduler->parts.flash, device, detail, size) ||
	    is_out_of_breath(scheduler, detail, size))
		return HOLD_SLOT;
	return HOLD_NONE;
}

/* Return true if a window is open.  A clock that is not set cannot tell. */
static bool
is_time(const struct policy *policy, char *detail, size_t size)
{
	char text[TEXT_TIME_SIZE];
	time_t wall = time(NULL);
	struct tm local;

	if (policy->windows.count == 0)
		return true;
	if (wall < RECORD_CLOCK_SET) {
		snprintf(detail, size,
		    "the clock of this machine is not set, it shows %s: until "
		    "you set it (timedatectl set-ntp true), the policy's hours "
		    "are not known",
		    text_time(text, wall));
		return false;
	}
	if (clock_is_being_set()) {
		snprintf(detail, size,
		    "this machine has just started, and its clock, which shows "
		    "%s, is not set from the network yet: until it is, for ten "
		    "minutes at most, the policy's hours are not known",
		    text_time(text, wall));
		return false;
	}
	if (localtime_r(&wall, &local) != NULL &&
	    policy_window_open(policy, &local))
		return true;
	wait_text_window(policy, wall, detail, size);
	return false;
}

static enum hold
world_wait(const struct device *device, const struct policy *policy,
    const struct preflight_image *image, char *detail, size_t size, void *ctx)
{
	struct scheduler *scheduler = ((struct scheduler_view *)ctx)->scheduler;
	bool stopped = false;
	enum hold hold;

	if (device->order.is_given)
		return wait_for_means(scheduler, device, policy, detail, size);
	if (policy->action == POLICY_ASK &&
	    !device_is_approved(device, policy->name, image->sha256)) {
		wait_text_approval(device, detail, size);
		return HOLD_APPROVAL;
	}
	if (!is_time(policy, detail, size))
		return HOLD_WINDOW;
	hold = campaign_wait(scheduler->parts.campaign, device, policy,
	    image->sha256, (int64_t)(clock_now_ms() / 1000), detail, size,
	    &stopped);
	if (stopped)
		events_policy_stopped(scheduler->parts.events, policy, detail);
	return hold != HOLD_NONE
	    ? hold
	    : wait_for_means(scheduler, device, policy, detail, size);
}

static struct decide_world
view_world(struct scheduler_view *view, const struct device *device)
{
	judge_address(view, device);
	return (struct decide_world){
		.policies = view->scheduler->parts.setup->policies,
		.now_ms = clock_now_ms(),
		.forbidden =
		    view->forbidden[0] != '\0' ? view->forbidden : NULL,
		.ctx = view,
		.image = world_image,
		.rest = world_rest,
		.order = view_order,
		.wait = world_wait,
	};
}

void
scheduler_view_decide(struct scheduler_view *view, const struct device *device,
    struct decision *out)
{
	const struct decide_world world = view_world(view, device);

	decide(device, &world, out);
}

void
scheduler_decide(struct scheduler *scheduler, const struct device *device,
    struct decision *out)
{
	static struct error why; /* what out->image.missing points to */
	struct scheduler_view view = { .scheduler = scheduler, .why = &why };

	scheduler_view_decide(&view, device, out);
	scheduler_view_fini(&view);
}

bool
scheduler_decide_job(struct scheduler *scheduler, const struct device *device,
    struct image *image, struct decision *out)
{
	struct error why;
	struct scheduler_view view = {
		.scheduler = scheduler, .why = &why, .own = image
	};
	const struct decide_world world = view_world(&view, device);
	bool goes_on = decide_job(device, &world, out);

	scheduler_view_fini(&view);
	out->has_image = false; /* what it points to may be gone */
	return goes_on;
}

void
scheduler_forecast(struct scheduler *scheduler, struct forecast *out)
{
	struct error why;
	struct scheduler_view view = { .scheduler = scheduler, .why = &why };
	struct decision decision;

	*out = (struct forecast){ 0 };
	registry_foreach (scheduler->parts.registry, device) {
		scheduler_view_decide(&view, device, &decision);
		forecast_add(out, device, &decision);
	}
	scheduler_view_fini(&view);
}
