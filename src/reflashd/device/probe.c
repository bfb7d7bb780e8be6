/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/http/client.h"
#include "reflashd/device/probe.h"

#define ANSWER_MS 5000 /* a device that answers does so in < 1 s */
/*
 * At a time: each may cost an entry in the kernel's table of neighbours, which
 * has room for 1024 (gc_thresh3), and jobs need some, too.
 */
#define MAX_ASKED 64

struct inquiry {
	struct daemon *daemon; /* borrowed */
	struct in_addr address;
	uint16_t port;
	char id[DEVICE_ID_SIZE];      /* "" any */
	struct devapi_try first, now; /* questions: all in turn, up to first */
	bool may_be_old;
	inquiry_fn *fn;
	void *ctx;		  /* borrowed */
	struct client_call *call; /* borrowed */
};

static void send_question(struct inquiry *);

bool
inquiry_has_room(const struct daemon *daemon, bool is_known)
{
	return daemon->inquiries < (is_known ? MAX_ASKED : MAX_ASKED / 2);
}

static void
end(struct inquiry *inquiry, const struct inquiry_answer *answer)
{
	struct inquiry_answer copy = *answer;
	inquiry_fn *fn = inquiry->fn;
	void *ctx = inquiry->ctx;

	copy.asked = inquiry->now;
	inquiry_cancel(inquiry);
	fn(&copy, ctx);
}

static const char *
how_it_ended(enum client_end end)
{
	switch (end) {
	case CLIENT_OK:
	case CLIENT_BAD:
		return "its answer is of no use";
	case CLIENT_FORBIDDEN:
		return "it was not asked";
	default:
		return "it does not answer";
	}
}

/* For whoever finds that it is not from the device that was asked. */
static void
explain_reply(const struct devapi_reply *reply, struct error *why)
{
	if (!reply->has_error)
		error_set(why, EBADMSG, "it has no \"error\"");
	else if (reply->error != 0)
		error_set(why, EBADMSG, "error %d", reply->error);
	else
		error_set(why, EBADMSG, "it is another device");
}

/* Ask in another way; false if there is none left. */
static bool
try_next(struct inquiry *inquiry)
{
	struct devapi_try next =
	    devapi_next_try(inquiry->now, inquiry->may_be_old);

	if (inquiry->id[0] == '\0' ||
	    (next.call == inquiry->first.call &&
		next.form == inquiry->first.form))
		return false;
	inquiry->now = next;
	send_question(inquiry);
	return true;
}

static void
on_answer(const struct client_result *result, void *ctx)
{
	struct inquiry *inquiry = ctx;
	struct inquiry_answer answer = { .why = result->why,
		.how = how_it_ended(result->end),
		.somebody = result->sent,
		.is_ours = result->is_ours };
	struct devapi_reply reply;
	struct error err;

	inquiry->call = NULL;
	if (result->end == CLIENT_OK) {
		answer.why = err.text;
		if (devapi_parse_reply(
			result->body, result->body_len, &reply, &err)) {
			answer.reply = &reply;
			explain_reply(&reply, &err);
		}
	}
	if (result->sent &&
	    devapi_is_unheard(inquiry->now, answer.reply,
		result->end == CLIENT_OK || result->end == CLIENT_BAD) &&
	    try_next(inquiry))
		return;
	end(inquiry, &answer);
}

static void
send_question(struct inquiry *inquiry)
{
	char *body = devapi_request(inquiry->now.form, inquiry->id, time(NULL));
	struct client_request request = {
		.http = { .address = inquiry->address,
		    .port = inquiry->port,
		    .method = "POST",
		    .path = devapi_path(inquiry->now.call),
		    .content_type = "application/json",
		    .body = body,
		    .body_len = strlen(body) },
		.timeout_ms = ANSWER_MS,
		.may_repeat = true,
	};

	inquiry->call =
	    client_send(inquiry->daemon->client, &request, on_answer, inquiry);
	free(body);
}

struct inquiry *
inquiry_new(struct daemon *daemon, const struct inquiry_target *target,
    inquiry_fn *fn, void *ctx)
{
	struct inquiry *inquiry = xcalloc(1, sizeof(*inquiry));

	inquiry->daemon = daemon;
	inquiry->address = target->address;
	inquiry->port = target->port;
	inquiry->first.form =
	    target->id != NULL ? target->device->form : DEVAPI_WITHOUT_ID;
	inquiry->may_be_old =
	    target->id != NULL && device_may_be_old(target->device);
	inquiry->now = inquiry->first;
	if (target->id != NULL)
		text_copy(inquiry->id, sizeof(inquiry->id), target->id);
	inquiry->fn = fn;
	inquiry->ctx = ctx;
	daemon->inquiries++;
	send_question(inquiry);
	return inquiry;
}

void
inquiry_cancel(struct inquiry *inquiry)
{
	if (inquiry == NULL)
		return;
	client_cancel(inquiry->call);
	inquiry->daemon->inquiries--;
	free(inquiry);
}

bool
inquiry_is_from(const struct inquiry_answer *answer, const char *id)
{
	const struct devapi_reply *reply = answer->reply;

	if (reply == NULL || !reply->has_error || reply->error != 0)
		return false;
	if (reply->info.id[0] == '\0')
		return answer->asked.form !=
		    DEVAPI_WITHOUT_ID; /* it took its own */
	return id == NULL || strcmp(reply->info.id, id) == 0;
}
