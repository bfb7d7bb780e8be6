/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/device/record.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/probe.h"
#include "reflashd/events/devlog.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/roster.h"
#include "reflashd/work.h"

#define CLAIM_MS     10000 /* an address is asked no sooner again */
#define SILENT_TICKS 3	   /* requeries without an answer: it is gone */

struct claim {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	char interface[sizeof(((struct device *)0)->interface)];
	struct in_addr address, old;
	struct inquiry *inquiry; /* borrowed */
	struct claim *prev, *next;
};

static void
claim_free(struct claim *claim)
{
	inquiry_cancel(claim->inquiry);
	DL_DELETE(claim->daemon->claims, claim);
	free(claim);
}

/* A place for one more address of this id; false: none now. */
static bool
take_place(struct device *device, struct in_addr address)
{
	struct device_claim *place = NULL, *c = device->claims;
	uint64_t now = daemon_now_ms();

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

static struct inquiry *
ask(struct claim *claim, const struct device *device, struct in_addr address,
    uint16_t port, inquiry_fn *fn)
{
	const struct inquiry_target target = {
		.address = address,
		.port = port,
		.id = claim->id,
		.device = device,
		.is_known = registry_is_known(device),
	};

	return inquiry_new(claim->daemon, &target, fn, claim);
}

/* ---- what comes of it -------------------------------------------------- */

static void
blame_both(const struct claim *claim, struct device *device)
{
	char old[INET_ADDRSTRLEN], new[INET_ADDRSTRLEN];
	bool known = device->rival.address.s_addr == claim->address.s_addr;
	char both[128];

	device->rival.address = claim->address;
	text_copy(device->rival.interface, sizeof(device->rival.interface),
	    claim->interface);
	device->rival.answered_ms = daemon_now_ms();
	if (known)
		return; /* it has been said */
	inet_ntop(AF_INET, &claim->old, old, sizeof(old));
	inet_ntop(AF_INET, &claim->address, new, sizeof(new));
	snprintf(both, sizeof(both), "both %s and %s say that they are %s", old,
	    new, device->id);
	if (device->job == NULL || job_reconsider(device->job))
		devlog_rumour(device, LOG_WARNING, "%s", both);
}

static void
moved(const struct claim *claim, struct device *device)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &claim->address, text, sizeof(text));
	devlog_rumour(device, LOG_INFO, "is at %s now", text);
	claim_forget(device);
	device_set_address(device, claim->address, claim->interface);
	device->present = true;
	device->info_known = false;
	device->look_after_ms = 0;
	work_moved(device);
}

static void
turn_away(const struct claim *claim, struct device *device)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &claim->address, text, sizeof(text));
	devlog_rumour(device, LOG_WARNING,
	    "another device, at %s, says that it is this one: ignored. If it "
	    "is the same one behind a repeater: reflashctl forget %s",
	    text, device->id);
}

/* The device, unless what the claim is about is over. */
static struct device *
device_of(const struct claim *claim)
{
	struct device *device =
	    registry_find(claim->daemon->registry, claim->id);

	if (device == NULL || device->address.s_addr != claim->old.s_addr ||
	    device_took_image(device) || record_is_under_way(device))
		return NULL;
	return device;
}

static void
settle(struct claim *claim, struct device *device, bool old_answers)
{
	struct daemon *daemon = claim->daemon;

	if (old_answers)
		blame_both(claim, device);
	else if (mac_at(device, claim->address) == MAC_OTHER)
		turn_away(claim, device);
	else
		moved(claim, device);
	claim_free(claim);
	if (!state_is_at_work(device->state))
		roster_consider(daemon, device);
}

static void
on_old(const struct inquiry_answer *answer, void *ctx)
{
	struct claim *claim = ctx;
	struct device *device = device_of(claim);

	claim->inquiry = NULL;
	if (device == NULL || answer->is_ours || outage_is_now(device))
		claim_free(claim); /* it had no chance to answer */
	else
		settle(claim, device, inquiry_is_from(answer, claim->id));
}

/* Nobody answers there.  A rival that was switched off is none any more. */
static void
is_not_there(struct claim *claim, struct device *device, const char *why)
{
	struct daemon *daemon = claim->daemon;
	const struct device_rival *rival = &device->rival;
	uint64_t patience_ms =
	    UINT64_C(1000) * SILENT_TICKS * daemon->setup.config->requery_sec;

	log_debug("device",
	    "device %s: not at the address where it was announced: %s",
	    claim->id, why);
	if (rival->address.s_addr == claim->address.s_addr &&
	    daemon_now_ms() >= rival->answered_ms + patience_ms) {
		devlog_rumour(device, LOG_INFO,
		    "nobody else says any more that it is this device");
		claim_forget(device);
		roster_consider_soon(daemon);
	}
	claim_free(claim);
}

static void
on_new(const struct inquiry_answer *answer, void *ctx)
{
	struct claim *claim = ctx;
	struct device *device = device_of(claim);

	claim->inquiry = NULL;
	if (device == NULL) {
		claim_free(claim);
	} else if (!inquiry_is_from(answer, claim->id)) {
		is_not_there(claim, device, answer->why);
	} else if (mac_at(device, claim->address) == MAC_SAME ||
	    reachable_why_not(claim->daemon, claim->old, NULL) != NULL) {
		settle(claim, device, false);
	} else {
		claim->inquiry =
		    ask(claim, device, claim->old, device->port, on_old);
	}
}

static void
claim_new(struct daemon *daemon, struct device *device, struct in_addr address,
    const char *interface)
{
	struct claim *claim = xcalloc(1, sizeof(*claim));

	claim->daemon = daemon;
	claim->address = address;
	claim->old = device->address;
	text_copy(claim->id, sizeof(claim->id), device->id);
	text_copy(claim->interface, sizeof(claim->interface), interface);
	DL_APPEND(daemon->claims, claim);
	claim->inquiry = ask(claim, device, address, DEVICE_PORT, on_new);
}

void
claim_heard(struct daemon *daemon, struct device *device,
    struct in_addr address, const char *interface)
{
	if (inquiry_has_room(daemon, registry_is_known(device)) &&
	    take_place(device, address))
		claim_new(daemon, device, address, interface);
}

void
claim_seen(struct daemon *daemon, struct device *device, struct in_addr address)
{
	claim_new(daemon, device, address, "");
}

void
claim_again(struct daemon *daemon, struct device *device)
{
	const struct device_rival rival = device->rival;

	if (rival.address.s_addr != 0 &&
	    reachable_why_not(daemon, rival.address, rival.interface) == NULL)
		claim_heard(daemon, device, rival.address, rival.interface);
}

void
claim_forget(struct device *device)
{
	device->rival = (struct device_rival){ 0 };
}

void
claim_stop(struct daemon *daemon)
{
	struct claim *claim, *next;

	DL_FOREACH_SAFE (daemon->claims, claim, next)
		claim_free(claim);
}
