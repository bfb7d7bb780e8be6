/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/announce.h"
#include "core/configuration.h"
#include "core/gate.h"
#include "io/client.h"
#include "io/images.h"
#include "io/route.h"
#include "core/campaign.h"
#include "reflashd/aftercare.h"
#include "reflashd/identity.h"
#include "reflashd/orders.h"
#include "reflashd/roster.h"
#include "reflashd/tell.h"
#include "reflashd/work.h"

#define LOOK_MS	      5000  /* a device that answers does so in < 1 s */
#define LOOK_AGAIN_MS 10000 /* no sooner after a look that failed */
#define SILENT_TICKS  3	    /* requeries without a sign before it is absent */
#define CLOCK_MS      30000 /* what waits by the wall clock: it may be set */
#define FACTS_MS      5000  /* how long our own addresses are remembered */

/* A question asked outside of jobs: who is at this address? */
struct look {
	struct daemon *daemon; /* borrowed */
	struct device *device; /* borrowed; NULL: any, at that address */
	struct in_addr address;
	uint16_t port;
	bool omit_id;
	bool rival;		  /* does the old address still answer, too? */
	bool configured;	  /* nobody but us says that it is there */
	struct client_call *call; /* borrowed */
	struct look *prev, *next;
};

static void look_send(struct look *);

/* ---- may it be contacted? ---------------------------------------------- */

static const struct address_facts *
own_facts(void)
{
	static struct address_facts facts;
	static uint64_t loaded_ms;
	struct error err;

	if (facts.own != NULL && daemon_now_ms() < loaded_ms + FACTS_MS)
		return &facts;
	route_fini(&facts);
	if (!route_load(&facts, &err))
		log_warning("network: %s", err.text);
	loaded_ms = daemon_now_ms();
	return &facts;
}

/* Why not, or NULL.  The sentence is good until the next call. */
const char *
roster_why_not_contact(const struct daemon *daemon, struct in_addr address)
{
	static struct error err;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	if (!match_nets_has(&daemon->setup.config->allow_networks, address)) {
		error_set(&err, EPERM, "%s is not in AllowNetworks", text);
		return err.text;
	}
	/* Loopback is never among the defaults: somebody rehearses there. */
	if (ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET)
		return NULL;
	if (!address_may_be_contacted(own_facts(), address, NULL, false, &err))
		return err.text;
	return NULL;
}

static const char *
world_forbidden(const struct device *device, void *ctx)
{
	return device->has_address
	    ? roster_why_not_contact(ctx, device->address)
	    : NULL;
}

/* ---- decisions --------------------------------------------------------- */

struct view {
	struct daemon *daemon;
	struct image *image; /* a reference, for the time of a decision */
	struct error *why;   /* borrowed */
};

static void
world_image(const struct policy *policy, struct decide_image *out, void *ctx)
{
	struct view *view = ctx;

	image_unref(view->image);
	view->image =
	    image_cache_get(view->daemon->images, policy->image, view->why);
	*out = (struct decide_image){ .name = policy->image };
	if (view->image == NULL) {
		out->missing = view->why->text;
		return;
	}
	out->name = image_name(view->image);
	out->sha256 = image_sha256(view->image);
	out->size = image_size(view->image);
	out->report = image_report(view->image);
}

static const char *
view_forbidden(const struct device *device, void *ctx)
{
	return world_forbidden(device, ((struct view *)ctx)->daemon);
}

static const struct policy *
view_order(const struct device *device, void *ctx)
{
	return orders_policy(
	    ((struct view *)ctx)->daemon->orders, device->order_image);
}

/* What every job needs, and a person's order too. */
static enum hold
wait_for_means(const struct daemon *daemon, char *detail, size_t size)
{
	if (daemon->disk.broken) {
		snprintf(detail, size, "%s", daemon->disk.why);
		return HOLD_PAUSED;
	}
	if (daemon->at_work >= daemon->setup.config->max_parallel)
		return HOLD_SLOT;
	return HOLD_NONE;
}

