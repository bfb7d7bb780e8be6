/* SPDX-License-Identifier: ISC */
/*
 * Asks devices again in rounds, so that the daemon notices those that are gone,
 * or that have become another device.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/config/configuration.h"
#include "core/device/registry.h"
#include "io/timer.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/events/events.h"
#include "reflashd/net/outage.h"
#include "reflashd/postflash/rejoin.h"
#include "reflashd/schedule/requery.h"
#include "reflashd/schedule/scheduler.h"

#define STALE_MS 600000 /* silent for so long, it is forgotten for another */

struct requery {
	struct requery_parts parts;
	struct timer *timer; /* owned */
};

/* Forget silent devices of no account, if there is no room for a new one. */
static void
forget_stale(const struct requery_parts *parts)
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
ask_configured(const struct requery_parts *parts)
{
	const struct config_devices *list = &parts->setup->config->devices;

	for (size_t i = 0; i < list->count; i++)
		identify_at_configured(parts->identify, &list->items[i]);
}

/* Ask a device again that may have gone, or may be another one by now. */
static void
ask_again(const struct requery_parts *parts, struct device *device)
{
	if (state_is_at_work(device->state) || device->state == STATE_IGNORED ||
	    device->place.cut_off[0] != '\0')
		return;
	if (identify_is_silent(parts->identify, device))
		device->facts.info_known = false;
	id_conflict_again(parts->id_conflict, device);
	if (identify_is_wanted(device) || identify_may_clear(device))
		identify_at(parts->identify, device);
}

static void
on_requery(void *ctx)
{
	struct requery *requery = ctx;
	const struct requery_parts *parts = &requery->parts;
	outage_look_again(parts->outage);
	forget_stale(parts);
	ask_configured(parts);
	registry_foreach (parts->registry, device)
		ask_again(parts, device);
	rejoin_all(parts->rejoin);
	scheduler_consider_soon(parts->scheduler);
	parts->asked(parts->ctx);
	timer_set(
	    requery->timer, UINT64_C(1000) * parts->setup->config->requery_sec);
}

void
requery_soon(struct requery *requery)
{
	if (requery == NULL)
		return;
	timer_set(requery->timer, 0);
	scheduler_consider_soon(requery->parts.scheduler);
}

struct requery *
requery_new(const struct requery_parts *parts)
{
	struct requery *requery = xcalloc(1, sizeof(*requery));

	requery->parts = *parts;
	requery->timer = timer_new(parts->base, on_requery, requery);
	timer_set(requery->timer, 0);
	return requery;
}

void
requery_free(struct requery *requery)
{
	if (requery == NULL)
		return;
	timer_free(requery->timer);
	free(requery);
}
