/* SPDX-License-Identifier: ISC */
/* Connects to the ports of an ESPHome, to see whether one is really there. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/client.h"
#include "reflashd/aftercare.h"
#include "reflashd/knock.h"

#define KNOCK_MAX 64   /* addresses at a time */
#define KNOCK_MS  3000 /* for each port */

/*
 * Not the port of the announcement: that would let anybody send our calls to
 * any port.  The last one is of use only where nothing else can have it.
 */
static const uint16_t ports[] = {
	6053, /* the native API (components/api) */
	8266, /* updates (components/esphome/ota, on an ESP8266) */
	80,   /* the web server, which a Tasmota has, too */
};

struct knock {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	size_t count, at;	  /* of the ports */
	struct client_call *call; /* borrowed */
	struct knock *prev, *next;
};

static void try_port(struct knock *);

static void
knock_free(struct knock *knock)
{
	client_cancel(knock->call);
	DL_DELETE(knock->daemon->knocks, knock);
	free(knock);
}

static void
end(struct knock *knock, bool accepted)
{
	struct daemon *daemon = knock->daemon;
	struct device *device = registry_find(daemon->registry, knock->id);
	struct in_addr address = knock->address;

	knock_free(knock);
	if (device != NULL)
		aftercare_knocked(daemon, device, address, accepted);
}

/* Whatever it says: no ESPHome speaks HTTP at its API. */
static bool
is_accepted(const struct client_result *result)
{
	return result->end == CLIENT_OK || result->end == CLIENT_RESET ||
	    result->end == CLIENT_EMPTY || result->end == CLIENT_BAD ||
	    (result->end == CLIENT_TIMEOUT && result->sent);
}

static void
on_result(const struct client_result *result, void *ctx)
{
	struct knock *knock = ctx;

	knock->call = NULL;
	if (is_accepted(result))
		end(knock, true);
	else if (knock->at < knock->count)
		try_port(knock);
	else
		end(knock, false);
}

static void
try_port(struct knock *knock)
{
	const struct client_request request = {
		.http = { .method = "GET",
		    .path = "/",
		    .address = knock->address,
		    .port = ports[knock->at++] },
		.timeout_ms = KNOCK_MS,
	};

	knock->call =
	    client_send(knock->daemon->client, &request, on_result, knock);
}

static bool
has_room(const struct daemon *daemon, const char *id, struct in_addr address)
{
	const struct knock *knock;
	size_t count = 0;

	DL_FOREACH (daemon->knocks, knock) {
		if (strcmp(knock->id, id) == 0 &&
		    knock->address.s_addr == address.s_addr)
			return false;
		count++;
	}
	return count < KNOCK_MAX;
}

void
knock_at(
    struct daemon *daemon, const struct device *device, struct in_addr address)
{
	struct knock *knock;

	if (!has_room(daemon, device->id, address))
		return;
	knock = xcalloc(1, sizeof(*knock));
	knock->daemon = daemon;
	knock->address = address;
	knock->count = sizeof(ports) / sizeof(ports[0]);
	if (device->expect != DEVICE_EXPECT_ESPHOME)
		knock->count--;
	text_copy(knock->id, sizeof(knock->id), device->id);
	DL_APPEND(daemon->knocks, knock);
	try_port(knock);
}

void
knock_stop(struct daemon *daemon)
{
	struct knock *knock, *next;

	DL_FOREACH_SAFE (daemon->knocks, knock, next)
		knock_free(knock);
}
