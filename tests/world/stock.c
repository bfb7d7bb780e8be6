/* SPDX-License-Identifier: ISC */
/*
 * The manufacturer's firmware in DIY mode, as its documents (v1.4, v2.0, v2.2)
 * and users' reports describe it: info, unlock, and the download of an image in
 * ranges of a sixteenth, followed by a report and a restart.
 */
#include "config.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"

#define PIECES	      16
#define PIECE_MS      400
#define FIRST_MS      900 /* from the order to the first request */
#define RETRIES	      4	  /* while the server does not answer */
#define LATER_RETRIES 120 /* once it has begun: it tries for minutes */
#define RETRY_MS      2000
#define REPORT_MS     300
#define MAX_REPEAT_MS 5000 /* the report is repeated for so long */
#define RESTART_MS    3000 /* after the report of success */
#define NEW_BOOT_MS   9000

static void fetch(void *ctx);

/* An event of a device that drops out if the device has restarted. */
struct pending {
	struct thing *thing;
	unsigned life, tries;
};

static void
later(struct thing *thing, uint64_t ms, unsigned tries, world_fn *fn)
{
	struct pending *pending = malloc(sizeof(*pending));

	*pending = (struct pending){ thing, thing->lives, tries };
	world_at(world_ms() + ms, fn, pending);
}

/* Get the device of an event, or NULL if the device has restarted. */
static struct thing *
still(void *ctx, unsigned *tries)
{
	struct pending pending = *(struct pending *)ctx;

	free(ctx);
	*tries = pending.tries;
	return pending.thing->lives == pending.life ? pending.thing : NULL;
}

static void
on_new_firmware(void *ctx)
{
	unsigned tries;
	struct thing *thing = still(ctx, &tries);

	if (thing == NULL)
		return;
	thing->is_joined = thing->joins;
	if (thing->is_joined)
		thing_announce(thing);
}

static void
on_old_firmware(void *ctx)
{
	unsigned tries;
	struct thing *thing = still(ctx, &tries);

	if (thing == NULL)
		return;
	thing->is_joined = true;
	thing_announce(thing);
}

static void
become(struct thing *thing, const struct content *content)
{
	thing->runs = content;
	thing->nature = content->nature;
	thing->lives++;
	thing->is_joined = false;
	thing->order.is_on = false;
	snprintf(thing->power_on_state, sizeof(thing->power_on_state), "3");
	snprintf(thing->tele_period, sizeof(thing->tele_period), "300");
	tally_add(&tally->flashes, 1);
	world_note("%s runs %s", thing->id, content->name);
	later(thing, NEW_BOOT_MS, 0, on_new_firmware);
}

/* The new image does not start, and the boot loader takes the old one. */
static void
thing_fall_back(struct thing *thing)
{
	thing->falls_back = false;
	world_note("%s falls back to its old firmware", thing->id);
	thing_switch(thing, false);
	thing_switch(thing, true);
	thing->is_joined = false;
	later(thing, NEW_BOOT_MS, 0, on_old_firmware);
}

static void
restart(void *ctx)
{
	unsigned tries;
	struct thing *thing = still(ctx, &tries);

	if (thing != NULL && thing->falls_back)
		thing_fall_back(thing);
	else if (thing != NULL)
		become(thing, thing->order.content);
}

/* Some builds report on a connection of its own. */
static void
send_verdict(struct thing *thing, int code)
{
	bool is_known = thing->order.life == world_life() &&
	    !world_chance("new connection", thing->n, 30);

	thing->said_ms = world_ms();
	server_verdict(
	    thing_address(thing), is_known ? thing->order.token : "", code);
}

/* It says no more of a download once it is at the next one. */
static void
repeat_verdict(void *ctx)
{
	unsigned code;
	struct thing *thing = still(ctx, &code);

	if (thing != NULL &&
	    (!thing->order.has_begun || thing->order.at_ms < thing->report_ms))
		send_verdict(thing, (int)code);
}

/* A device may report the same several times, but not for minutes. */
static void
report(struct thing *thing, int code)
{
	thing->is_unsure = thing->no_verdict;
	thing->report_ms = world_ms();
	if (!thing->no_verdict) {
		thing->reported |= UINT64_C(1) << (code > 400 ? code - 400 : 0);
		send_verdict(thing, code);
	}
	for (; thing->repeats > 0 && !thing->no_verdict; thing->repeats--)
		later(thing, world_draw("repeat", thing->n, MAX_REPEAT_MS),
		    (unsigned)code, repeat_verdict);
	if (!thing->no_verdict && (code == 406 || code == 410) &&
	    server_is_open()) {
		thing->error_ms = world_ms();
		text_copy(thing->error_sha256, sizeof(thing->error_sha256),
		    thing->order.sha256);
	}
	thing->no_verdict = false;
}

