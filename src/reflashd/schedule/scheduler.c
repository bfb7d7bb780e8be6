/* SPDX-License-Identifier: ISC */
/*
 * Decides about devices with each new fact, starts their flash when their turn
 * has come, and asks again each RequerySec=.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/device/eligible.h"
#include "core/device/record.h"
#include "core/device/registry.h"
#include "core/flash/job.h"
#include "core/schedule/campaign.h"
#include "core/schedule/rollout.h"
#include "io/images.h"
#include "io/timer.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/postflash/rejoin.h"
#include "reflashd/schedule/orders.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

#define CLOCK_MS  30000	 /* what waits by the wall clock: it may be set */
#define MAX_SHOWS 16	 /* events of one device that are of no state */
#define MAX_LOOKS 16	 /* at one device, because of what is announced */
#define STALE_MS  600000 /* silent for so long, it is forgotten for another */

struct scheduler {
	struct scheduler_parts parts;
	struct orders *orders; /* owned */
	struct timer *requery; /* owned; each RequerySec= */
	struct timer *due;     /* owned; what is held may go then */
	struct timer *again;   /* owned; decide about all in the next turn */
	struct timer *go_on;   /* owned; then more jobs may start */
	struct rollout_starts starts;
};

/* ---- decisions --------------------------------------------------------- */

/* For one decision, or for one round of them: a file is looked up once. */
struct view {
	struct scheduler *scheduler;
	struct image *image;		/* a reference, or NULL and why */
	const char *image_path;		/* borrowed from the policy */
	struct error *why;		/* borrowed */
	struct image *own;		/* borrowed; of the job, or NULL */
	const struct policy *needed_by; /* whose needs these are; NULL: none */
	struct policy_files needs;
};

/*
 * A job has a copy of its image, and what is in the file meanwhile is nothing
 * to it; but a policy may name another image now.
 */
static bool
is_own(const struct view *view, const struct policy *policy)
{
	return view->own != NULL &&
	    image_cache_names(
		view->scheduler->parts.images, policy->image, view->own) &&
	    (policy->sha256[0] == '\0' ||
		strcasecmp(policy->sha256, image_sha256(view->own)) == 0);
}

static struct image *
find_image(struct view *view, const struct policy *policy)
{
	return is_own(view, policy)
	    ? image_ref(view->own)
	    : image_cache_get(
		  view->scheduler->parts.images, policy->image, view->why);
}

static void
world_image(const struct policy *policy, struct preflight_image *out, void *ctx)
{
	struct view *view = ctx;

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
	struct view *view = ctx;

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

/* The cache keeps its images for the caller. */
static void
view_fini(struct view *view)
{
	image_unref(view->image);
	policy_files_fini(&view->needs);
}

static const char *
view_forbidden(const struct device *device, void *ctx)
{
	return reachable_device_why_not(
	    ((struct view *)ctx)->scheduler->parts.reachable, device);
}

static struct policy *
view_order(const struct device *device, void *ctx)
{
	return orders_policy(
	    ((struct view *)ctx)->scheduler->orders, device->order_image);
}

/* Have enough started for now?  Then all are looked at again in a moment. */
static bool
is_out_of_breath(struct scheduler *scheduler)
{
	unsigned wait_ms =
	    rollout_starts_wait(&scheduler->starts, clock_now_ms());

	if (wait_ms > 0 && !timer_is_set(scheduler->go_on))
		timer_set(scheduler->go_on, wait_ms);
	return wait_ms > 0;
}

/* One host can say any number of ids, but it is one device at most. */
static bool
has_place(const struct scheduler *scheduler, const struct device *device,
    char *detail, size_t size)
{
	const struct device *other =
	    flash_at_same_place(scheduler->parts.flash, device);
	char address[INET_ADDRSTRLEN];

	if (other == NULL)
		return true;
	inet_ntop(AF_INET, &other->address, address, sizeof(address));
	snprintf(detail, size,
	    "%s is at work at the same address and port, %s:%u", other->id,
	    address, other->port);
	return false;
}

/*
 * A policy or the configuration names it, or a person has ordered or approved
 * its flash: it is no invention.
 */
static bool
is_named(const struct device *device, const struct policy *policy)
{
	return device->ordered || device->rank == DEVICE_NAMED ||
	    policy->action == POLICY_ASK;
}

/*
 * A host that has many addresses says an id at each.  Behind a repeater real
 * devices look the same: they take turns.
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
	    "devices behind one repeater are flashed one after the other, but "
	    "for those that DeviceId= of a policy names",
	    other->id, device->mac);
	return false;
}

/* What every job needs, and a person's order too. */
static enum hold
wait_for_means(struct scheduler *scheduler, const struct device *device,
    const struct policy *policy, char *detail, size_t size)
{
	const struct scheduler_parts *parts = &scheduler->parts;
	const char *paused = campaign_paused(parts->campaign, NULL);
	const char *broken = persist_why_broken(parts->keep);

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
		return HOLD_NONE; /* it has them */
	if (!has_place(scheduler, device, detail, size) ||
	    !flash_has_slot(scheduler->parts.flash, device) ||
	    is_out_of_breath(scheduler))
		return HOLD_SLOT;
	return HOLD_NONE;
}

/* A clock that was never set does not tell whether a window is open. */
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
		    "the clock of this machine is not set, it shows %s: set it "
		    "(timedatectl set-ntp true), or nobody knows when the "
		    "window is open",
		    text_time(text, wall));
		return false;
	}
	return localtime_r(&wall, &local) != NULL &&
	    policy_window_open(policy, &local);
}

