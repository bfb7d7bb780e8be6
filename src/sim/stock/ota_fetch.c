/* SPDX-License-Identifier: ISC */
/* The connection of a download: asks for ranges, and says the verdict. */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/stock/ota_fetch.h"
#include "sim/stock/ota_reply.h"
#include "sim/stock/ota_say.h"
#include "sim/timer.h"

#define CONNECT_MS    10000
#define FIRST_BYTE_MS 30000
#define CHUNK_MS      10000 /* of a whole range, from its first byte */
#define ANSWER_MS     2000

void
ota_fetch_drop(struct ota *o)
{
	if (o->bev != NULL)
		bufferevent_free(o->bev);
	o->bev = NULL;
	o->chunk_begun = false;
	event_del(o->chunk);
}

/* Return true if the address is one that the server need not know. */
static bool
is_elsewhere(const struct ota *o)
{
	return ota_has(o, FAULT_FETCH_FROM_OTHER) ||
	    (ota_has(o, FAULT_ADDRESS_CHANGES_IN_FLASH) && o->half_passed);
}

void
ota_fetch_bad(struct ota *o, const char *why)
{
	if (!is_elsewhere(o))
		device_breach(o->device,
		    "file server, bytes=%" PRIu64 "-%" PRIu64 ": %s", o->offset,
		    o->last, why);
	ota_fetch_drop(o);
	ota_finish(o, 404);
}

static void
send_verdict(struct ota *o)
{
	ota_say_verdict(bufferevent_get_output(o->bev), o->device, o->verdict);
	o->verdict_due = false;
	o->verdicts_left--;
	o->device->tally.verdict = o->verdict;
	timer_set(o->timer, ANSWER_MS);
}

static void
ask_for_range(struct ota *o)
{
	if (ota_meet_fault(o))
		return;
	o->last = o->offset + OTA_CHUNK - 1;
	if (o->total > 0 && o->last >= o->total)
		o->last = o->total - 1;
	ota_say_get(bufferevent_get_output(o->bev), o->device, &o->url,
	    o->offset, o->last);
	o->asked++;
	o->step = STEP_READ;
	timer_set(o->timer, FIRST_BYTE_MS);
}

/* Return true if this range is dropped, so that it is asked for again. */
static bool
is_repeated(const struct ota *o)
{
	return ota_has(o, FAULT_REPEATS_RANGE) && o->asked % 11 == 10;
}

static void
take_chunk(struct ota *o, const char *body, size_t len)
{
	struct device *d = o->device;

	d->tally.ranges++;
	d->tally.range_at = sim_clock(d->sim);
	if (!is_repeated(o)) {
		EVP_DigestUpdate(o->md, body, len);
		firmware_feed(&o->scan, body, len);
		o->offset += len;
		d->tally.bytes += len;
	}
	o->step = STEP_PAUSE;
	timer_set(
	    o->timer, ota_has(o, FAULT_FETCH_SLOW) ? 1000 : d->spec.chunk_ms);
}

static void
take_reply(struct ota *o, const char *data, const struct ota_reply *r)
{
	uint64_t total = r->total;

	if (o->total != 0 && o->total != total) {
		ota_fetch_bad(o, "the total has changed");
		return;
	}
	o->total = total;
	take_chunk(o, data + r->head_len, r->body_len);
	if (total > OTA_TOTAL_MAX || ota_has(o, FAULT_STOPS_FIRST_CHUNK))
		ota_finish(o, 404);
	else if (o->offset == total)
		ota_finish(o, 0);
}

/* Read the answer to the verdict, which only the report needs. */
static void
read_answer(struct ota *o, struct evbuffer *in)
{
	char head[16] = "";
	int status;

	evbuffer_remove(in, head, sizeof(head) - 1);
	if (sscanf(head, "HTTP/1.%*d %3d", &status) == 1)
		o->device->tally.verdict_status = status;
	evbuffer_drain(in, evbuffer_get_length(in));
	if (o->verdicts_left > 0)
		send_verdict(o);
	else
		ota_end(o);
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct ota *o = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	struct ota_reply r;
	struct error err;

	o->answered = true;
	if (o->step == STEP_VERDICT) {
		read_answer(o, in);
		return;
	}
	if (o->step != STEP_READ) {
		ota_fetch_bad(o, "bytes that nobody asked for");
		return;
	}
	if (!o->chunk_begun) {
		o->chunk_begun = true;
		event_del(o->timer);
		timer_set(o->chunk, CHUNK_MS);
	}
	const char *data = (const char *)evbuffer_pullup(in, -1);
	switch (ota_reply_read(data, len, o->offset, o->last, &r, &err)) {
	case OTA_REPLY_MORE:
		break;
	case OTA_REPLY_BAD:
		ota_fetch_bad(o, err.text);
		break;
	case OTA_REPLY_WHOLE:
		o->chunk_begun = false;
		event_del(o->chunk);
		char *copy = xcalloc(1, len);
		memcpy(copy, data, len);
		evbuffer_drain(in, len);
		take_reply(o, copy, &r);
		free(copy);
		break;
	}
}

static void
on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct ota *o = ctx;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		event_del(o->timer);
		ota_fetch_go_on(o);
		return;
	}
	if (o->step == STEP_STALLED)
		ota_fetch_drop(o);
	else
		ota_lost(o, what & BEV_EVENT_EOF ? "closed" : strerror(errno));
}

static void
connect_server(struct ota *o)
{
	struct device *d = o->device;
	const struct lan_port *from =
	    ota_has(o, FAULT_FETCH_FROM_OTHER) ? &d->sim->stranger : &d->port;
	struct error err;
	int fd = lan_socket(from, SOCK_STREAM, 0, &err);

	if (fd < 0) {
		ota_lost(o, err.text);
		return;
	}
	if (o->step != STEP_VERDICT)
		o->step = STEP_CONNECT;
	o->bev = bufferevent_socket_new(
	    d->sim->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	o->answered = false;
	bufferevent_setcb(o->bev, on_read, NULL, on_event, o);
	bufferevent_enable(o->bev, EV_READ | EV_WRITE);
	timer_set(o->timer, CONNECT_MS);
	bufferevent_socket_connect(
	    o->bev, (struct sockaddr *)&o->url.server, sizeof(o->url.server));
}

void
ota_fetch_go_on(struct ota *o)
{
	if (o->bev == NULL)
		connect_server(o);
	else if (o->verdict_due)
		send_verdict(o);
	else
		ask_for_range(o);
}