static enum hold
world_wait(const struct device *device, const struct policy *policy,
    const struct decide_image *image, char *detail, size_t size, void *ctx)
{
	struct daemon *daemon = ((struct view *)ctx)->daemon;
	time_t wall = time(NULL);
	bool stopped = false;
	struct tm local;
	enum hold hold;

	if (device->ordered)
		return wait_for_means(daemon, detail, size);
	if (policy->action == POLICY_ASK &&
	    strcmp(device->approved, image->sha256) != 0)
		return HOLD_APPROVAL;
	if (localtime_r(&wall, &local) == NULL ||
	    !policy_window_open(policy, &local))
		return HOLD_WINDOW;
	hold = campaign_wait(daemon->campaign, device, policy, image->sha256,
	    wall, detail, size, &stopped);
	if (stopped)
		daemon_policy_stopped(daemon, policy, detail);
	return hold != HOLD_NONE ? hold : wait_for_means(daemon, detail, size);
}

static void
view_decide(
    struct view *view, const struct device *device, struct decision *out)
{
	const struct decide_world world = {
		.policies = view->daemon->setup.policies,
		.now_ms = daemon_now_ms(),
		.ctx = view,
		.image = world_image,
		.order = view_order,
		.forbidden = view_forbidden,
		.wait = world_wait,
	};

	decide(device, &world, out);
}

void
roster_decide(
    struct daemon *daemon, const struct device *device, struct decision *out)
{
	static struct error why; /* what out->image.missing points to */
	struct view view = { .daemon = daemon, .why = &why };

	view_decide(&view, device, out);
	image_unref(view.image); /* the cache keeps it for the caller */
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
		strcmp(device->detail, decision->detail) == 0);
}

/* Post what was decided, unless that is what it is already. */
static void
settle(struct device *device, const struct decision *decision, enum state state,
    enum machine_event event)
{
	bool told = device->name[0] != '\0' || device->info_known;

	if (is_same_decision(device, state, decision) &&
	    (state != STATE_SEEN || device->told_seen || !told))
		return;
	text_copy(device->policy, sizeof(device->policy),
	    decision->policy ? decision->policy->name : "");
	if (decision->hold == HOLD_BACKOFF)
		return; /* the failure has said it */
	device->hold = decision->hold;
	device->reason = decision->reason;
	text_copy(device->detail, sizeof(device->detail), decision->detail);
	if (state == STATE_SEEN)
		device->told_seen = true;
	device_post(device, event);
}

static bool
wants_look(const struct device *device)
{
	char detail[DEVICE_DETAIL_SIZE];

	return !device->info_known && device->has_address &&
	    device->look == NULL && device->job == NULL &&
	    daemon_now_ms() >= device->look_after_ms &&
	    gate_device(device, detail, sizeof(detail)) == REASON_NONE;
}

static struct look *
look_new(struct daemon *daemon, struct device *device, struct in_addr address,
    uint16_t port)
{
	struct look *look = xcalloc(1, sizeof(*look));

	look->daemon = daemon;
	look->device = device;
	look->address = address;
	look->port = port;
	look->omit_id = device == NULL || device->omit_id;
	DL_APPEND(daemon->looks, look);
	return look;
}

static void
look_free(struct look *look)
{
	if (look->device != NULL && look->device->look == look)
		look->device->look = NULL;
	client_cancel(look->call);
	DL_DELETE(look->daemon->looks, look);
	free(look);
}

static void
look_at(struct daemon *daemon, struct device *device)
{
	struct look *look;

	if (roster_why_not_contact(daemon, device->address) != NULL)
		return;
	look = look_new(daemon, device, device->address, device->port);
	device->look = look;
	look_send(look);
}

static void
start(struct view *view, struct device *device, const struct decision *decision)
{
	text_copy(
	    device->policy, sizeof(device->policy), decision->policy->name);
	device_clear_blame(device);
	if (device->look != NULL)
		look_free(device->look);
	if (!device->told_seen)
		tell_seen(device);
	device->told_seen = true;
	work_start(view->daemon, device, decision->policy, view->image);
}

