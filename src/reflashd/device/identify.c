/* SPDX-License-Identifier: ISC */
/*
 * Asks devices that no job asks who they are and what they run, and notes what
 * they answer.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/config/configuration.h"
#include "core/device/eligible.h"
#include "core/device/registry.h"
#include "io/net/neigh.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/device/probe.h"
#include "reflashd/events/devlog.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"

#define SILENT_TICKS  3	    /* requeries without a sign: it is absent */
#define LOOK_AGAIN_MS 10000 /* no sooner after a look that failed */

struct identify {
	struct identify_parts parts;
	struct look *looks; /* owned */
};

/* A question that is under way. */
struct look {
	struct identify *owner; /* borrowed */
	struct device *device;	/* borrowed; NULL: any, at that address */
	struct in_addr address;
	uint16_t port;
	bool configured;     /* only the configuration says that it is there */
	struct probe *probe; /* borrowed */
	struct look *prev, *next;
};

static void on_look(const struct probe_answer *, void *ctx);

bool
identify_is_silent(const struct identify *identify, const struct device *device)
{
	return device->cut_off[0] == '\0' &&
	    clock_now_ms() > device->seen_ms +
		UINT64_C(1000) * SILENT_TICKS *
		    identify->parts.setup->config->requery_sec;
}

static bool
may_look(const struct device *device)
{
	return device->has_address && device->cut_off[0] == '\0' &&
	    device->look == NULL && device->job == NULL &&
	    clock_now_ms() >= device->look_after_ms;
}

static bool
is_barred(const struct device *device)
{
	char detail[DEVICE_DETAIL_SIZE];

	return eligible_device(device, detail, sizeof(detail)) != REASON_NONE;
}

/* What an answer can put right: not a bad image, say. */
static bool
may_be_cleared(const struct device *device)
{
	return device->state != STATE_REFUSED ||
	    device->reason == REASON_WRONG_DEVICE;
}

bool
identify_is_wanted(const struct device *device)
{
	return !device->info_known && may_be_cleared(device) &&
	    may_look(device) && !is_barred(device);
}

bool
identify_may_clear(const struct device *device)
{
	return may_look(device) && is_barred(device) &&
	    eligible_may_become(device);
}

static struct look *
look_new(struct identify *identify, struct device *device,
    struct in_addr address, uint16_t port)
{
	struct look *look = xcalloc(1, sizeof(*look));
	const struct probe_target target = {
		.address = address,
		.port = port,
		.id = device != NULL ? device->id : NULL,
		.device = device,
		.is_known = device == NULL || registry_is_known(device),
	};

	look->owner = identify;
	look->device = device;
	look->address = address;
	look->port = port;
	DL_APPEND(identify->looks, look);
	if (device != NULL)
		device->look = look;
	look->probe = probe_new(identify->parts.prober, &target, on_look, look);
	return look;
}

static void
look_free(struct look *look)
{
	if (look->device != NULL && look->device->look == look)
		look->device->look = NULL;
	probe_cancel(look->probe);
	DL_DELETE(look->owner->looks, look);
	free(look);
}

void
identify_at(struct identify *identify, struct device *device)
{
	if (reachable_device_why_not(identify->parts.reachable, device) != NULL)
		return;
	device->look_waits =
	    !probe_has_room(identify->parts.prober, registry_is_known(device));
	if (!device->look_waits)
		look_new(identify, device, device->address, device->port);
}

/* Of those that wait for room: the known ones first, then the longest. */
static bool
is_before(const struct device *a, const struct device *b)
{
	if (registry_is_known(a) != registry_is_known(b))
		return registry_is_known(a);
	return a->look_after_ms < b->look_after_ms;
}

static void
look_at_next(struct identify *identify)
{
	struct registry *registry = identify->parts.registry;
	struct device *device = NULL, *next = NULL;

	while ((device = registry_next(registry, device)) != NULL)
		if (device->look_waits &&
		    (identify_is_wanted(device) ||
			identify_may_clear(device)) &&
		    (next == NULL || is_before(device, next)))
			next = device;
	if (next != NULL)
		identify_at(identify, next);
}

