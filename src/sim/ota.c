/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/ota.h"
#include "sim/otareply.h"
#include "sim/otasay.h"
#include "sim/otaurl.h"
#include "sim/sim.h"
#include "sim/timer.h"

#define CONNECT_MS    10000
#define FIRST_BYTE_MS 30000
#define CHUNK_MS      10000  /* a whole range, from its first byte */
#define LIMIT_MS      180000 /* the whole download */
#define ANSWER_MS     2000
#define MAX_LOSSES    4

enum step {
	STEP_PAUSE, /* the timer says when to go on */
	STEP_CONNECT,
	STEP_READ,
	STEP_VERDICT, /* told, or about to be */
	STEP_STALLED,
};

struct ota {
	struct device *device; /* borrowed */
	struct ota_url url;
	char told[65], sha[65];
	enum step step;
	struct bufferevent *bev, *stray;
	EVP_MD_CTX *md;
	uint64_t offset, last, total;
	unsigned losses, drops, asked;
	bool half_passed, chunk_begun;
	bool verdict_due;
	unsigned verdicts_left;
	int verdict;
	struct event *timer, *chunk, *limit;
};

static void go_on(struct ota *);
static void finish(struct ota *, int verdict);

static bool
has(const struct ota *o, enum fault fault)
{
	return fault_has(&o->device->plan, fault);
}

static void
drop_connection(struct ota *o)
{
	if (o->bev != NULL)
		bufferevent_free(o->bev);
	o->bev = NULL;
	o->chunk_begun = false;
	event_del(o->chunk);
}

/* The last thing that happens: the device takes it from here. */
static void
end(struct ota *o)
{
	struct device *d = o->device;

	if (o->sha[0] != '\0')
		text_copy(d->told_sha, sizeof(d->told_sha), o->sha);
	device_flashed(d, o->verdict);
}

/* ANC: again after 1, 2 and 3 seconds; the fourth loss is the end. */
static void
lost(struct ota *o, const char *why)
{
	drop_connection(o);
	if (o->step == STEP_VERDICT) {
		end(o);
		return;
	}
	o->device->tally.losses++;
	device_say(o->device, "lost the file server at %" PRIu64 ": %s",
	    o->offset, why);
	if (++o->losses >= MAX_LOSSES) {
		finish(o, 404);
		return;
	}
	o->step = STEP_PAUSE;
	timer_set(o->timer, o->losses * 1000);
}

static void
bad_reply(struct ota *o, const char *why)
{
	device_breach(o->device,
	    "file server, bytes=%" PRIu64 "-%" PRIu64 ": %s", o->offset,
	    o->last, why);
	drop_connection(o);
	finish(o, 404);
}

static void
finish_hash(struct ota *o)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;

	EVP_DigestFinal_ex(o->md, sum, &len);
	text_hex(o->sha, sum, len);
}

/* The download is over, well (0) or not. */
static void
finish(struct ota *o, int verdict)
{
	bool whole = o->total > 0 && o->offset == o->total;

	event_del(o->timer);
	event_del(o->chunk);
	event_del(o->limit);
	if (whole)
		finish_hash(o);
	o->verdict = verdict;
	if (whole && verdict == 0 && strcmp(o->sha, o->told) != 0) {
		device_breach(o->device,
		    "the bytes have the sha256 %s, promised was %s", o->sha,
		    o->told);
		o->verdict = 409;
	} else if (whole) {
		o->verdict = otasay_choose(o->device, verdict);
	}
	if (o->device->pre_download != 0) {
		o->verdict = 409;
		end(o);
		return;
	}
	if (has(o, FAULT_VERDICT_NEVER) || has(o, FAULT_VERDICT_NEVER_STAYS)) {
		end(o);
		return;
	}
	if (has(o, FAULT_VERDICT_NEW_CONNECTION))
		drop_connection(o);
	o->verdict_due = true;
	o->verdicts_left = has(o, FAULT_VERDICT_TWICE) ? 2 : 1;
	o->step = STEP_VERDICT;
	go_on(o);
}

static void
send_verdict(struct ota *o)
{
	otasay_verdict(bufferevent_get_output(o->bev), o->device, o->verdict);
	o->verdict_due = false;
	o->verdicts_left--;
	o->device->tally.verdict = o->verdict;
	timer_set(o->timer, ANSWER_MS);
}

static void
change_address(struct ota *o)
{
	drop_connection(o);
	device_move(o->device);
	lost(o, "the address has changed");
}

/* What happens at half of the way.  True: there is no going on from here. */
static bool
pass_half(struct ota *o)
{
	o->half_passed = true;
	if (has(o, FAULT_VERDICT_FROM_OTHER))
		o->stray = otasay_stray(o->device->sim, &o->url.server);
	if (has(o, FAULT_STALL_HALF)) {
		o->step = STEP_STALLED;
		event_del(o->limit);
	} else if (has(o, FAULT_VANISH_HALF)) {
		device_reboot_stock(o->device, false);
	} else if (has(o, FAULT_REBOOT_HALF)) {
		device_reboot_stock(o->device, true);
	} else if (has(o, FAULT_ABORT_HALF)) {
		finish(o, 404);
	} else if (has(o, FAULT_VERDICT_EARLY)) {
		finish(o, 0);
	} else if (has(o, FAULT_ADDRESS_CHANGES_IN_FLASH)) {
		change_address(o);
	} else {
		return false;
	}
	return true;
}

static bool
meet_fault(struct ota *o)
{
	if (o->total > 0 && !o->half_passed && o->offset * 2 >= o->total)
		return pass_half(o);
	if (o->total > 0 && has(o, FAULT_RECONNECTS) && o->drops < 3 &&
	    o->offset * 4 >= o->total * (o->drops + 1)) {
		o->drops++;
		lost(o, "on purpose");
		return true;
	}
	return false;
}

