/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/device/record.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/probe.h"
#include "reflashd/events/devlog.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/schedule/scheduler.h"

#define CLAIM_MS     10000 /* an address is asked no sooner again */
#define SILENT_TICKS 3	   /* requeries without an answer: it is gone */

struct id_conflict {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	char interface[sizeof(((struct device *)0)->interface)];
	struct in_addr address, old;
	struct probe *probe; /* borrowed */
	struct id_conflict *prev, *next;
};

static void
claim_free(struct id_conflict *id_conflict)
{
	probe_cancel(id_conflict->probe);
	DL_DELETE(id_conflict->daemon->claims, id_conflict);
	free(id_conflict);
}

/* A place for one more address of this id; false: none now. */
static bool
take_place(struct device *device, struct in_addr address)
{
	struct device_claim *place = NULL, *c = device->claims;
	uint64_t now = clock_now_ms();

	for (size_t i = 0; i < DEVICE_MAX_CLAIMS; i++) {
		if (now >= c[i].until_ms)
			place = &c[i];
		else if (c[i].address.s_addr == address.s_addr)
			return false;
	}
	if (place == NULL)
		return false;
	place->address = address;
	place->until_ms = now + CLAIM_MS;
	return true;
}

static struct probe *
ask(struct id_conflict *id_conflict, const struct device *device,
    struct in_addr address, uint16_t port, probe_fn *fn)
{
	const struct probe_target target = {
		.address = address,
		.port = port,
		.id = id_conflict->id,
		.device = device,
		.is_known = registry_is_known(device),
	};

	return probe_new(id_conflict->daemon->prober, &target, fn, id_conflict);
}

/* ---- what comes of it -------------------------------------------------- */

static void
blame_both(const struct id_conflict *id_conflict, struct device *device)
{
	char old[INET_ADDRSTRLEN], new[INET_ADDRSTRLEN];
	bool known =
	    device->rival.address.s_addr == id_conflict->address.s_addr;
	char both[128];

	device->rival.address = id_conflict->address;
	text_copy(device->rival.interface, sizeof(device->rival.interface),
	    id_conflict->interface);
	device->rival.answered_ms = clock_now_ms();
	if (known)
		return; /* it has been said */
	inet_ntop(AF_INET, &id_conflict->old, old, sizeof(old));
	inet_ntop(AF_INET, &id_conflict->address, new, sizeof(new));
	snprintf(both, sizeof(both), "both %s and %s say that they are %s", old,
	    new, device->id);
	if (device->job == NULL || job_reconsider(device->job))
		devlog_rumour(device, LOG_WARNING, "%s", both);
}

static void
moved(const struct id_conflict *id_conflict, struct device *device)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &id_conflict->address, text, sizeof(text));
	devlog_rumour(device, LOG_INFO, "is at %s now", text);
	id_conflict_forget(device);
	device_set_address(
	    device, id_conflict->address, id_conflict->interface);
	device->present = true;
	device->info_known = false;
	device->look_after_ms = 0;
	flash_moved(device);
}

static void
turn_away(const struct id_conflict *id_conflict, struct device *device)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &id_conflict->address, text, sizeof(text));
	devlog_rumour(device, LOG_WARNING,
	    "another device, at %s, says that it is this one: ignored. If it "
	    "is the same one behind a repeater: reflashctl forget %s",
	    text, device->id);
}

/* The device, unless what the claim is about is over. */
static struct device *
device_of(const struct id_conflict *id_conflict)
{
	struct device *device =
	    registry_find(id_conflict->daemon->registry, id_conflict->id);

	if (device == NULL ||
	    device->address.s_addr != id_conflict->old.s_addr ||
	    device_took_image(device) || record_is_under_way(device))
		return NULL;
	return device;
}

static void
settle(struct id_conflict *id_conflict, struct device *device, bool old_answers)
{
	struct daemon *daemon = id_conflict->daemon;

	if (old_answers)
		blame_both(id_conflict, device);
	else if (mac_at(device, id_conflict->address) == MAC_OTHER)
		turn_away(id_conflict, device);
	else
		moved(id_conflict, device);
	claim_free(id_conflict);
	if (!state_is_at_work(device->state))
		scheduler_consider(daemon->scheduler, device);
}