static enum hold
world_wait(const struct device *device, const struct policy *policy,
    const struct preflight_image *image, char *detail, size_t size, void *ctx)
{
	struct scheduler *scheduler = ((struct view *)ctx)->scheduler;
	bool stopped = false;
	enum hold hold;

	if (device->ordered)
		return wait_for_means(scheduler, device, policy, detail, size);
	if (policy->action == POLICY_ASK &&
	    !device_is_approved(device, policy->name, image->sha256))
		return HOLD_APPROVAL;
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
view_world(struct view *view)
{
	return (struct decide_world){
		.policies = view->scheduler->parts.setup->policies,
		.now_ms = clock_now_ms(),
		.ctx = view,
		.image = world_image,
		.rest = world_rest,
		.order = view_order,
		.forbidden = view_forbidden,
		.wait = world_wait,
	};
}

static void
view_decide(
    struct view *view, const struct device *device, struct decision *out)
{
	const struct decide_world world = view_world(view);

	decide(device, &world, out);
}

void
scheduler_decide(struct scheduler *scheduler, const struct device *device,
    struct decision *out)
{
	static struct error why; /* what out->image.missing points to */
	struct view view = { .scheduler = scheduler, .why = &why };

	view_decide(&view, device, out);
	view_fini(&view);
}

bool
scheduler_decide_job(struct scheduler *scheduler, const struct device *device,
    struct image *image, struct decision *out)
{
	struct error why;
	struct view view = {
		.scheduler = scheduler, .why = &why, .own = image
	};
	const struct decide_world world = view_world(&view);
	bool goes_on = decide_job(device, &world, out);

	view_fini(&view);
	out->has_image = false; /* what it points to may be gone */
	return goes_on;
}

void
scheduler_forecast(struct scheduler *scheduler, struct forecast *out)
{
	struct error why;
	struct view view = { .scheduler = scheduler, .why = &why };
	struct device *device = NULL;
	struct decision decision;

	*out = (struct forecast){ 0 };
	while ((device = registry_next(scheduler->parts.registry, device)) !=
	    NULL) {
		view_decide(&view, device, &decision);
		forecast_add(out, device, &decision);
	}
	view_fini(&view);
}

static bool
is_same_decision(const struct device *device, enum state state,
    const struct decision *decision)
{
	const char *policy = decision->policy ? decision->policy->name : "";

	return device->state == state && device->hold == decision->hold &&
	    (state != STATE_REFUSED || device->reason == decision->reason) &&
	    strcmp(device->policy, policy) == 0 &&
	    (state == STATE_SEEN || state == STATE_IGNORED ||
		/* That counts down, and is told once. */
		decision->hold == HOLD_SOAK ||
		strcmp(device->detail, decision->detail) == 0);
}

static void
note_plan(struct device *device, const struct decision *decision)
{
	const struct preflight_image *image = &decision->image;
	struct device_image *plan = &device->plan;

	device->has_plan = decision->has_image && image->missing == NULL;
	if (!device->has_plan)
		return;
	text_escape(
	    plan->name, sizeof(plan->name), image->name, strlen(image->name));
	text_copy(plan->sha256, sizeof(plan->sha256), image->sha256);
	text_copy(plan->kind, sizeof(plan->kind),
	    image_kind_name(image->report->kind));
	plan->size = image->size;
}

/* For whom it waits changes all the time, and that is no event. */
static bool
keeps_slot_wait(const struct device *device, const struct decision *decision)
{
	return decision->hold == HOLD_SLOT && device->hold == HOLD_SLOT &&
	    strcmp(device->policy, decision->policy->name) == 0;
}

/* Post what was decided about a device, unless it is in that state already. */
static void
post_decision(struct device *device, const struct decision *decision,
    enum state state, enum state_event event)
{
	bool told = device->name[0] != '\0' || device->info_known;
	enum state next;

	if (is_same_decision(device, state, decision) &&
	    (state != STATE_SEEN || device->told_seen || !told)) {
		if (decision->hold == HOLD_SOAK)
			text_copy(device->detail, sizeof(device->detail),
			    decision->detail);
		return;
	}
	if (!state_next(device->state, event, &next))
		return;
	if (decision->hold == HOLD_CANCELLED && device->hold == HOLD_CANCELLED)
		return; /* it stays as the person found it: follow_policy() */
	if (keeps_slot_wait(device, decision)) {
		text_copy(
		    device->detail, sizeof(device->detail), decision->detail);
		return;
	}
	text_copy(device->policy, sizeof(device->policy),
	    decision->policy ? decision->policy->name : "");
	if (decision->hold == HOLD_BACKOFF && device->hold == HOLD_BACKOFF)
		return; /* the end of the attempt has said it */
	device->hold = decision->hold;
	device->reason = decision->reason;
	text_copy(device->detail, sizeof(device->detail), decision->detail);
	if (state == STATE_SEEN)
		device->told_seen = true;
	device_post(device, event);
}

static void
start_flash(
    struct view *view, struct device *device, const struct decision *decision)
{
	struct scheduler *scheduler = view->scheduler;

	text_copy(
	    device->policy, sizeof(device->policy), decision->policy->name);
	device_clear_blame(device);
	if (!device->told_seen)
		devlog_seen(device);
	device->told_seen = true;
	rollout_starts_count(&scheduler->starts, clock_now_ms());
	flash_start(
	    scheduler->parts.flash, device, decision->policy, view->image);
}

/*
 * Where it is, and whether it answers, is no state, but those who watch want it
 * too: so many times in ten minutes, whatever is said of it.
 */
static void
show_whereabouts(struct scheduler *scheduler, struct device *device)
{
	if (device->shown_address.s_addr == device->address.s_addr &&
	    device->shown_present == device->present &&
	    device->shown_no_info == (device->no_info[0] != '\0'))
		return;
	if (ratelimit_take(&device->shows, MAX_SHOWS, clock_now_ms()))
		events_publish(scheduler->parts.events, device);
}

/* It is where it is said to be, and says itself who it is. */
static bool
is_at_configured(const struct scheduler *scheduler, const struct device *device)
{
	const struct config_devices *list =
	    &scheduler->parts.setup->config->devices;

	for (size_t i = 0; device->info_known && i < list->count; i++)
		if (list->items[i].address.s_addr == device->address.s_addr)
			return true;
	return false;
}

enum device_rank
scheduler_rank(const struct scheduler *scheduler, const char *id, bool fits)
{
	const struct setup *setup = scheduler->parts.setup;
	const struct config_devices *list = &setup->config->devices;

	if (policy_list_names(setup->policies, id))
		return DEVICE_NAMED;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].id, id) == 0)
			return DEVICE_NAMED;
	return fits ? DEVICE_FITTING : DEVICE_STRANGER;
}