static void
ask(struct ota *o)
{
	if (meet_fault(o))
		return;
	o->last = o->offset + OTA_CHUNK - 1;
	if (o->total > 0 && o->last >= o->total)
		o->last = o->total - 1;
	otasay_get(bufferevent_get_output(o->bev), o->device, &o->url,
	    o->offset, o->last);
	o->asked++;
	o->step = STEP_READ;
	timer_set(o->timer, FIRST_BYTE_MS);
}

/* Every tenth range is asked for again: a copy that got lost, say. */
static bool
is_repeated(const struct ota *o)
{
	return has(o, FAULT_REPEATS_RANGE) && o->asked % 11 == 10;
}

static void
take_chunk(struct ota *o, const char *body, size_t len)
{
	struct device *d = o->device;

	d->tally.ranges++;
	if (!is_repeated(o)) {
		EVP_DigestUpdate(o->md, body, len);
		o->offset += len;
		d->tally.bytes += len;
	}
	o->step = STEP_PAUSE;
	timer_set(o->timer, has(o, FAULT_FETCH_SLOW) ? 1000 : d->spec.chunk_ms);
}

static void
take_reply(struct ota *o, const char *data, const struct otareply *r)
{
	uint64_t total = r->total;

	if (o->total != 0 && o->total != total) {
		bad_reply(o, "the total has changed");
		return;
	}
	o->total = total;
	take_chunk(o, data + r->head_len, r->body_len);
	if (total > OTA_TOTAL_MAX || has(o, FAULT_STOPS_FIRST_CHUNK))
		finish(o, 404);
	else if (o->offset == total)
		finish(o, 0);
}

/* The server's word on the verdict: of interest to the report only. */
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
		end(o);
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct ota *o = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	struct otareply r;
	struct error err;

	if (o->step == STEP_VERDICT) {
		read_answer(o, in);
		return;
	}
	if (o->step != STEP_READ) {
		bad_reply(o, "bytes that nobody asked for");
		return;
	}
	if (!o->chunk_begun) {
		o->chunk_begun = true;
		event_del(o->timer);
		timer_set(o->chunk, CHUNK_MS);
	}
	const char *data = (const char *)evbuffer_pullup(in, -1);
	switch (otareply_read(data, len, o->offset, o->last, &r, &err)) {
	case OTAREPLY_MORE:
		break;
	case OTAREPLY_BAD:
		bad_reply(o, err.text);
		break;
	case OTAREPLY_WHOLE:
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
		go_on(o);
		return;
	}
	if (o->step == STEP_STALLED)
		drop_connection(o);
	else
		lost(o, what & BEV_EVENT_EOF ? "closed" : strerror(errno));
}

static void
connect_server(struct ota *o)
{
	struct device *d = o->device;
	const struct lan_port *from =
	    has(o, FAULT_FETCH_FROM_OTHER) ? &d->sim->stranger : &d->port;
	struct error err;
	int fd = lan_socket(from, SOCK_STREAM, 0, &err);

	if (fd < 0) {
		lost(o, err.text);
		return;
	}
	if (o->step != STEP_VERDICT)
		o->step = STEP_CONNECT;
	o->bev = bufferevent_socket_new(
	    d->sim->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	bufferevent_setcb(o->bev, on_read, NULL, on_event, o);
	bufferevent_enable(o->bev, EV_READ | EV_WRITE);
	timer_set(o->timer, CONNECT_MS);
	bufferevent_socket_connect(
	    o->bev, (struct sockaddr *)&o->url.server, sizeof(o->url.server));
}

static void
go_on(struct ota *o)
{
	if (o->bev == NULL)
		connect_server(o);
	else if (o->verdict_due)
		send_verdict(o);
	else
		ask(o);
}

static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct ota *o = ctx;

	(void)fd;
	(void)what;
	if (o->step == STEP_PAUSE)
		go_on(o);
	else if (o->step == STEP_VERDICT && o->verdicts_left > 0)
		go_on(o);
	else
		lost(o, "no answer in time");
}

static void
on_chunk_late(evutil_socket_t fd, short what, void *ctx)
{
	struct ota *o = ctx;

	(void)fd;
	(void)what;
	bad_reply(o, "the range took more than 10 s");
}

static void
on_limit(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	finish(ctx, 404);
}

struct ota *
ota_new(struct device *d, const char *url, const char *sha256, unsigned delay,
    struct error *err)
{
	struct ota *o = xcalloc(1, sizeof(*o));

	if (!ota_url_parse(&o->url, url, err)) {
		free(o);
		return NULL;
	}
	o->device = d;
	text_copy(o->told, sizeof(o->told), sha256);
	o->md = EVP_MD_CTX_new();
	EVP_DigestInit_ex(o->md, EVP_sha256(), NULL);
	o->timer = evtimer_new(d->sim->base, on_timer, o);
	o->chunk = evtimer_new(d->sim->base, on_chunk_late, o);
	o->limit = evtimer_new(d->sim->base, on_limit, o);
	timer_set(o->timer, delay);
	timer_set(o->limit, delay + LIMIT_MS);
	return o;
}

void
ota_free(struct ota *o)
{
	if (o == NULL)
		return;
	drop_connection(o);
	if (o->stray != NULL)
		bufferevent_free(o->stray);
	EVP_MD_CTX_free(o->md);
	event_free(o->timer);
	event_free(o->chunk);
	event_free(o->limit);
	free(o);
}

bool
ota_is_stalled(const struct ota *o)
{
	return o->step == STEP_STALLED;
}