void
roster_consider(struct daemon *daemon, struct device *device)
{
	struct error why;
	struct view view = { .daemon = daemon, .why = &why };
	struct decision decision;

	view_decide(&view, device, &decision);
	switch (decision.what) {
	case DECIDE_NOTHING:
		break;
	case DECIDE_ASK:
	case DECIDE_OBSERVE:
		settle(device, &decision, STATE_SEEN, MACHINE_OBSERVE);
		if (wants_look(device))
			look_at(daemon, device);
		break;
	case DECIDE_IGNORE:
		settle(device, &decision, STATE_IGNORED, MACHINE_IGNORE);
		break;
	case DECIDE_REFUSE:
		settle(device, &decision, STATE_REFUSED, MACHINE_REFUSE);
		break;
	case DECIDE_HOLD:
		if (decision.hold == HOLD_ABSENT && device->look != NULL)
			break; /* its answer will tell */
		settle(device, &decision, STATE_HELD, MACHINE_HOLD);
		break;
	case DECIDE_START:
		start(&view, device, &decision);
		break;
	}
	image_unref(view.image);
}

/* When the first held device may go by the clock; then all are looked at. */
static void
schedule_due(struct daemon *daemon)
{
	uint64_t now = daemon_now_ms(), first = UINT64_MAX;
	struct device *device = NULL;
	struct timeval tv;

	while ((device = registry_next(daemon->registry, device)) != NULL) {
		uint64_t at = UINT64_MAX;

		if (device->state == STATE_HELD && device->hold == HOLD_BACKOFF)
			at = device->hold_until_ms;
		else if (device->state == STATE_HELD &&
		    (device->hold == HOLD_WINDOW || device->hold == HOLD_SOAK ||
			daemon->disk.broken))
			at = now + CLOCK_MS;
		if (at < first)
			first = at;
	}
	if (first == UINT64_MAX) {
		evtimer_del(daemon->due);
		return;
	}
	first = first > now ? first - now : 0;
	tv = (struct timeval){ (time_t)(first / 1000),
		(suseconds_t)(first % 1000 * 1000) };
	evtimer_add(daemon->due, &tv);
}

void
roster_consider_all(struct daemon *daemon)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (!state_is_at_work(device->state))
			roster_consider(daemon, device);
	schedule_due(daemon);
}

void
roster_consider_soon(struct daemon *daemon)
{
	struct timeval now = { 0, 0 };

	if (!daemon->stopping)
		evtimer_add(daemon->again, &now);
}

/* ---- questions --------------------------------------------------------- */

static void
blame_rival(struct look *look)
{
	struct device *device = look->device;
	char old[INET_ADDRSTRLEN], new[INET_ADDRSTRLEN];
	char both[128];

	inet_ntop(AF_INET, &look->address, old, sizeof(old));
	inet_ntop(AF_INET, &device->address, new, sizeof(new));
	device->rival = look->address;
	snprintf(both, sizeof(both), "both %s and %s say that they are %s", old,
	    new, device->id);
	if (device->job != NULL && job_may_cancel(device->job))
		job_refuse(device->job, REASON_WRONG_DEVICE, both);
	else
		tell_device(device, LOG_WARNING, "%s", both);
}

static bool
is_reply_of(const struct devapi_reply *reply, const struct look *look)
{
	if (!reply->has_error || reply->error != 0)
		return false;
	if (reply->info.id[0] == '\0')
		return !look->omit_id;
	return look->device == NULL ||
	    strcmp(reply->info.id, look->device->id) == 0;
}

/* A configured device has told its id. */
static struct device *
introduce(struct look *look, const struct devapi_info *info)
{
	struct device *device;

	if (info->id[0] == '\0')
		return NULL;
	device = registry_get(look->daemon->registry, info->id, true);
	if (device == NULL || device->job != NULL)
		return NULL;
	device->address = look->address;
	device->has_address = true;
	device->port = look->port;
	return device;
}

/* Believed to run a new firmware, or to be about to. */
static bool
is_flashed(const struct device *device)
{
	return device->state == STATE_FLASHED ||
	    device->state == STATE_VERIFIED || device->state == STATE_VERIFYING;
}

/* It runs its old firmware, whatever we believed. */
static void
is_stock_again(struct daemon *daemon, struct device *device)
{
	aftercare_abandon(daemon, device);
	device_blame(device, REASON_CAME_BACK_STOCK,
	    "it answers as before it was flashed");
	device_post(device, MACHINE_STOCK);
}