static void
on_old(const struct probe_answer *answer, void *ctx)
{
	struct id_conflict *id_conflict = ctx;
	struct device *device = device_of(id_conflict);

	id_conflict->probe = NULL;
	if (device == NULL || answer->is_ours ||
	    outage_is_now(id_conflict->daemon->outage, device))
		claim_free(id_conflict); /* it had no chance to answer */
	else
		settle(id_conflict, device,
		    probe_is_from(answer, id_conflict->id));
}

/* Nobody answers there.  A rival that was switched off is none any more. */
static void
is_not_there(
    struct id_conflict *id_conflict, struct device *device, const char *why)
{
	struct daemon *daemon = id_conflict->daemon;
	const struct device_rival *rival = &device->rival;
	uint64_t patience_ms =
	    UINT64_C(1000) * SILENT_TICKS * daemon->setup.config->requery_sec;

	log_debug("device",
	    "device %s: not at the address where it was announced: %s",
	    id_conflict->id, why);
	if (rival->address.s_addr == id_conflict->address.s_addr &&
	    clock_now_ms() >= rival->answered_ms + patience_ms) {
		devlog_rumour(device, LOG_INFO,
		    "nobody else says any more that it is this device");
		id_conflict_forget(device);
		scheduler_consider_soon(daemon->scheduler);
	}
	claim_free(id_conflict);
}

static void
on_new(const struct probe_answer *answer, void *ctx)
{
	struct id_conflict *id_conflict = ctx;
	struct device *device = device_of(id_conflict);

	id_conflict->probe = NULL;
	if (device == NULL) {
		claim_free(id_conflict);
	} else if (!probe_is_from(answer, id_conflict->id)) {
		is_not_there(id_conflict, device, answer->why);
	} else if (mac_at(device, id_conflict->address) == MAC_SAME ||
	    reachable_why_not(id_conflict->daemon->reachable, id_conflict->old,
		NULL) != NULL) {
		settle(id_conflict, device, false);
	} else {
		id_conflict->probe = ask(id_conflict, device, id_conflict->old,
		    device->port, on_old);
	}
}

static void
claim_new(struct daemon *daemon, struct device *device, struct in_addr address,
    const char *interface)
{
	struct id_conflict *id_conflict = xcalloc(1, sizeof(*id_conflict));

	id_conflict->daemon = daemon;
	id_conflict->address = address;
	id_conflict->old = device->address;
	text_copy(id_conflict->id, sizeof(id_conflict->id), device->id);
	text_copy(
	    id_conflict->interface, sizeof(id_conflict->interface), interface);
	DL_APPEND(daemon->claims, id_conflict);
	id_conflict->probe =
	    ask(id_conflict, device, address, DEVICE_PORT, on_new);
}

void
id_conflict_heard(struct daemon *daemon, struct device *device,
    struct in_addr address, const char *interface)
{
	if (probe_has_room(daemon->prober, registry_is_known(device)) &&
	    take_place(device, address))
		claim_new(daemon, device, address, interface);
}

void
id_conflict_seen(
    struct daemon *daemon, struct device *device, struct in_addr address)
{
	claim_new(daemon, device, address, "");
}

void
id_conflict_again(struct daemon *daemon, struct device *device)
{
	const struct device_rival rival = device->rival;

	if (rival.address.s_addr != 0 &&
	    reachable_why_not(
		daemon->reachable, rival.address, rival.interface) == NULL)
		id_conflict_heard(
		    daemon, device, rival.address, rival.interface);
}

void
id_conflict_forget(struct device *device)
{
	device->rival = (struct device_rival){ 0 };
}

void
id_conflict_stop(struct daemon *daemon)
{
	struct id_conflict *id_conflict, *next;

	DL_FOREACH_SAFE (daemon->claims, id_conflict, next)
		claim_free(id_conflict);
}
