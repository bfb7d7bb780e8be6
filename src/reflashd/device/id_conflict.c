/* SPDX-License-Identifier: ISC */
/*
 * Finds out whether a device that is announced at another address has moved
 * there, or whether two devices claim the same id.
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
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/device/record.h"
#include "core/device/registry.h"
#include "core/flash/job.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/probe.h"
#include "reflashd/events/devlog.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"

#define CLAIM_MS 10000 /* the least pause before the next question */

struct id_conflict {
	struct id_conflict_parts parts;
	struct claim *claims; /* owned */
};

/* An address at which the id of a device is announced, and which is asked. */
struct claim {
	struct id_conflict *owner; /* borrowed */
	char id[DEVICE_ID_SIZE];
	char interface[sizeof(((struct device *)0)->place.interface)];
	struct in_addr address, old;
	struct probe *probe; /* borrowed */
	struct claim *prev, *next;
};

static void
claim_free(struct claim *claim)
{
	probe_cancel(claim->probe);
	DL_DELETE(claim->owner->claims, claim);
	free(claim);
}

static struct probe *
ask_address(struct claim *claim, const struct device *device,
    struct in_addr address, uint16_t port, probe_fn *fn)
{
	const struct probe_target target = {
		.address = address,
		.port = port,
		.id = claim->id,
		.device = device,
	};

	return probe_new(claim->owner->parts.prober, &target, fn, claim);
}

static void
blame_both(const struct claim *claim, struct device *device)
{
	char old[INET_ADDRSTRLEN], new[INET_ADDRSTRLEN];
	bool known = device->rival.address.s_addr == claim->address.s_addr;
	char both[128];

	device->rival.address = claim->address;
	text_copy(device->rival.interface, sizeof(device->rival.interface),
	    claim->interface);
	device->rival.answered_ms = clock_now_ms();
	if (known)
		return; /* it is logged already */
	inet_ntop(AF_INET, &claim->old, old, sizeof(old));
	inet_ntop(AF_INET, &claim->address, new, sizeof(new));
	snprintf(both, sizeof(both), "both %s and %s say that they are %s", old,
	    new, device->id);
	if (device->job == NULL || job_reconsider(device->job))
		devlog_rumour(device, LOG_WARNING, "%s", both);
}

static void
move_device(const struct claim *claim, struct device *device)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &claim->address, text, sizeof(text));
	devlog_rumour(device, LOG_INFO, "is at %s now", text);
	id_conflict_forget(device);
	device_set_address(device, claim->address, claim->interface);
	device->seen.is_present = true;
	device->facts.info_known = false;
	device->seen.look_after_ms = 0;
	claim->owner->parts.ops->moved(device, claim->owner->parts.ctx);
}

static void
reject_claimant(const struct claim *claim, struct device *device)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &claim->address, text, sizeof(text));
	devlog_rumour(device, LOG_WARNING,
	    "another device, at %s, says that it is this one: ignored. If it "
	    "is the same one behind a repeater: reflashctl forget %s",
	    text, device->id);
}

/* Return the device; NULL if the claim does not matter any more. */
static struct device *
device_of_claim(const struct claim *claim)
{
	struct device *device =
	    registry_find(claim->owner->parts.registry, claim->id);

	if (device == NULL ||
	    device->place.address.s_addr != claim->old.s_addr ||
	    device_took_image(device) || state_is_under_way(device->state))
		return NULL;
	return device;
}

static void
resolve_claim(struct claim *claim, struct device *device, bool old_answers)
{
	const struct id_conflict_parts *parts = &claim->owner->parts;

	if (old_answers)
		blame_both(claim, device);
	else if (mac_at(device, claim->address) == MAC_OTHER)
		reject_claimant(claim, device);
	else
		move_device(claim, device);
	claim_free(claim);
	if (!state_is_at_work(device->state))
		registry_learned(parts->registry, device);
}