/*
 * What a policy that fits says of its attempts; of a device that has failed,
 * what it said then.
 */
static void
note_attempts(struct device *device, const struct decision *decision)
{
	if (decision->has_image && decision->what != DECIDE_NOTHING)
		device->attempts = decision->policy->attempts;
}

/*
 * A cancelled device stays as it is, but another policy may fit it now.  What
 * was ordered with an image of its own is told by that order alone.
 */
static void
follow_policy(struct scheduler *scheduler, struct device *device,
    const struct decision *decision)
{
	const char *policy = decision->policy ? decision->policy->name : "";

	if (device->state != STATE_HELD || device->hold != HOLD_CANCELLED ||
	    strcmp(device->policy, ORDERS_POLICY) == 0 ||
	    strcmp(device->policy, policy) == 0)
		return;
	text_copy(device->policy, sizeof(device->policy), policy);
	if (ratelimit_take(&device->shows, MAX_SHOWS, clock_now_ms()))
		events_publish(scheduler->parts.events, device);
}

/*
 * While a device is asked about itself, it stays what it was: its answer will
 * tell.  But a person has just let it go, or has ordered to flash it again, so
 * what it was is not true any more.
 */
static bool
is_outdated(const struct device *device)
{
	return (device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
		   device->cancelled[0] == '\0') ||
	    (device->ordered && device_took_image(device));
}

