/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/http/client.h"
#include "io/images.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/schedule/scheduler.h"

static enum job_heard
heard_of(const struct client_result *result)
{
	if (result->end == CLIENT_OK)
		return JOB_REPLY;
	if (result->end == CLIENT_FORBIDDEN)
		return JOB_FORBIDDEN;
	if (!result->sent)
		return JOB_UNSENT;
	return result->end == CLIENT_BAD ? JOB_GARBAGE : JOB_SILENCE;
}

void
flash_count_unheard(struct flash *flash, bool is_unheard)
{
	struct daemon *daemon = flash->daemon;

	if (flash->is_unheard == is_unheard)
		return;
	flash->is_unheard = is_unheard;
	daemon->at_work_unheard += is_unheard ? 1 : -1U;
	if (!is_unheard && daemon->unheard_wait) {
		daemon->unheard_wait = false;
		scheduler_consider_soon(daemon->scheduler);
	}
}

/*
 * Before a device is told to fetch, an answer with its id is believed to come
 * from it, whatever MAC is seen there now: a repeater may stand in between.
 * Once it was told, another MAC is another device, for somebody may take its
 * address, and say its id, while it restarts.  An answer without an id counts
 * only at its MAC, which is looked at right before it is told.
 */
static void
identify(const struct flash *flash, struct job_answer *answer)
{
	const struct devapi_info *info = &answer->reply->info;
	struct device *device = flash->device;
	bool was_told = device->told_at != 0;
	bool is_last = device->state == STATE_CONFIRMING;
	bool is_from = job_is_from(flash->job, answer->reply);

	answer->other_mac =
	    (was_told || (is_from && is_last && info->id[0] == '\0')) &&
	    mac_at(device, device->address) == MAC_OTHER;
	if (is_from && !answer->other_mac &&
	    (is_last || device->mac[0] == '\0'))
		mac_learn(device);
}

/* What kept this machine from asking says nothing of the device. */
static void
note_cut_off(const struct flash *flash, const struct client_result *result,
    struct job_answer *answer)
{
	bool is_forbidden = answer->heard == JOB_FORBIDDEN;

	answer->cut_off = result->is_ours ||
	    (!result->sent &&
		outage_is_now(flash->daemon->outage, flash->device));
	if (answer->cut_off && is_forbidden)
		answer->heard = JOB_UNSENT; /* our addresses are gone */
}

static void
on_answer(const struct client_result *result, void *ctx)
{
	struct flash *flash = ctx;
	struct devapi_reply reply;
	struct error err;
	struct job_answer answer = {
		.heard = heard_of(result),
		.reply = &reply,
		.why = result->why,
	};

	flash->call = NULL;
	if (result->due_ms != 0)
		outage_due(flash->daemon->outage, result->due_ms);
	if (result->end != CLIENT_OK)
		note_cut_off(flash, result, &answer);
	if (answer.heard == JOB_REPLY) {
		flash_answered(flash);
		outage_heard(&flash->clock);
		flash_count_unheard(flash, false);
		flash->device->seen_ms = clock_now_ms();
	}
	if (answer.heard == JOB_REPLY &&
	    !devapi_parse_reply(result->body, result->body_len, &reply, &err)) {
		answer.heard = JOB_GARBAGE;
		answer.why = err.text;
	}
	if (answer.heard == JOB_REPLY)
		identify(flash, &answer);
	log_debug("device", "device %s: answer: %s%s%s", flash->device->id,
	    client_end_word(result->end), answer.why[0] ? ": " : "",
	    answer.why);
	job_answered(flash->job, &answer);
}

void
flash_call(enum devapi_call call, enum devapi_form form, unsigned timeout_ms,
    void *ctx)
{
	struct flash *flash = ctx;
	const char *id = flash->device->id;
	time_t now = time(NULL);
	char *body = call == DEVAPI_FLASH
	    ? devapi_request_flash(
		  form, id, now, flash->url, image_sha256(flash->image))
	    : devapi_request(form, id, now);
	struct client_request request = {
		.http = { .address = flash->device->address,
		    .port = flash->device->port,
		    .method = "POST",
		    .path = devapi_path(call),
		    .content_type = "application/json",
		    .body = body,
		    .body_len = strlen(body) },
		.timeout_ms = timeout_ms,
		.may_repeat = devapi_may_repeat(call),
		.is_urgent = true,
	};

	flash_await(flash);
	log_debug("device", "device %s: %s %s", flash->device->id,
	    devapi_path(call), body);
	flash->call =
	    client_send(flash->daemon->client, &request, on_answer, flash);
	free(body);
}

void
flash_hang_up(void *ctx)
{
	struct flash *flash = ctx;

	client_cancel(flash->call);
	flash->call = NULL;
}