static void
on_whole(void *ctx)
{
	unsigned tries;
	struct thing *thing = still(ctx, &tries);
	int code;

	if (thing == NULL)
		return;
	code = thing->bad_verdict;
	thing->bad_verdict = 0;
	if (thing->order.content == NULL ||
	    strcmp(thing->order.content->sha256, thing->order.sha256) != 0)
		code = 409;
	if (code == 0)
		later(thing, RESTART_MS, 0, restart);
	else
		thing->order.is_on = false;
	report(thing, code);
}

static void
give_up(struct thing *thing, int code)
{
	thing->order.is_on = false;
	report(thing, code);
}

static bool
stalls(struct thing *thing, uint64_t total)
{
	if (thing->stall_at == 0 ||
	    thing->order.got * 100 < total * thing->stall_at)
		return false;
	thing->stall_at = 0;
	thing->order.is_on = false; /* until somebody restarts it */
	world_note("%s stops in the middle of its download", thing->id);
	return true;
}

static void
got_piece(struct thing *thing, const struct content *content, uint64_t total)
{
	struct order *order = &thing->order;

	if (order->content != NULL && order->content != content) {
		give_up(thing, 409); /* the file was changed */
		return;
	}
	order->content = content;
	order->has_begun = true;
	order->life = world_life();
	order->got += total / PIECES;
	thing->is_vouched |= order->got >= total / 4;
	if (stalls(thing, total))
		return;
	if (order->got >= total)
		later(thing, REPORT_MS, 0, on_whole);
	else
		later(thing, PIECE_MS, 0, fetch);
}

static enum served
ask_server(struct thing *thing, const struct content **content, uint64_t *total)
{
	if (thing->order.server.s_addr != lan_own().s_addr)
		return SERVED_NOBODY;
	return server_fetch(thing->order.token, thing_address(thing),
	    thing->order.got, *total / PIECES, content, total);
}

static void
fetch(void *ctx)
{
	const struct content *content = NULL;
	uint64_t total = sizeof(content->data);
	unsigned tries;
	struct thing *thing = still(ctx, &tries);

	if (thing == NULL || !thing->order.is_on)
		return;
	switch (ask_server(thing, &content, &total)) {
	case SERVED:
		if (content == NULL)
			world_fail("%s was served what is no image", thing->id);
		got_piece(thing, content, total);
		break;
	case SERVED_NOT_FOUND:
		give_up(thing, 404);
		break;
	case SERVED_NOBODY:
		if (tries < (thing->order.has_begun ? LATER_RETRIES : RETRIES))
			later(thing, RETRY_MS, tries + 1, fetch);
		else
			give_up(thing, 404);
		break;
	}
}

static bool
is_before(const struct thing *thing, const char *version)
{
	return strcmp(thing->firmware, version) < 0;
}

static void
answer_info(const struct thing *thing, struct answer *answer)
{
	const char *unlocked = thing->is_unlocked ? "true" : "false";

	if (thing->is_esp32)
		answer_json(answer,
		    "{\"seq\":%u,\"error\":0,\"data\":{\"switches\":[{"
		    "\"switch\":"
		    "\"off\",\"outlet\":0}],\"fwVersion\":\"%s\",\"deviceid\":"
		    "\"%s\"}}",
		    thing->seq, thing->firmware, thing->id);
	else if (thing->is_bulb)
		answer_json(answer,
		    "{\"seq\":%u,\"error\":0,\"data\":{\"switch\":\"off\","
		    "\"ltype\":\"white\",\"white\":{\"br\":100,\"ct\":255},"
		    "\"fwVersion\":\"%s\",\"deviceid\":\"%s\"}}",
		    thing->seq, thing->firmware, thing->id);
	else if (is_before(thing, "3.5.0"))
		answer_json(answer,
		    "{\"seq\":%u,\"error\":0,\"data\":\"{\\\"switch\\\":"
		    "\\\"off\\\","
		    "\\\"startup\\\":\\\"off\\\",\\\"pulse\\\":\\\"off\\\","
		    "\\\"pulseWidth\\\":500,\\\"ssid\\\":\\\"lan\\\","
		    "\\\"otaUnlock\\\":%s}\"}",
		    thing->seq, unlocked);
	else
		answer_json(answer,
		    "{\"seq\":%u,\"error\":0,\"data\":{\"switch\":\"off\","
		    "\"startup\":\"off\",\"pulse\":\"off\",\"pulseWidth\":500,"
		    "\"ssid\":\"lan\",\"otaUnlock\":%s,\"fwVersion\":\"%s\","
		    "\"deviceid\":\"%s\",\"bssid\":\"46:d9:e7:49:83:a8\","
		    "\"signalStrength\":-50}}",
		    thing->seq, unlocked, thing->firmware, thing->id);
}