/* What is to be flashed, and is being asked, waits for its own answer. */
static void
wait_for_answer(struct device *device, struct decision *decision)
{
	if (!is_outdated(device))
		return;
	decision->what = DECIDE_HOLD;
	decision->hold = HOLD_SLOT;
	snprintf(decision->detail, sizeof(decision->detail),
	    "it begins once it has answered what it was just asked");
	post_decision(device, decision, STATE_HELD, STATE_EVENT_HOLD);
}

/*
 * A device that has answered is asked again because something else is announced
 * in its name, which anybody can do.  Past the quota the next requery asks it.
 */
static void
identify_if_wanted(const struct scheduler_parts *parts, struct device *device)
{
	if (!identify_is_wanted(device))
		return;
	if (!device->is_answered ||
	    ratelimit_take(&device->looks, MAX_LOOKS, clock_now_ms()))
		identify_at(parts->identify, device);
}

static void
consider_hold(struct scheduler *scheduler, struct device *device,
    struct decision *decision)
{
	const struct scheduler_parts *parts = &scheduler->parts;

	if (decision->hold == HOLD_CANCELLED)
		follow_policy(scheduler, device, decision);
	if (decision->hold == HOLD_ABSENT && device->look != NULL &&
	    !is_outdated(device))
		return;
	post_decision(device, decision, STATE_HELD, STATE_EVENT_HOLD);
	/* Who answers goes before those that nobody has heard. */
	if (decision->hold == HOLD_SLOT && !device->has_answered &&
	    flash_waits_for_answer(parts->flash))
		identify_if_wanted(parts, device);
}

static void
consider_idle(struct view *view, struct device *device)
{
	struct scheduler *scheduler = view->scheduler;
	const struct scheduler_parts *parts = &scheduler->parts;
	struct decision decision;

	outage_look_at(parts->outage, device);
	view_decide(view, device, &decision);
	note_plan(device, &decision);
	note_attempts(device, &decision);
	device->rank = is_at_configured(scheduler, device)
	    ? DEVICE_NAMED
	    : scheduler_rank(scheduler, device->id,
		  decision.policy != NULL || decision.what == DECIDE_ASK);
	switch (decision.what) {
	case DECIDE_NOTHING:
		break;
	case DECIDE_ASK:
		/* Its answer will tell: what was decided stays so long. */
		identify_if_wanted(parts, device);
		if (device->look == NULL || device->state == STATE_SEEN)
			post_decision(
			    device, &decision, STATE_SEEN, STATE_EVENT_OBSERVE);
		break;
	case DECIDE_OBSERVE:
		post_decision(
		    device, &decision, STATE_SEEN, STATE_EVENT_OBSERVE);
		identify_if_wanted(parts, device);
		break;
	case DECIDE_IGNORE:
		post_decision(
		    device, &decision, STATE_IGNORED, STATE_EVENT_IGNORE);
		break;
	case DECIDE_REFUSE:
		post_decision(
		    device, &decision, STATE_REFUSED, STATE_EVENT_REFUSE);
		break;
	case DECIDE_FAIL:
		post_decision(
		    device, &decision, STATE_FAILED, STATE_EVENT_FAIL);
		break;
	case DECIDE_HOLD:
		consider_hold(scheduler, device, &decision);
		break;
	case DECIDE_START:
		if (device->look == NULL)
			start_flash(view, device, &decision);
		else /* never hung up on; its answer starts it */
			wait_for_answer(device, &decision);
		break;
	case DECIDE_VERIFY:
		postflash_run_retry(parts->postflash_run, device);
		break;
	}
}