/* Known at another address: a probe must confirm the move first. */
static bool
is_elsewhere(const struct look *look, const struct device *device)
{
	return device->has_address && device->present &&
	    device->address.s_addr != look->address.s_addr &&
	    look->port == DEVICE_PORT && !device_took_image(device);
}

/* A configured device has told its id. */
static struct device *
introduce(struct look *look, const struct devapi_info *info)
{
	struct device *device;

	if (info->id[0] == '\0')
		return NULL;
	device =
	    registry_get(look->owner->parts.registry, info->id, DEVICE_NAMED);
	if (device == NULL)
		return NULL;
	if (is_elsewhere(look, device))
		id_conflict_heard(
		    look->owner->parts.id_conflict, device, look->address, "");
	if (is_elsewhere(look, device) || device->job != NULL)
		return NULL;
	if (device_took_image(device))
		return device; /* its address is not settled yet */
	device_set_address(device, look->address, NULL);
	device->port = look->port;
	return device;
}

/* Is other hardware there, whatever id it claims? */
static bool
turn_away_stranger(struct device *device, struct in_addr address)
{
	char mac[NEIGH_MAC_SIZE], text[INET_ADDRSTRLEN];
	struct error err;

	if (device->mac[0] == '\0' || !neigh_find_mac(address, mac, &err) ||
	    strcasecmp(mac, device->mac) == 0)
		return false;
	inet_ntop(AF_INET, &address, text, sizeof(text));
	device->look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	devlog_rumour(device, LOG_WARNING,
	    "another device (%s, %s) claims this id: ignored", text, mac);
	return true;
}

/* The device runs its old firmware, whatever was believed. */
static void
is_stock_again(
    struct look *look, struct device *device, const struct devapi_info *info)
{
	look->owner->parts.ops->is_stock(device, look->owner->parts.ctx);
	device_set_address(device, look->address, NULL);
	device->present = true;
	device_learn(device, info);
	if (device->ordered && !state_is_at_work(device->state)) {
		devlog_device(device, LOG_INFO,
		    "it answers as before it was flashed, as was ordered "
		    "again");
		return; /* a failure would end the order that waited for it */
	}
	device_blame(device, REASON_CAME_BACK_STOCK,
	    "it answers as before it was flashed");
	device_post(device, STATE_EVENT_STOCK);
}

/* Firmware 3.0 to 3.2: that it is there is all that it tells. */
static void
is_without_info(struct device *device)
{
	device->has_no_info = true;
	/* What announces nothing may have newer firmware the next time. */
	device->form = device->said.is_old ? DEVAPI_OLD : DEVAPI_WITH_ID;
	device->look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	snprintf(device->no_info, sizeof(device->no_info),
	    "it answers as firmware 3.0 to 3.2 does, which tells no info");
}

static void
look_told(struct look *look, const struct probe_answer *answer)
{
	const struct devapi_reply *reply = answer->reply;
	struct device *device = look->device;

	if (device == NULL)
		device = introduce(look, &reply->info);
	if (device == NULL)
		return;
	if ((device->told_at != 0 || device_took_image(device)) &&
	    turn_away_stranger(device, look->address))
		return;
	if (device_took_image(device)) {
		is_stock_again(look, device, &reply->info);
		return;
	}
	if (device->state == STATE_REBOOTING)
		device_set_address(device, look->address, NULL);
	device->present = true;
	device->seen_ms = clock_now_ms();
	device->encrypted = false;
	if (look->device != NULL)
		device->form = answer->asked.form;
	if (answer->asked.call == DEVAPI_SIGNAL) {
		is_without_info(device);
		return;
	}
	device_learn(device, &reply->info);
	mac_learn(device);
}

/*
 * Only an announcement says that the old firmware of this device is at this
 * address: whatever answers there in another way need not be the device.
 */
static bool
is_hearsay(const struct look *look)
{
	const struct device *device = look->device;

	return device != NULL && !look->configured &&
	    (device_took_image(device) || state_is_at_work(device->state));
}

/* The announcement was not true, and nothing is learnt of the device. */
static void
look_found_nobody(const struct look *look, const struct probe_answer *answer)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &look->address, text, sizeof(text));
	log_debug("device", "%s: device %s does not answer there: %s: %s", text,
	    look->device->id, answer->how, answer->why);
	look->device->look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
}