static void
answer_code(const struct thing *thing, int code, struct answer *answer)
{
	answer_json(answer, "{\"seq\":%u,\"error\":%d}", thing->seq, code);
}

static void
answer_unlock(struct thing *thing, struct answer *answer)
{
	thing->is_unlocked = !thing->locks_itself;
	thing->locks_itself = false;
	thing->busy_until_ms = world_ms() + 1500;
	answer->delay_ms = 1500; /* its cloud answers */
	answer_code(thing, 0, answer);
}

/* Take the parts of "http://10.7.0.1:8267/TOKEN/fw.bin". */
static bool
read_url(const char *url, struct order *order)
{
	unsigned a, b, c, d;

	if (sscanf(url, "http://%u.%u.%u.%u:8267/%31[^/]/", &a, &b, &c, &d,
		order->token) != 5)
		return false;
	order->server.s_addr = htonl(a << 24 | b << 16 | c << 8 | d);
	return true;
}

static void
answer_flash(struct thing *thing, const json_t *data, struct answer *answer)
{
	const char *url =
	    json_string_value(json_object_get(data, "downloadUrl"));
	const char *sha = json_string_value(json_object_get(data, "sha256sum"));
	struct order order = { .is_on = true, .at_ms = world_ms() };

	if (url == NULL || sha == NULL || strlen(sha) != 64 ||
	    !read_url(url, &order)) {
		answer_code(thing, 422, answer);
		return;
	}
	if (!thing->is_unlocked) {
		answer_code(thing, 403, answer);
		return;
	}
	snprintf(order.sha256, sizeof(order.sha256), "%s", sha);
	truth_told(thing, sha);
	thing->told++;
	thing->order = order;
	if (thing->never_fetches)
		thing->order.is_on = thing->never_fetches = false;
	else
		later(thing, FIRST_MS, 0, fetch);
	answer_code(thing, 0, answer);
}

static void
answer_call(struct thing *thing, const char *call, const json_t *data,
    struct answer *answer)
{
	if (strcmp(call, "info") == 0)
		answer_info(thing, answer);
	else if (strcmp(call, "ota_unlock") == 0)
		answer_unlock(thing, answer);
	else if (strcmp(call, "ota_flash") == 0)
		answer_flash(thing, data, answer);
	else if (strcmp(call, "signal_strength") == 0)
		answer_json(answer,
		    "{\"seq\":%u,\"error\":0,\"data\":{\"signalStrength\":-50}"
		    "}",
		    thing->seq);
	else
		answer_code(thing, 422, answer);
}

void
stock_asked(
    struct thing *thing, const struct asked *asked, struct answer *answer)
{
	json_t *body;
	const char *id;

	if (asked->raw != NULL || asked->port != 8081)
		return; /* refused */
	truth_called(thing);
	thing->busy_until_ms = world_ms() + 20;
	body = json_loads(asked->body, 0, NULL);
	id = json_string_value(json_object_get(body, "deviceid"));
	if (strcmp(asked->method, "POST") != 0 ||
	    strncmp(asked->path, "/zeroconf/", 10) != 0) {
		answer->kind = ANSWER_HANGS;
	} else if (body == NULL) {
		answer_code(thing, 400, answer);
	} else if (thing->is_encrypted) {
		answer_code(thing, 401, answer);
	} else if (id != NULL && id[0] == '\0' && !is_before(thing, "3.7.6")) {
		answer->kind = ANSWER_HANGS;
		thing->busy_until_ms = world_ms() + 5 * WORLD_MINUTE;
	} else if (id != NULL && id[0] != '\0' && strcmp(id, thing->id) != 0) {
		answer_code(thing, 404, answer);
	} else {
		answer_call(thing, asked->path + 10,
		    json_object_get(body, "data"), answer);
	}
	json_decref(body);
}
