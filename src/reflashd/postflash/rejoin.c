/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/flash/rejoin_hint.h"
#include "core/postflash/postflash.h"
#include "core/tasmota/tasmota.h"
#include "io/http/client.h"
#include "io/net/neigh.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/postflash/rejoin.h"
#include "reflashd/postflash/subnet.h"

#define WATCH_MAX 32 /* devices that are looked for at a time */

/* A look for one device. */
struct rejoin {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	struct client_call *call; /* borrowed */
	struct rejoin *prev, *next;
};

/* And what it is known by is known. */
static bool
is_awaited(const struct device *device)
{
	return device->mac[0] != '\0' && device_is_awaited(device);
}

static void
watch_free(struct rejoin *rejoin)
{
	client_cancel(rejoin->call);
	DL_DELETE(rejoin->daemon->watches, rejoin);
	free(rejoin);
}

static void
on_watch(const struct client_result *result, void *ctx)
{
	struct rejoin *rejoin = ctx;
	struct daemon *daemon = rejoin->daemon;
	struct device *device = registry_find(daemon->registry, rejoin->id);
	struct in_addr address = rejoin->address;
	struct tasmota_facts facts = { 0 };
	struct error err;
	bool back = false;

	rejoin->call = NULL;
	watch_free(rejoin);
	if (result->end != CLIENT_OK || device == NULL || !is_awaited(device))
		return;
	if (tasmota_is_locked(result->body, result->body_len))
		back = mac_is_alone_at(device, address);
	else if (tasmota_read_status(
		     result->body, result->body_len, &facts, &err))
		back = strcasecmp(facts.mac, device->mac) == 0 &&
		    mac_at(device, address) == MAC_SAME;
	if (back)
		postflash_run_is_back(daemon, device, address);
}

static void
ask_at(
    struct daemon *daemon, const struct device *device, struct in_addr address)
{
	struct rejoin *rejoin = xcalloc(1, sizeof(*rejoin));

	rejoin->daemon = daemon;
	rejoin->address = address;
	text_copy(rejoin->id, sizeof(rejoin->id), device->id);
	DL_APPEND(daemon->watches, rejoin);
	rejoin->call = postflash_run_get(
	    daemon, address, "Status 5", NULL, on_watch, rejoin);
}

static void
watch_for(struct daemon *daemon, const struct device *device,
    const struct neigh_table *table)
{
	struct in_addr found[POSTFLASH_MAX_ADDRESSES];
	size_t count = postflash_run_addresses(
	    daemon, device, table, found, POSTFLASH_MAX_ADDRESSES);

	for (size_t i = 0; i < count; i++)
		ask_at(daemon, device, found[i]);
}

/* None, where the kernel does not tell. */
static void
see_neighbours(struct neigh_table *table)
{
	struct error err;

	if (!neigh_load(table, &err))
		log_debug("device", "%s", err.text);
}

/* ---- at other addresses ------------------------------------------------ */

/* One network a round, even if they were on many. */
static void
sweep_for_awaited(struct daemon *daemon)
{
	const struct timeval answers = { SUBNET_ANSWER_SEC, 0 };
	struct device *device = NULL;
	int64_t now = (int64_t)(clock_now_ms() / 1000);

	while ((device = registry_next(daemon->registry, device)) != NULL) {
		unsigned sec = rejoin_hint_search_sec(
		    (time_t)(now - device->since_s - device->unwatched_s));

		if (!is_awaited(device) || !device->has_address || sec == 0 ||
		    device->cut_off[0] != '\0' ||
		    !subnet_sweep(
			daemon, device->address, sec * UINT64_C(1000)))
			continue;
		evtimer_add(daemon->swept, &answers);
		return;
	}
}

/* Its MAC is seen where it was not, or somebody has announced it. */
static void
ask_elsewhere(struct daemon *daemon, const struct device *device,
    const struct neigh_table *table, bool is_heard)
{
	struct in_addr found[POSTFLASH_MAX_ADDRESSES];
	size_t count = neigh_find_addresses(
	    table, device->mac, found, POSTFLASH_MAX_ADDRESSES);

	for (size_t i = 0; i < count; i++)
		if (found[i].s_addr != device->address.s_addr &&
		    reachable_why_not(daemon->reachable, found[i], NULL) ==
			NULL)
			ask_at(daemon, device, found[i]);
	if (is_heard)
		postflash_run_knock_at_each(daemon, device, found, count);
}

void
rejoin_swept(struct daemon *daemon)
{
	struct device *device = NULL;
	struct neigh_table table;

	see_neighbours(&table);
	while ((device = registry_next(daemon->registry, device)) != NULL) {
		bool is_heard = device->heard_at.s_addr != 0;

		if (is_heard)
			postflash_run_heard(daemon, device, false);
		if (is_awaited(device))
			ask_elsewhere(daemon, device, &table, is_heard);
	}
	neigh_fini(&table);
}

/* ---- rounds ------------------------------------------------------------ */

void
rejoin_all(struct daemon *daemon)
{
	struct device *device = NULL;
	unsigned skip = daemon->watch_at, seen = 0, asked = 0;
	struct neigh_table table = { 0 };

	sweep_for_awaited(daemon);
	if (daemon->watches != NULL)
		return; /* the last round is not over */
	while ((device = registry_next(daemon->registry, device)) != NULL) {
		if (!is_awaited(device) || device->cut_off[0] != '\0' ||
		    seen++ < skip || asked == WATCH_MAX)
			continue;
		if (asked++ == 0)
			see_neighbours(&table);
		watch_for(daemon, device, &table);
	}
	neigh_fini(&table);
	daemon->watch_at = skip + asked >= seen ? 0 : skip + asked;
}

void
rejoin_stop(struct daemon *daemon)
{
	struct rejoin *rejoin, *next;

	DL_FOREACH_SAFE (daemon->watches, rejoin, next)
		watch_free(rejoin);
}
