/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/after.h"
#include "core/tasmota.h"
#include "io/client.h"
#include "reflashd/aftercare.h"
#include "reflashd/watch.h"

#define WATCH_MAX 32 /* flashed devices that are looked for at a time */

/* A look for one flashed device. */
struct watch {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	struct client_call *call; /* borrowed */
	struct watch *prev, *next;
};

static void
watch_free(struct watch *watch)
{
	client_cancel(watch->call);
	DL_DELETE(watch->daemon->watches, watch);
	free(watch);
}

static void
on_watch(const struct client_result *result, void *ctx)
{
	struct watch *watch = ctx;
	struct daemon *daemon = watch->daemon;
	struct device *device = registry_find(daemon->registry, watch->id);
	struct in_addr address = watch->address;
	struct tasmota_facts facts = { 0 };
	struct error err;
	bool back = false;

	watch->call = NULL;
	watch_free(watch);
	if (result->end != CLIENT_OK || device == NULL ||
	    device->state != STATE_FLASHED || device->after != NULL)
		return;
	if (tasmota_is_locked(result->body, result->body_len))
		back = aftercare_is_mac_at(device, address);
	else if (tasmota_read_status(
		     result->body, result->body_len, &facts, &err))
		back = strcasecmp(facts.mac, device->mac) == 0;
	if (back)
		aftercare_is_back(daemon, device, address);
}

static void
watch_for(struct daemon *daemon, const struct device *device)
{
	struct in_addr found[AFTER_MAX_ADDRESSES];
	size_t count =
	    aftercare_addresses(daemon, device, found, AFTER_MAX_ADDRESSES);

	for (size_t i = 0; i < count; i++) {
		struct watch *watch = xcalloc(1, sizeof(*watch));

		watch->daemon = daemon;
		watch->address = found[i];
		text_copy(watch->id, sizeof(watch->id), device->id);
		DL_APPEND(daemon->watches, watch);
		watch->call = aftercare_get(
		    daemon, found[i], "Status 5", NULL, on_watch, watch);
	}
}

void
watch_all(struct daemon *daemon)
{
	struct device *device = NULL;
	unsigned skip = daemon->watch_at, seen = 0, asked = 0;

	if (daemon->watches != NULL)
		return; /* the last round is not over */
	while ((device = registry_next(daemon->registry, device)) != NULL) {
		if (device->state != STATE_FLASHED || device->mac[0] == '\0')
			continue;
		if (seen++ < skip || asked == WATCH_MAX)
			continue;
		watch_for(daemon, device);
		asked++;
	}
	daemon->watch_at = skip + asked >= seen ? 0 : skip + asked;
}

void
watch_stop(struct daemon *daemon)
{
	struct watch *watch, *next;

	DL_FOREACH_SAFE (daemon->watches, watch, next)
		watch_free(watch);
}
