/* SPDX-License-Identifier: ISC */
/*
 * Asks at intervals, at each address where a flashed device may be, whether the
 * device is back under its new firmware, and lets postflash_run verify it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/device/registry.h"
#include "core/flash/rejoin_hint.h"
#include "core/postflash/postflash.h"
#include "core/tasmota/tasmota.h"
#include "io/http/client.h"
#include "io/net/neigh.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/subnet.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/postflash/rejoin.h"

#define WATCH_MAX 32 /* devices that are looked for at a time */

/* A question to one address, for one device. */
struct watch {
	struct rejoin *rejoin; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	struct client_call *call; /* borrowed */
	struct watch *prev, *next;
};

struct rejoin {
	struct rejoin_parts parts;
	struct watch *watches; /* owned */
	unsigned watch_at;     /* which device the next round begins with */
};

/* Return true if the device is awaited and can be recognised by its MAC. */
static bool
is_awaited(const struct device *device)
{
	return device->place.mac[0] != '\0' && device_is_awaited(device);
}

static void
watch_free(struct watch *watch)
{
	client_cancel(watch->call);
	DL_DELETE(watch->rejoin->watches, watch);
	free(watch);
}

static void
on_watch(const struct client_result *result, void *ctx)
{
	struct watch *watch = ctx;
	const struct rejoin_parts *parts = &watch->rejoin->parts;
	struct device *device = registry_find(parts->registry, watch->id);
	struct in_addr address = watch->address;
	struct tasmota_facts facts = { 0 };
	struct error err;
	bool back = false;

	watch->call = NULL;
	watch_free(watch);
	if (result->end != CLIENT_OK || device == NULL || !is_awaited(device))
		return;
	if (tasmota_is_locked(result->body, result->body_len))
		back = mac_is_alone_at(device, address);
	else if (tasmota_read_status(
		     result->body, result->body_len, &facts, &err))
		back = strcasecmp(facts.mac, device->place.mac) == 0 &&
		    mac_at(device, address) == MAC_SAME;
	if (back)
		postflash_run_is_back(parts->postflash_run, device, address);
}

static void
ask_at(
    struct rejoin *rejoin, const struct device *device, struct in_addr address)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	watch->rejoin = rejoin;
	watch->address = address;
	text_copy(watch->id, sizeof(watch->id), device->id);
	DL_APPEND(rejoin->watches, watch);
	watch->call = postflash_run_get(rejoin->parts.postflash_run, address,
	    "Status 5", NULL, on_watch, watch);
}

static void
ask_where_it_may_be(struct rejoin *rejoin, const struct device *device,
    const struct neigh_table *table)
{
	struct in_addr found[POSTFLASH_MAX_ADDRESSES];
	size_t count = postflash_run_addresses(rejoin->parts.postflash_run,
	    device, table, found, POSTFLASH_MAX_ADDRESSES);

	for (size_t i = 0; i < count; i++)
		ask_at(rejoin, device, found[i]);
}

/* Sweep for an awaited device, in one network in each round. */
static void
sweep_for_awaited(struct rejoin *rejoin)
{
	int64_t now = (int64_t)(clock_now_ms() / 1000);

	registry_foreach (rejoin->parts.registry, device) {
		unsigned sec = rejoin_hint_search_sec(
		    (time_t)(now - device->since_s - device->unwatched_s));

		if (!is_awaited(device) || !device->place.has_address ||
		    sec == 0 || device->place.cut_off[0] != '\0' ||
		    !subnet_sweep(rejoin->parts.subnet, device->place.address,
			sec * UINT64_C(1000)))
			continue;
		subnet_tell(rejoin->parts.subnet);
		return;
	}
}

/* Ask where the MAC is seen besides the address, and where it was announced. */
static void
ask_elsewhere(struct rejoin *rejoin, const struct device *device,
    const struct neigh_table *table, bool is_heard)
{
	struct in_addr found[POSTFLASH_MAX_ADDRESSES], none = { 0 };
	size_t count = mac_find(table, device, none, rejoin->parts.reachable,
	    found, POSTFLASH_MAX_ADDRESSES);

	for (size_t i = 0; i < count; i++)
		if (found[i].s_addr != device->place.address.s_addr)
			ask_at(rejoin, device, found[i]);
	if (is_heard)
		postflash_run_knock_at_each(
		    rejoin->parts.postflash_run, device, found, count);
}

void
rejoin_swept(struct rejoin *rejoin)
{
	struct neigh_table table;

	mac_load_table(&table);
	registry_foreach (rejoin->parts.registry, device) {
		bool is_heard = device->awaited.heard_at.s_addr != 0;

		if (is_heard)
			postflash_run_heard(
			    rejoin->parts.postflash_run, device, false);
		if (is_awaited(device))
			ask_elsewhere(rejoin, device, &table, is_heard);
	}
	neigh_fini(&table);
}

void
rejoin_all(struct rejoin *rejoin)
{
	unsigned skip = rejoin->watch_at, seen = 0, asked = 0;
	struct neigh_table table = { 0 };

	sweep_for_awaited(rejoin);
	if (rejoin->watches != NULL)
		return; /* the last round is not over */
	registry_foreach (rejoin->parts.registry, device) {
		if (!is_awaited(device) || device->place.cut_off[0] != '\0' ||
		    seen++ < skip || asked == WATCH_MAX)
			continue;
		if (asked++ == 0)
			mac_load_table(&table);
		ask_where_it_may_be(rejoin, device, &table);
	}
	neigh_fini(&table);
	rejoin->watch_at = skip + asked >= seen ? 0 : skip + asked;
}

struct rejoin *
rejoin_new(const struct rejoin_parts *parts)
{
	struct rejoin *rejoin = xcalloc(1, sizeof(*rejoin));

	rejoin->parts = *parts;
	return rejoin;
}

void
rejoin_free(struct rejoin *rejoin)
{
	struct watch *watch, *next;

	if (rejoin == NULL)
		return;
	DL_FOREACH_SAFE (rejoin->watches, watch, next)
		watch_free(watch);
	free(rejoin);
}
