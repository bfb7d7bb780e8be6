/* SPDX-License-Identifier: ISC */
/*
 * Asks devices for their info while no job does, and notes the answers.
 * Discovery, the requery and the scheduler say which device.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/config/configuration.h"
#include "core/device/eligible.h"
#include "core/device/registry.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/device/probe.h"
#include "reflashd/events/devlog.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"

#define LOOK_AGAIN_MS 10000 /* the least pause after a look that failed */
#define MAX_LOOKS     16    /* because of announcements, in ten minutes */

struct identify {
	struct identify_parts parts;
	struct look *looks; /* owned */
};

/* A question under way. */
struct look {
	struct identify *owner; /* borrowed */
	struct device *device;	/* borrowed; NULL: any device at the address */
	struct in_addr address;
	uint16_t port;
	bool configured;     /* Device= names the address */
	struct probe *probe; /* borrowed */
	struct look *prev, *next;
};

static void on_look(const struct probe_answer *, void *ctx);

bool
identify_is_silent(const struct identify *identify, const struct device *device)
{
	return device->place.cut_off[0] == '\0' &&
	    clock_now_ms() > device->seen.last_ms +
		config_silence_ms(identify->parts.setup->config);
}

static bool
may_look(const struct device *device)
{
	return device->place.has_address && device->place.cut_off[0] == '\0' &&
	    device->look == NULL && device->job == NULL &&
	    clock_now_ms() >= device->seen.look_after_ms;
}

static bool
is_barred(const struct device *device)
{
	char detail[DEVICE_DETAIL_SIZE];

	return eligible_device(device, detail, sizeof(detail)) != REASON_NONE;
}

/* Return true if an answer can end the refusal; it cannot with a bad image. */
static bool
may_be_cleared(const struct device *device)
{
	return device->state != STATE_REFUSED ||
	    device->reason == REASON_WRONG_DEVICE;
}

bool
identify_is_wanted(const struct device *device)
{
	return !device->facts.info_known && may_be_cleared(device) &&
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

/* Ask the device at its address, which the caller has judged. */
static void
look_at(struct identify *identify, struct device *device)
{
	device->seen.look_waits =
	    !probe_has_room(identify->parts.prober, registry_is_known(device));
	if (!device->seen.look_waits)
		look_new(identify, device, device->place.address,
		    device->place.port);
}

void
identify_at(struct identify *identify, struct device *device)
{
	if (reachable_device_why_not(identify->parts.reachable, device) == NULL)
		look_at(identify, device);
}

void
identify_if_wanted(struct identify *identify, struct device *device)
{
	if (!identify_is_wanted(device))
		return;
	if (!device->facts.is_answered ||
	    ratelimit_take(&device->seen.looks, MAX_LOOKS, clock_now_ms()))
		look_at(identify, device);
}

/* Return true if device a goes first: a known one, or one that waits longer. */
static bool
is_before(const struct device *a, const struct device *b)
{
	if (registry_is_known(a) != registry_is_known(b))
		return registry_is_known(a);
	return a->seen.look_after_ms < b->seen.look_after_ms;
}

static void
look_at_next(struct identify *identify)
{
	struct registry *registry = identify->parts.registry;
	struct device *next = NULL;

	registry_foreach (registry, device)
		if (device->seen.look_waits &&
		    (identify_is_wanted(device) ||
			identify_may_clear(device)) &&
		    (next == NULL || is_before(device, next)))
			next = device;
	if (next != NULL)
		identify_at(identify, next);
}

/* Return true if the device is known at another address. */
static bool
is_elsewhere(const struct look *look, const struct device *device)
{
	return device->place.has_address && device->seen.is_present &&
	    device->place.address.s_addr != look->address.s_addr &&
	    look->port == DEVICE_PORT && !device_took_image(device);
}

/*
 * Find or make the device that has answered at a configured address.  NULL: its
 * answer does not count, or not yet.
 */
static struct device *
find_configured(struct look *look, const struct devapi_info *info)
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
	device->place.port = look->port;
	return device;
}

/* Return true if the kernel sees another MAC at the address: other hardware. */
static bool
reject_stranger(struct device *device, struct in_addr address)
{
	char mac[NEIGH_MAC_SIZE], text[INET_ADDRSTRLEN];

	if (mac_read(device, address, mac) != MAC_OTHER)
		return false;
	inet_ntop(AF_INET, &address, text, sizeof(text));
	device->seen.look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	devlog_rumour(device, LOG_WARNING,
	    "another device (%s, %s) claims this id: ignored", text, mac);
	return true;
}