static void
look_told(struct look *look, const struct devapi_reply *reply)
{
	struct device *device = look->device;

	if (device == NULL)
		device = introduce(look, &reply->info);
	if (device == NULL)
		return;
	device->present = true;
	device->seen_ms = daemon_now_ms();
	device->omit_id = look->omit_id && look->device != NULL;
	device_learn(device, &reply->info);
	identity_learn(device);
	if (is_flashed(device))
		is_stock_again(look->daemon, device);
}

/*
 * No info, but perhaps a sign of somebody: that is all that makes a configured
 * device present, and its job will find out what is wrong with it.
 */
static void
look_failed(struct look *look, const char *why, bool somebody)
{
	struct device *device = look->device;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &look->address, text, sizeof(text));
	log_debug("device", "%s: no info: %s", text, why);
	if (device == NULL)
		return;
	device->look_after_ms = daemon_now_ms() + LOOK_AGAIN_MS;
	if (somebody && look->configured)
		device->present = true;
	else if (daemon_now_ms() > device->seen_ms +
		UINT64_C(1000) * SILENT_TICKS *
		    look->daemon->setup.config->requery_sec)
		device->present = false;
}

/* The reply, or NULL and why there is none that can be used. */
static void
look_done(struct look *look, const struct devapi_reply *reply, const char *why,
    bool somebody)
{
	struct daemon *daemon = look->daemon;
	struct device *device = look->device;

	if (look->rival) {
		if (reply != NULL && is_reply_of(reply, look))
			blame_rival(look);
	} else if (reply != NULL && is_reply_of(reply, look)) {
		look_told(look, reply);
	} else if (reply != NULL && device != NULL &&
	    (reply->encrypted || reply->error == 401)) {
		device->encrypted = true;
	} else {
		look_failed(look, why, somebody);
	}
	look_free(look);
	if (device != NULL && state_is_at_work(device->state))
		return;
	if (device != NULL)
		roster_consider(daemon, device);
	else
		roster_consider_soon(daemon);
}

static void
on_look(const struct client_result *result, void *ctx)
{
	struct look *look = ctx;
	struct devapi_reply reply;
	struct error err;

	look->call = NULL;
	if (result->end != CLIENT_OK) {
		bool silent = result->sent && result->end != CLIENT_BAD;

		/* 3.7.6 may answer without the key (NJH sonoff-ota#18). */
		if (silent && look->device != NULL && !look->rival &&
		    !look->omit_id) {
			look->omit_id = true;
			look_send(look);
			return;
		}
		look_done(look, NULL, result->why, result->sent);
	} else if (!devapi_parse_reply(
		       result->body, result->body_len, &reply, &err)) {
		look_done(look, NULL, err.text, true);
	} else {
		look_done(look, &reply, "it is another device", true);
	}
}

static void
look_send(struct look *look)
{
	const char *id = look->omit_id ? NULL : look->device->id;
	char *body = devapi_request(id);
	struct client_request request = {
		.http = { .address = look->address,
		    .port = look->port,
		    .method = "POST",
		    .path = devapi_path(DEVAPI_INFO),
		    .content_type = "application/json",
		    .body = body,
		    .body_len = strlen(body) },
		.timeout_ms = LOOK_MS,
		.may_repeat = true,
	};

	look->call = client_send(look->daemon->client, &request, on_look, look);
	free(body);
}

static void
look_at_configured(struct daemon *daemon, const struct config_device *entry)
{
	struct device *device = NULL;
	struct look *look;

	if (entry->id[0] != '\0') {
		device = registry_get(daemon->registry, entry->id, true);
		if (device == NULL || device->job != NULL ||
		    device->look != NULL)
			return;
		if (!device->has_address) {
			device->address = entry->address;
			device->port = entry->port;
			device->has_address = true;
		}
		if (device->address.s_addr != entry->address.s_addr)
			return; /* it announces another one itself */
	}
	if (roster_why_not_contact(daemon, entry->address) != NULL) {
		if (device != NULL)
			roster_consider(daemon, device);
		return;
	}
	look = look_new(daemon, device, entry->address, entry->port);
	look->configured = true;
	if (device != NULL)
		device->look = look;
	look_send(look);
}

