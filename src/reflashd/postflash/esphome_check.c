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

struct esphome_check {
	struct daemon *daemon; /* borrowed */
	char id[DEVICE_ID_SIZE];
	struct in_addr address;
	enum esphome_question at;
	struct client_call *call; /* borrowed */
	struct esphome_check *prev, *next;
};

static void ask(struct esphome_check *);

static void
knock_free(struct esphome_check *esphome_check)
{
	client_cancel(esphome_check->call);
	DL_DELETE(esphome_check->daemon->knocks, esphome_check);
	free(esphome_check);
}

static void
end(struct esphome_check *esphome_check, const struct esphome_sign *sign)
{
	struct daemon *daemon = esphome_check->daemon;
	struct device *device =
	    registry_find(daemon->registry, esphome_check->id);
	struct in_addr address = esphome_check->address;

	knock_free(esphome_check);
	if (device != NULL)
		postflash_run_knocked(daemon, device, address, sign);
}

static bool
is_enough(const char *data, size_t len, void *ctx)
{
	const struct esphome_check *esphome_check = ctx;
	struct esphome_sign sign;

	return esphome_judge(esphome_check->at, data, len, &sign) !=
	    ESPHOME_MORE;
}

static void
on_result(const struct client_result *result, void *ctx)
{
	struct esphome_check *esphome_check = ctx;
	struct esphome_sign sign;

	esphome_check->call = NULL;
	if (esphome_judge(esphome_check->at, result->body, result->body_len,
		&sign) == ESPHOME_YES)
		end(esphome_check, &sign);
	else if (++esphome_check->at < ESPHOME_QUESTIONS)
		ask(esphome_check);
	else
		end(esphome_check, NULL);
}

/*
 * Not at the port of the announcement: that would let anybody send our calls to
 * any port.
 */
static void
ask(struct esphome_check *esphome_check)
{
	const struct esphome_ask *what = esphome_ask(esphome_check->at);
	const struct client_request request = {
		.http = { .address = esphome_check->address,
		    .port = what->port },
		.raw = what->data,
		.raw_len = what->len,
		.is_enough = is_enough,
		.timeout_ms = KNOCK_MS,
	};

	esphome_check->call = client_send(
	    esphome_check->daemon->client, &request, on_result, esphome_check);
}

static bool
has_room(const struct daemon *daemon, const char *id, struct in_addr address)
{
	const struct esphome_check *esphome_check;
	size_t count = 0;

	DL_FOREACH (daemon->knocks, esphome_check) {
		if (strcmp(esphome_check->id, id) == 0 &&
		    esphome_check->address.s_addr == address.s_addr)
			return false;
		count++;
	}
	return count < KNOCK_MAX;
}

void
esphome_check_at(
    struct daemon *daemon, const struct device *device, struct in_addr address)
{
	struct esphome_check *esphome_check;

	if (!has_room(daemon, device->id, address))
		return;
	esphome_check = xcalloc(1, sizeof(*esphome_check));
	esphome_check->daemon = daemon;
	esphome_check->address = address;
	text_copy(esphome_check->id, sizeof(esphome_check->id), device->id);
	DL_APPEND(daemon->knocks, esphome_check);
	ask(esphome_check);
}

void
esphome_check_stop(struct daemon *daemon)
{
	struct esphome_check *esphome_check, *next;

	DL_FOREACH_SAFE (daemon->knocks, esphome_check, next)
		knock_free(esphome_check);
}