static void
consider(struct view *view, struct device *device)
{
	if (device->job != NULL)
		job_reconsider(device->job);
	else
		consider_idle(view, device);
	show_whereabouts(view->scheduler, device);
}

void
scheduler_consider(struct scheduler *scheduler, struct device *device)
{
	struct error why;
	struct view view = { .scheduler = scheduler, .why = &why };

	consider(&view, device);
	view_fini(&view);
}

/* When the first held device may go by the clock; then all are looked at. */
static void
schedule_due(struct scheduler *scheduler)
{
	uint64_t now = clock_now_ms(), first = UINT64_MAX;
	struct device *device = NULL;

	while ((device = registry_next(scheduler->parts.registry, device)) !=
	    NULL) {
		uint64_t at = UINT64_MAX;

		if (device->state == STATE_HELD && device->hold == HOLD_BACKOFF)
			at = device->hold_until_ms;
		else if (device->state == STATE_HELD &&
		    (device->hold == HOLD_WINDOW || device->hold == HOLD_SOAK ||
			device->hold == HOLD_DISK ||
			device->hold == HOLD_CANARY))
			at = now + CLOCK_MS;
		if (at < first)
			first = at;
	}
	if (first == UINT64_MAX)
		timer_stop(scheduler->due);
	else
		timer_set(scheduler->due, first > now ? first - now : 0);
}

/* Who is asked first whether its turn has come. */
enum turn {
	TURN_ANSWERED, /* who has answered is there */
	TURN_UNHEARD,
	TURN_HAD, /* its address or MAC has had one, and nothing came of it */
	TURNS,
};

/* Where devices are that nothing vouches for and that were tried. */
struct tried {
	struct in_addr *addresses; /* owned; sorted */
	const char **macs;	   /* owned, not what they point to; sorted */
	size_t count, mac_count;
};

static int
by_address(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct in_addr));
}

