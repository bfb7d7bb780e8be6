/* SPDX-License-Identifier: ISC */
/*
 * Asks a device for its info, in each form that a firmware of Sonoff may
 * expect, for identify and id_conflict.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/http/client.h"
#include "reflashd/device/probe.h"

#define ANSWER_MS 5000 /* a device answers in < 1 s, if at all */
/*
 * Probes at a time.  Each may cost an entry in the kernel's table of
 * neighbours, which has room for 1024 (gc_thresh3), and jobs need some, too.
 */
#define MAX_ASKED 64

struct prober {
	struct client *client; /* borrowed */
	unsigned asked;	       /* probes under way */
};

struct probe {
	struct prober *prober; /* borrowed */
	struct in_addr address;
	uint16_t port;
	char id[DEVICE_ID_SIZE];      /* "": any device */
	struct devapi_try first, now; /* the forms are tried in a circle */
	bool may_be_old;
	probe_fn *fn;
	void *ctx;		  /* borrowed */
	struct client_call *call; /* borrowed */
};

static void send_question(struct probe *);

struct prober *
prober_new(struct client *client)
{
	struct prober *prober = xcalloc(1, sizeof(*prober));

	prober->client = client;
	return prober;
}

void
prober_free(struct prober *prober)
{
	free(prober);
}

bool
probe_has_room(const struct prober *prober, bool is_known)
{
	return prober->asked < (is_known ? MAX_ASKED : MAX_ASKED / 2);
}

static void
end_probe(struct probe *probe, const struct probe_answer *answer)
{
	struct probe_answer copy = *answer;
	probe_fn *fn = probe->fn;
	void *ctx = probe->ctx;

	copy.asked = probe->now;
	probe_cancel(probe);
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

/* Explain why a reply is not the answer of the device that was asked. */
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

/* Ask in the next form.  Returns false if each was tried. */
static bool
try_next(struct probe *probe)
{
	struct devapi_try next = devapi_next_try(probe->now, probe->may_be_old);

	if (probe->id[0] == '\0' ||
	    (next.call == probe->first.call && next.form == probe->first.form))
		return false;
	probe->now = next;
	send_question(probe);
	return true;
}

static void
on_answer(const struct client_result *result, void *ctx)
{
	struct probe *probe = ctx;
	struct probe_answer answer = { .why = result->why,
		.how = how_it_ended(result->end),
		.somebody = result->sent,
		.is_ours = result->is_ours };
	struct devapi_reply reply;
	struct error err;

	probe->call = NULL;
	if (result->end == CLIENT_OK) {
		answer.why = err.text;
		if (devapi_parse_reply(
			result->body, result->body_len, &reply, &err)) {
			answer.reply = &reply;
			explain_reply(&reply, &err);
		}
	}
	if (result->sent &&
	    devapi_is_unheard(probe->now, answer.reply,
		result->end == CLIENT_OK || result->end == CLIENT_BAD) &&
	    try_next(probe))
		return;
	end_probe(probe, &answer);
}

static void
send_question(struct probe *probe)
{
	char *body = devapi_request(probe->now.form, probe->id, time(NULL));
	struct client_request request = {
		.http = { .address = probe->address,
		    .port = probe->port,
		    .method = "POST",
		    .path = devapi_path(probe->now.call),
		    .content_type = "application/json",
		    .body = body,
		    .body_len = strlen(body) },
		.timeout_ms = ANSWER_MS,
		.may_repeat = true,
	};

	probe->call =
	    client_send(probe->prober->client, &request, on_answer, probe);
	free(body);
}

struct probe *
probe_new(struct prober *prober, const struct probe_target *target,
    probe_fn *fn, void *ctx)
{
	struct probe *probe = xcalloc(1, sizeof(*probe));

	probe->prober = prober;
	probe->address = target->address;
	probe->port = target->port;
	probe->first.form =
	    target->id != NULL ? target->device->facts.form : DEVAPI_WITHOUT_ID;
	probe->may_be_old =
	    target->id != NULL && device_may_be_old(target->device);
	probe->now = probe->first;
	if (target->id != NULL)
		text_copy(probe->id, sizeof(probe->id), target->id);
	probe->fn = fn;
	probe->ctx = ctx;
	prober->asked++;
	send_question(probe);
	return probe;
}

void
probe_cancel(struct probe *probe)
{
	if (probe == NULL)
		return;
	client_cancel(probe->call);
	probe->prober->asked--;
	free(probe);
}

bool
probe_is_from(const struct probe_answer *answer, const char *id)
{
	const struct devapi_reply *reply = answer->reply;

	if (reply == NULL || !reply->has_error || reply->error != 0)
		return false;
	if (reply->info.id[0] == '\0')
		/* A question with an id is answered by this device alone. */
		return answer->asked.form != DEVAPI_WITHOUT_ID;
	return id == NULL || strcmp(reply->info.id, id) == 0;
}