/* The device answers under its old firmware: its flash is undone. */
static void
note_stock(
    struct look *look, struct device *device, const struct devapi_info *info)
{
	look->owner->parts.ops->is_stock(device, look->owner->parts.ctx);
	device_set_address(device, look->address, NULL);
	device->seen.is_present = true;
	device_learn(device, info);
	if (device->order.is_given && !state_is_at_work(device->state)) {
		devlog_device(device, LOG_INFO,
		    "it answers as before it was flashed, as was ordered "
		    "again");
		return; /* a failure would end the order that waited for it */
	}
	device_blame(device, REASON_CAME_BACK_STOCK,
	    "it answers as before it was flashed");
	device_post(device, STATE_EVENT_STOCK);
}

/* Firmware 3.0 to 3.2 answers, but has no info. */
static void
note_without_info(struct device *device)
{
	device->facts.has_no_info = true;
	/* Without an announcement, it may have newer firmware the next time. */
	device->facts.form = device->said.is_old ? DEVAPI_OLD : DEVAPI_WITH_ID;
	device->seen.look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	snprintf(device->facts.no_info, sizeof(device->facts.no_info),
	    "it answers like firmware 3.0 to 3.2, which gives no info");
}

static void
look_told(struct look *look, const struct probe_answer *answer)
{
	const struct devapi_reply *reply = answer->reply;
	struct device *device = look->device;

	if (device == NULL)
		device = find_configured(look, &reply->info);
	if (device == NULL)
		return;
	if ((device->download.told_at != 0 || device_took_image(device)) &&
	    reject_stranger(device, look->address))
		return;
	if (device_took_image(device)) {
		note_stock(look, device, &reply->info);
		return;
	}
	if (device->state == STATE_REBOOTING)
		device_set_address(device, look->address, NULL);
	device->seen.is_present = true;
	device->seen.last_ms = clock_now_ms();
	device->facts.encrypted = false;
	if (look->device != NULL)
		device->facts.form = answer->asked.form;
	if (answer->asked.call == DEVAPI_SIGNAL) {
		note_without_info(device);
		return;
	}
	device_learn(device, &reply->info);
	mac_learn(device);
}

/*
 * Return true if only an announcement says that the device is at this address:
 * an answer that does not confirm it may come from another device.
 */
static bool
is_hearsay(const struct look *look)
{
	const struct device *device = look->device;

	return device != NULL && !look->configured &&
	    (device_took_image(device) || state_is_at_work(device->state));
}

/* The announcement was wrong: note nothing about the device. */
static void
look_found_nobody(const struct look *look, const struct probe_answer *answer)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &look->address, text, sizeof(text));
	log_debug("device", "%s: device %s does not answer there: %s: %s", text,
	    look->device->id, answer->how, answer->why);
	look->device->seen.look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
}

/*
 * There was no info.  A configured device is present nevertheless if anything
 * has answered: its job finds out what is wrong with it.
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
	device->seen.look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
	if (answer->is_ours || outage_is_now(look->owner->parts.outage, device))
		return;		      /* the device could not answer */
	if (!device->facts.encrypted) /* else no_info says so */
		snprintf(device->facts.no_info, sizeof(device->facts.no_info),
		    "%s: %s", answer->how, answer->why);
	if (answer->somebody && look->configured)
		device->seen.is_present = true;
	else if (identify_is_silent(look->owner, device))
		device->seen.is_present = false;
}

/* Note the eWeLink mode in the words that a job has for it. */
static void
look_found_encrypted(struct device *device, const struct devapi_reply *reply)
{
	char how[sizeof(device->facts.no_info)];

	device->seen.look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
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
		registry_learned(parts->registry, device);
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
		/* The configuration counts unless the device is elsewhere. */
		if (!device->place.has_address ||
		    (!device->seen.is_present && !device_took_image(device))) {
			device_set_address(device, entry->address, NULL);
			device->place.port = entry->port;
		}
		if (device->place.address.s_addr != entry->address.s_addr)
			return; /* the device announces another one */
	} else if (reachable_is_at_work(parts->reachable, entry->address)) {
		return; /* one call at a time, and none beside a download */
	}
	if (reachable_why_not(parts->reachable, entry->address, NULL) != NULL) {
		if (device != NULL)
			registry_learned(parts->registry, device);
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
	    clock_now_ms() < device->seen.look_after_ms)
		return;
	device->seen.look_after_ms = clock_now_ms() + LOOK_AGAIN_MS;
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