void
roster_requery(struct daemon *daemon)
{
	const struct config_devices *list = &daemon->setup.config->devices;
	uint64_t silent_ms =
	    UINT64_C(1000) * SILENT_TICKS * daemon->setup.config->requery_sec;
	struct device *device = NULL;

	for (size_t i = 0; i < list->count; i++)
		look_at_configured(daemon, &list->items[i]);
	while ((device = registry_next(daemon->registry, device)) != NULL) {
		bool silent = daemon_now_ms() > device->seen_ms + silent_ms;

		if (state_is_at_work(device->state) ||
		    device->state == STATE_IGNORED)
			continue;
		if (silent)
			device->info_known = false;
		if (wants_look(device))
			look_at(daemon, device);
	}
	aftercare_watch(daemon);
	roster_consider_soon(daemon);
}

void
roster_hang_up(struct daemon *daemon, struct device *device)
{
	struct look *look, *next;

	DL_FOREACH_SAFE (daemon->looks, look, next)
		if (look->device == device)
			look_free(look);
}

void
roster_stop(struct daemon *daemon)
{
	struct look *look, *next;

	DL_FOREACH_SAFE (daemon->looks, look, next)
		look_free(look);
}

/* ---- announcements ----------------------------------------------------- */

/* The id is at another address now, or at two. */
static void
moved(struct daemon *daemon, struct device *device, struct in_addr address)
{
	struct look *look;

	if (device->rival.s_addr == address.s_addr)
		return;
	look = look_new(daemon, device, device->address, device->port);
	look->rival = true;
	look->omit_id = device->omit_id;
	tell_device(device, LOG_INFO, "announced at %s", inet_ntoa(address));
	device->address = address;
	device->info_known = false;
	device->look_after_ms = 0;
	look_send(look);
}

/* While it fetches, its address is the one that was told to fetch. */
static bool
may_move(const struct device *device)
{
	return device->state != STATE_OFFERING &&
	    device->state != STATE_DOWNLOADING;
}

static void
take_facts(struct device *device, const struct announce *a)
{
	if (a->port != 0)
		device->port = a->port;
	text_copy(device->interface, sizeof(device->interface), a->interface);
	text_escape(device->name, sizeof(device->name), a->instance,
	    strlen(a->instance));
	if (a->type[0] != '\0')
		text_copy(device->type, sizeof(device->type), a->type);
	if (a->firmware[0] != '\0')
		text_copy(
		    device->firmware, sizeof(device->firmware), a->firmware);
	device->encrypted = a->encrypted;
	device->has_switches = a->has_switches;
}

/*
 * The announcement of its old firmware may come from a cache that does not
 * know better: only an answer counts.
 */
static void
look_whether_stock(struct daemon *daemon, struct device *device)
{
	if (device->look != NULL || !device->has_address ||
	    daemon_now_ms() < device->look_after_ms)
		return;
	device->look_after_ms = daemon_now_ms() + LOOK_AGAIN_MS;
	look_at(daemon, device);
}

static void
seen(struct daemon *daemon, const struct announce *a)
{
	struct device *device = registry_get(daemon->registry, a->id, false);

	if (device == NULL) {
		log_debug("discovery", "no room for %s", a->id);
		return;
	}
	device->seen_ms = daemon_now_ms();
	if (a->has_address && device->has_address &&
	    a->address.s_addr != device->address.s_addr) {
		if (!may_move(device))
			return;
		moved(daemon, device, a->address);
	} else if (a->has_address) {
		device->address = a->address;
		device->has_address = true;
	}
	if (is_flashed(device)) {
		look_whether_stock(daemon, device);
		return;
	}
	take_facts(device, a);
	device->present = true;
	if (!state_is_at_work(device->state))
		roster_consider(daemon, device);
}

void
roster_announced(struct daemon *daemon, const struct announce *a)
{
	if (strcmp(a->service, ANNOUNCE_EWELINK) != 0) {
		if (a->kind == ANNOUNCE_SEEN)
			aftercare_announced(daemon, a);
		return;
	}
	if (!a->is_target || a->id[0] == '\0')
		log_debug("discovery", "%s: %s", a->instance, a->text);
	else if (a->kind == ANNOUNCE_SEEN)
		seen(daemon, a);
	else
		log_debug("discovery", "%s: said to be gone", a->id);
}