static void
on_old_address_answer(const struct probe_answer *answer, void *ctx)
{
	struct claim *claim = ctx;
	struct device *device = device_of_claim(claim);

	claim->probe = NULL;
	if (device == NULL || answer->is_ours ||
	    outage_is_now(claim->owner->parts.outage, device))
		claim_free(claim); /* the old address could not answer */
	else
		resolve_claim(claim, device, probe_is_from(answer, claim->id));
}

/* The new address did not confirm the claim.  Forget a rival that is gone. */
static void
end_unanswered_claim(
    struct claim *claim, struct device *device, const char *why)
{
	const struct id_conflict_parts *parts = &claim->owner->parts;
	const struct device_rival *rival = &device->rival;

	log_debug("device",
	    "device %s: not at the address where it was announced: %s",
	    claim->id, why);
	if (rival->address.s_addr == claim->address.s_addr &&
	    clock_now_ms() >=
		rival->answered_ms + config_silence_ms(parts->setup->config)) {
		devlog_rumour(device, LOG_INFO,
		    "no other device claims to be this one any more");
		id_conflict_forget(device);
		parts->ops->over(parts->ctx);
	}
	claim_free(claim);
}

static void
on_new_address_answer(const struct probe_answer *answer, void *ctx)
{
	struct claim *claim = ctx;
	struct device *device = device_of_claim(claim);

	claim->probe = NULL;
	if (device == NULL) {
		claim_free(claim);
	} else if (!probe_is_from(answer, claim->id)) {
		end_unanswered_claim(claim, device, answer->why);
	} else if (mac_at(device, claim->address) == MAC_SAME ||
	    reachable_why_not(
		claim->owner->parts.reachable, claim->old, NULL) != NULL) {
		resolve_claim(claim, device, false);
	} else {
		claim->probe = ask_address(claim, device, claim->old,
		    device->place.port, on_old_address_answer);
	}
}

static void
claim_new(struct id_conflict *id_conflict, struct device *device,
    struct in_addr address, const char *interface)
{
	struct claim *claim = xcalloc(1, sizeof(*claim));

	claim->owner = id_conflict;
	claim->address = address;
	claim->old = device->place.address;
	text_copy(claim->id, sizeof(claim->id), device->id);
	text_copy(claim->interface, sizeof(claim->interface), interface);
	DL_APPEND(id_conflict->claims, claim);
	claim->probe = ask_address(
	    claim, device, address, DEVICE_PORT, on_new_address_answer);
}

void
id_conflict_heard(struct id_conflict *id_conflict, struct device *device,
    struct in_addr address, const char *interface)
{
	if (probe_has_room(
		id_conflict->parts.prober, registry_is_known(device)) &&
	    device_claim_take(device->claims, DEVICE_MAX_CLAIMS, address,
		clock_now_ms(), CLAIM_MS))
		claim_new(id_conflict, device, address, interface);
}

void
id_conflict_seen(struct id_conflict *id_conflict, struct device *device,
    struct in_addr address)
{
	claim_new(id_conflict, device, address, "");
}

void
id_conflict_again(struct id_conflict *id_conflict, struct device *device)
{
	const struct device_rival rival = device->rival;

	if (rival.address.s_addr != 0 &&
	    reachable_why_not(id_conflict->parts.reachable, rival.address,
		rival.interface) == NULL)
		id_conflict_heard(
		    id_conflict, device, rival.address, rival.interface);
}

void
id_conflict_forget(struct device *device)
{
	device->rival = (struct device_rival){ 0 };
}

struct id_conflict *
id_conflict_new(const struct id_conflict_parts *parts)
{
	struct id_conflict *id_conflict = xcalloc(1, sizeof(*id_conflict));

	id_conflict->parts = *parts;
	return id_conflict;
}

void
id_conflict_free(struct id_conflict *id_conflict)
{
	struct claim *claim, *next;

	if (id_conflict == NULL)
		return;
	DL_FOREACH_SAFE (id_conflict->claims, claim, next)
		claim_free(claim);
	free(id_conflict);
}
