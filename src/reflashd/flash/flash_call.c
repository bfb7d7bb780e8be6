/* SPDX-License-Identifier: ISC */
/* Sends the requests of a job to its device, and tells the job the answers. */
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

static enum job_heard
what_was_heard(const struct client_result *result)
{
	if (result->end == CLIENT_OK)
		return JOB_REPLY;
	if (result->end == CLIENT_FORBIDDEN)
		return JOB_FORBIDDEN;
	if (!result->sent)
		return JOB_UNSENT;
	return result->end == CLIENT_BAD ? JOB_GARBAGE : JOB_SILENCE;
}

/*
 * Note whether the answer comes from the device.  Before the device is told to
 * fetch, an answer with its id is believed with any MAC: a repeater may stand
 * in between.  After that, another MAC means another device, which may use the
 * address and the id while the first one restarts.  An answer without an id
 * counts only with the MAC of the device.
 */
static void
note_sender(const struct flash_work *work, struct job_answer *answer)
{
	const struct devapi_info *info = &answer->reply->info;
	struct device *device = work->device;
	bool was_told = device->download.told_at != 0;
	bool is_last = device->state == STATE_CONFIRMING;
	bool is_from = job_is_from(work->job, answer->reply);
	enum mac who = MAC_UNKNOWN;

	if (was_told || (is_from && is_last && info->id[0] == '\0'))
		who = mac_at(device, device->place.address);
	answer->other_mac = who == MAC_OTHER;
	answer->same_mac = was_told && who == MAC_SAME;
	if (is_from && !answer->other_mac &&
	    (is_last || device->place.mac[0] == '\0'))
		mac_learn(device);
}

/* Note whether this machine could not ask: then silence means nothing. */
static void
note_cut_off(const struct flash_work *work, const struct client_result *result,
    struct job_answer *answer)
{
	bool is_forbidden = answer->heard == JOB_FORBIDDEN;

	answer->cut_off = result->is_ours ||
	    (!result->sent && outage_is_now(work->parts->outage, work->device));
	if (answer->cut_off && is_forbidden)
		answer->heard = JOB_UNSENT; /* this machine has no address */
}

static void
on_answer(const struct client_result *result, void *ctx)
{
	struct flash_work *work = ctx;
	struct devapi_reply reply;
	struct error err;
	struct job_answer answer = {
		.heard = what_was_heard(result),
		.reply = &reply,
		.why = result->why,
	};

	work->call = NULL;
	if (result->due_ms != 0)
		outage_due(work->parts->outage, result->due_ms);
	if (result->end != CLIENT_OK)
		note_cut_off(work, result, &answer);
	if (answer.heard == JOB_REPLY) {
		flash_answered(work);
		outage_heard(&work->clock);
		flash_count_unheard(work, false);
		work->device->seen.last_ms = clock_now_ms();
	}
	if (answer.heard == JOB_REPLY &&
	    !devapi_parse_reply(result->body, result->body_len, &reply, &err)) {
		answer.heard = JOB_GARBAGE;
		answer.why = err.text;
	}
	if (answer.heard == JOB_REPLY)
		note_sender(work, &answer);
	log_debug("device", "device %s: answer: %s%s%s", work->device->id,
	    client_end_word(result->end), answer.why[0] ? ": " : "",
	    answer.why);
	job_answered(work->job, &answer);
}

void
flash_call(enum devapi_call call, enum devapi_form form, unsigned timeout_ms,
    void *ctx)
{
	struct flash_work *work = ctx;
	const char *id = work->device->id;
	time_t now = time(NULL);
	char *body = call == DEVAPI_FLASH
	    ? devapi_request_flash(
		  form, id, now, work->url, image_sha256(work->image))
	    : devapi_request(form, id, now);
	struct client_request request = {
		.http = { .address = work->device->place.address,
		    .port = work->device->place.port,
		    .method = "POST",
		    .path = devapi_path(call),
		    .content_type = "application/json",
		    .body = body,
		    .body_len = strlen(body) },
		.timeout_ms = timeout_ms,
		.may_repeat = devapi_may_repeat(call),
		.is_urgent = true,
	};

	flash_await(work);
	log_debug("device", "device %s: %s %s", work->device->id,
	    devapi_path(call), body);
	work->call =
	    client_send(work->parts->client, &request, on_answer, work);
	free(body);
}

void
flash_hang_up(void *ctx)
{
	struct flash_work *work = ctx;

	client_cancel(work->call);
	work->call = NULL;
}
