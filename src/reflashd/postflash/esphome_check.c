/* SPDX-License-Identifier: ISC */
/*
 * Asks at the ports of an ESPHome whether one is there, for an announcement
 * that may be forged.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/registry.h"
#include "core/esphome/esphome.h"
#include "io/http/client.h"
#include "reflashd/postflash/esphome_check.h"

#define KNOCK_MAX 64   /* addresses at a time */
#define KNOCK_MS  5000 /* for each question */

/* A check that is under way. */
struct knock {
	struct esphome_check *check; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	enum esphome_question at;
	struct client_call *call; /* borrowed */
	struct knock *prev, *next;
};

struct esphome_check {
	struct esphome_check_parts parts;
	struct knock *knocks; /* owned */
};

static void ask(struct knock *);

static void
knock_free(struct knock *knock)
{
	client_cancel(knock->call);
	DL_DELETE(knock->check->knocks, knock);
	free(knock);
}

static void
end_knock(struct knock *knock, const struct esphome_sign *sign)
{
	const struct esphome_check_parts *parts = &knock->check->parts;
	struct device *device = registry_find(parts->registry, knock->id);
	struct in_addr address = knock->address;

	knock_free(knock);
	if (device != NULL)
		parts->ended(device, address, sign, parts->ctx);
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
		end_knock(knock, &sign);
	else if (++knock->at < ESPHOME_QUESTIONS)
		ask(knock);
	else
		end_knock(knock, NULL);
}

/*
 * Ask at the port that belongs to the question.  With the port of an
 * announcement, a stranger could direct requests to any port.
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
	    client_send(knock->check->parts.client, &request, on_result, knock);
}

static bool
has_room(
    const struct esphome_check *check, const char *id, struct in_addr address)
{
	const struct knock *knock;
	size_t count = 0;

	DL_FOREACH (check->knocks, knock) {
		if (strcmp(knock->id, id) == 0 &&
		    knock->address.s_addr == address.s_addr)
			return false;
		count++;
	}
	return count < KNOCK_MAX;
}

struct esphome_check *
esphome_check_new(const struct esphome_check_parts *parts)
{
	struct esphome_check *check = xcalloc(1, sizeof(*check));

	check->parts = *parts;
	return check;
}

void
esphome_check_free(struct esphome_check *check)
{
	struct knock *knock, *next;

	if (check == NULL)
		return;
	DL_FOREACH_SAFE (check->knocks, knock, next)
		knock_free(knock);
	free(check);
}

void
esphome_check_at(struct esphome_check *check, const struct device *device,
    struct in_addr address)
{
	struct knock *knock;

	if (!has_room(check, device->id, address))
		return;
	knock = xcalloc(1, sizeof(*knock));
	knock->check = check;
	knock->address = address;
	text_copy(knock->id, sizeof(knock->id), device->id);
	DL_APPEND(check->knocks, knock);
	ask(knock);
}