/*
 * No info, but perhaps a sign of somebody: that is all that makes a configured
 * device present, and its job will find out what is wrong with it.
 */
static void
look_failed(struct look *look, const struct probe_answer *answer)
{
	struct device *device = look->device;
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &look->address, text, sizeof(text));
	log_debug(
	    "device", "%s: no info: %s: %s", text, answer->how, answer->why);
	if (device == NULL)
		return;
	device->look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	if (answer->is_ours || outage_is_now(look->owner->parts.outage, device))
		return;		/* nothing that it could have answered */
	if (!device->encrypted) /* that has been answered */
		snprintf(device->no_info, sizeof(device->no_info), "%s: %s",
		    answer->how, answer->why);
	if (answer->somebody && look->configured)
		device->present = true;
	else if (identify_is_silent(look->owner, device))
		device->present = false;
}

/* In the words that a job has for it. */
static void
look_found_encrypted(struct device *device, const struct devapi_reply *reply)
{
	char how[sizeof(device->no_info)];

	device->look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	devapi_describe("info", reply, how, sizeof(how));
	device_learn_encrypted(device, how);
}

static void
on_look(const struct probe_answer *answer, void *ctx)
{
	const struct devapi_reply *reply = answer->reply;
	struct look *look = ctx;
	struct identify *identify = look->owner;
	const struct identify_parts *parts = &identify->parts;
	struct device *device = look->device;

	look->probe = NULL;
	if (probe_is_from(answer, device != NULL ? device->id : NULL))
		look_told(look, answer);
	else if (is_hearsay(look))
		look_found_nobody(look, answer);
	else if (reply != NULL && device != NULL &&
	    devapi_reason(DEVAPI_INFO, reply) == REASON_NOT_DIY_MODE)
		look_found_encrypted(device, reply);
	else
		look_failed(look, answer);
	look_free(look);
	look_at_next(identify);
	if (device != NULL && state_is_at_work(device->state))
		return;
	if (device != NULL)
		parts->ops->learned(device, parts->ctx);
	else
		parts->ops->asked(parts->ctx);
}

void
identify_at_configured(
    struct identify *identify, const struct config_device *entry)
{
	const struct identify_parts *parts = &identify->parts;
	struct device *device = NULL;
	struct look *look;

	if (entry->id[0] != '\0') {
		device = registry_get(parts->registry, entry->id, DEVICE_NAMED);
		if (device == NULL || device->job != NULL ||
		    device->look != NULL)
			return;
		/* Where it is not, or not known to be, it is as it is told. */
		if (!device->has_address ||
		    (!device->present && !device_took_image(device))) {
			device_set_address(device, entry->address, NULL);
			device->port = entry->port;
		}
		if (device->address.s_addr != entry->address.s_addr)
			return; /* it announces another one itself */
	} else if (reachable_is_at_work(parts->reachable, entry->address)) {
		return; /* one call at a time, and none beside a download */
	}
	if (reachable_why_not(parts->reachable, entry->address, NULL) != NULL) {
		if (device != NULL)
			parts->ops->learned(device, parts->ctx);
		return;
	}
	look = look_new(identify, device, entry->address, entry->port);
	look->configured = true;
}

void
identify_whether_stock(struct identify *identify, struct device *device,
    struct in_addr address, const char *interface)
{
	const struct identify_parts *parts = &identify->parts;

	if (device->look != NULL || !probe_has_room(parts->prober, true) ||
	    reachable_why_not(parts->reachable, address, interface) != NULL ||
	    clock_now_ms() < device->look_after_ms)
		return;
	device->look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	look_new(identify, device, address, DEVICE_PORT);
}

void
identify_hang_up(struct identify *identify, struct device *device)
{
	struct look *look, *next;

	DL_FOREACH_SAFE (identify->looks, look, next)
		if (look->device == device)
			look_free(look);
}

struct identify *
identify_new(const struct identify_parts *parts)
{
	struct identify *identify = xcalloc(1, sizeof(*identify));

	identify->parts = *parts;
	return identify;
}

void
identify_free(struct identify *identify)
{
	struct look *look, *next;

	if (identify == NULL)
		return;
	DL_FOREACH_SAFE (identify->looks, look, next)
		look_free(look);
	free(identify);
}
