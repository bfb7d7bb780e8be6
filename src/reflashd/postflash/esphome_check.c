/* SPDX-License-Identifier: ISC */
/*
 * Asks at the ports of an ESPHome whether one is really there, where one is
 * announced.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/esphome/esphome.h"
#include "io/http/client.h"
#include "reflashd/postflash/esphome_check.h"
#include "reflashd/postflash/postflash_run.h"

#define KNOCK_MAX 64   /* addresses at a time */
#define KNOCK_MS  5000 /* for each question */

struct knock {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	enum esphome_question at;
	struct client_call *call; /* borrowed */
	struct knock *prev, *next;
};

static void ask(struct knock *);

static void
knock_free(struct knock *knock)
{
	client_cancel(knock->call);
	DL_DELETE(knock->daemon->knocks, knock);
	free(knock);
}

static void
end(struct knock *knock, const struct esphome_sign *sign)
{
	struct daemon *daemon = knock->daemon;
	struct device *device = registry_find(daemon->registry, knock->id);
	struct in_addr address = knock->address;

	knock_free(knock);
	if (device != NULL)
		aftercare_knocked(daemon, device, address, sign);
}

static bool
is_enough(const char *data, size_t len, void *ctx)
{
	const struct knock *knock = ctx;
	struct esphome_sign sign;

	return esphome_judge(knock->at, data, len, &sign) != ESPHOME_MORE;
}

static void
on_result(const struct client_result *result, void *ctx)
{
	struct knock *knock = ctx;
	struct esphome_sign sign;

	knock->call = NULL;
	if (esphome_judge(knock->at, result->body, result->body_len, &sign) ==
	    ESPHOME_YES)
		end(knock, &sign);
	else if (++knock->at < ESPHOME_QUESTIONS)
		ask(knock);
	else
		end(knock, NULL);
}

/*
 * Not at the port of the announcement: that would let anybody send our calls to
 * any port.
 */
static void
ask(struct knock *knock)
{
	const struct esphome_ask *what = esphome_ask(knock->at);
	const struct client_request request = {
		.http = { .address = knock->address, .port = what->port },
		.raw = what->data,
		.raw_len = what->len,
		.is_enough = is_enough,
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
	text_copy(knock->id, sizeof(knock->id), device->id);
	DL_APPEND(daemon->knocks, knock);
	ask(knock);
}

void
knock_stop(struct daemon *daemon)
{
	struct knock *knock, *next;

	DL_FOREACH_SAFE (daemon->knocks, knock, next)
		knock_free(knock);
}