static int
by_mac(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
was_in_vain(const struct device *device)
{
	return !device->is_vouched && device->has_address &&
	    (device->attempt > 0 || device->called_off > 0);
}

static void
collect_tried(struct registry *registry, struct tried *out)
{
	struct device *device = NULL;
	size_t max = registry_count(registry) + 1;

	out->count = out->mac_count = 0;
	out->addresses = xcalloc(max, sizeof(*out->addresses));
	out->macs = xcalloc(max, sizeof(*out->macs));
	while ((device = registry_next(registry, device)) != NULL) {
		if (!was_in_vain(device))
			continue;
		out->addresses[out->count++] = device->address;
		if (device->mac[0] != '\0')
			out->macs[out->mac_count++] = device->mac;
	}
	qsort(out->addresses, out->count, sizeof(*out->addresses), by_address);
	qsort(out->macs, out->mac_count, sizeof(*out->macs), by_mac);
}

static bool
is_where_tried(const struct device *device, const struct tried *tried)
{
	const char *mac = device->mac;

	return bsearch(&device->address, tried->addresses, tried->count,
		   sizeof(*tried->addresses), by_address) != NULL ||
	    (mac[0] != '\0' &&
		bsearch(&mac, tried->macs, tried->mac_count,
		    sizeof(*tried->macs), by_mac) != NULL);
}

static enum turn
turn_of(const struct device *device, const struct tried *tried)
{
	if (!device->is_vouched && is_where_tried(device, tried))
		return TURN_HAD;
	return device->has_answered ? TURN_ANSWERED : TURN_UNHEARD;
}

static void
consider_those(struct view *view, enum turn turn, const struct tried *tried)
{
	struct registry *registry = view->scheduler->parts.registry;
	struct device *device = NULL;

	while ((device = registry_next(registry, device)) != NULL)
		if ((!state_is_at_work(device->state) ||
			state_is_before_offer(device->state)) &&
		    turn_of(device, tried) == turn)
			consider(view, device);
}

void
scheduler_consider_all(struct scheduler *scheduler)
{
	struct error why;
	struct view view = { .scheduler = scheduler, .why = &why };
	struct tried tried;

	tzset(); /* windows are in the time zone that this machine has now */
	collect_tried(scheduler->parts.registry, &tried);
	for (enum turn turn = 0; turn < TURNS; turn++)
		consider_those(&view, turn, &tried);
	free(tried.addresses);
	free(tried.macs);
	view_fini(&view);
	schedule_due(scheduler);
}

void
scheduler_consider_soon(struct scheduler *scheduler)
{
	if (scheduler != NULL)
		timer_set(scheduler->again, 0);
}

static void
on_consider(void *ctx)
{
	struct scheduler *scheduler = ctx;

	persist_check(scheduler->parts.keep);
	scheduler_consider_all(scheduler);
}

/* ---- each RequerySec= --------------------------------------------------- */

/* Where there is no room for a new device, forget silent ones of no account. */
static void
forget_stale(const struct scheduler_parts *parts)
{
	uint64_t now = clock_now_ms();
	struct device *device;

	if (registry_has_room(parts->registry))
		return;
	while (now > STALE_MS &&
	    (device = registry_stale(parts->registry, now - STALE_MS)) !=
		NULL) {
		events_forgotten(parts->events, device->id);
		registry_remove(parts->registry, device);
	}
}

static void
ask_configured(const struct scheduler_parts *parts)
{
	const struct config_devices *list = &parts->setup->config->devices;

	for (size_t i = 0; i < list->count; i++)
		identify_at_configured(parts->identify, &list->items[i]);
}

/* Ask a device again that may have gone, or may be another one by now. */
static void
ask_again(const struct scheduler_parts *parts, struct device *device)
{
	if (state_is_at_work(device->state) || device->state == STATE_IGNORED ||
	    device->cut_off[0] != '\0')
		return;
	if (identify_is_silent(parts->identify, device))
		device->info_known = false;
	id_conflict_again(parts->id_conflict, device);
	if (identify_is_wanted(device) || identify_may_clear(device))
		identify_at(parts->identify, device);
}

static void
on_requery(void *ctx)
{
	struct scheduler *scheduler = ctx;
	const struct scheduler_parts *parts = &scheduler->parts;
	struct device *device = NULL;

	outage_look_again(parts->outage);
	forget_stale(parts);
	ask_configured(parts);
	while ((device = registry_next(parts->registry, device)) != NULL)
		ask_again(parts, device);
	rejoin_all(parts->rejoin);
	scheduler_consider_soon(scheduler);
	parts->ops->asked(parts->ctx);
	timer_set(scheduler->requery,
	    UINT64_C(1000) * parts->setup->config->requery_sec);
}

void
scheduler_requery_soon(struct scheduler *scheduler)
{
	if (scheduler == NULL)
		return;
	timer_set(scheduler->requery, 0);
	scheduler_consider_soon(scheduler);
}

/* ---- orders ------------------------------------------------------------- */

bool
scheduler_may_order(struct scheduler *scheduler, const char *image)
{
	if (orders_tidy(scheduler->orders, scheduler->parts.registry))
		image_cache_tidy(scheduler->parts.images);
	return image == NULL || orders_policy(scheduler->orders, image) != NULL;
}

/* ---- life --------------------------------------------------------------- */

struct scheduler *
scheduler_new(const struct scheduler_parts *parts)
{
	struct scheduler *scheduler = xcalloc(1, sizeof(*scheduler));

	scheduler->parts = *parts;
	scheduler->orders = orders_new();
	scheduler->requery = timer_new(parts->base, on_requery, scheduler);
	scheduler->due = timer_new(parts->base, on_consider, scheduler);
	scheduler->again = timer_new(parts->base, on_consider, scheduler);
	scheduler->go_on = timer_new(parts->base, on_consider, scheduler);
	timer_set(scheduler->requery, 0);
	return scheduler;
}

void
scheduler_free(struct scheduler *scheduler)
{
	if (scheduler == NULL)
		return;
	timer_free(scheduler->requery);
	timer_free(scheduler->due);
	timer_free(scheduler->again);
	timer_free(scheduler->go_on);
	orders_free(scheduler->orders);
	free(scheduler);
}
