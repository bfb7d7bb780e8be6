/* SPDX-License-Identifier: ISC */
/* Decides how a download of the stock firmware goes on, and its verdict. */
#include "config.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/stock/ota.h"
#include "sim/stock/ota_fetch.h"
#include "sim/stock/ota_say.h"
#include "sim/timer.h"

#define LIMIT_MS   180000 /* of the whole download */
#define MAX_LOSSES 4

bool
ota_has(const struct ota *o, enum fault fault)
{
	return fault_has(&o->device->plan, fault);
}

/* End the download.  This is the last call: the device frees it. */
void
ota_end(struct ota *o)
{
	struct device *d = o->device;

	if (o->sha[0] != '\0')
		text_copy(d->told_sha, sizeof(d->told_sha), o->sha);
	device_flashed(d, o->verdict);
}

/* Connect again after 1, 2 and 3 seconds, as ANC; the fourth loss ends it. */
void
ota_lost(struct ota *o, const char *why)
{
	o->device->tally.unanswered += o->bev != NULL && !o->answered;
	ota_fetch_drop(o);
	if (o->step == STEP_VERDICT) {
		ota_end(o);
		return;
	}
	o->device->tally.losses++;
	device_say(o->device, "lost the file server at %" PRIu64 ": %s",
	    o->offset, why);
	if (++o->losses >= MAX_LOSSES) {
		ota_finish(o, 404);
		return;
	}
	o->step = STEP_PAUSE;
	timer_set(o->timer, o->losses * 1000);
}

static void
finish_hash(struct ota *o)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;

	EVP_DigestFinal_ex(o->md, sum, &len);
	text_hex(o->sha, sum, len);
	firmware_finish(&o->scan, &o->device->fetched);
}

/* End the reading, with verdict 0 or an error, and say the verdict. */
void
ota_finish(struct ota *o, int verdict)
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
		o->verdict = ota_say_choose(o->device, verdict);
	}
	if (o->device->pre_download != 0) {
		o->verdict = 409;
		ota_end(o);
		return;
	}
	if (ota_has(o, FAULT_VERDICT_NEVER) ||
	    ota_has(o, FAULT_VERDICT_NEVER_STAYS)) {
		ota_end(o);
		return;
	}
	if (ota_has(o, FAULT_VERDICT_NEW_CONNECTION))
		ota_fetch_drop(o);
	o->verdict_due = true;
	o->verdicts_left = ota_has(o, FAULT_VERDICT_TWICE) ? 2 : 1;
	o->step = STEP_VERDICT;
	if (!o->stray_waits)
		ota_fetch_go_on(o);
}

/* Let the device speak after the stranger, however busy the server is. */
static void
on_stray_answered(struct ota *o)
{
	bool waited = o->stray_waits && o->step == STEP_VERDICT;

	o->stray_waits = false;
	if (waited)
		ota_fetch_go_on(o);
}

static void
on_stray_read(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	on_stray_answered(ctx);
}

static void
on_stray_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	if ((what & BEV_EVENT_CONNECTED) == 0)
		on_stray_answered(ctx);
}

static void
let_stranger_speak(struct ota *o)
{
	o->stray = ota_say_stray(o->device->sim, &o->url.server);
	o->stray_waits = o->stray != NULL;
	if (o->stray == NULL)
		return;
	bufferevent_setcb(o->stray, on_stray_read, NULL, on_stray_event, o);
	bufferevent_enable(o->stray, EV_READ);
}

static void
change_address(struct ota *o)
{
	ota_fetch_drop(o);
	device_move(o->device);
	ota_lost(o, "the address has changed");
}

/* Meet the faults at half of the way.  Returns true if that ends it. */
static bool
pass_half(struct ota *o)
{
	o->half_passed = true;
	if (ota_has(o, FAULT_VERDICT_FROM_OTHER))
		let_stranger_speak(o);
	if (ota_has(o, FAULT_STALL_HALF)) {
		o->step = STEP_STALLED;
		event_del(o->limit);
	} else if (ota_has(o, FAULT_VANISH_HALF)) {
		device_reboot_stock(o->device, false);
	} else if (ota_has(o, FAULT_REBOOT_HALF)) {
		device_reboot_stock(o->device, true);
	} else if (ota_has(o, FAULT_ABORT_HALF)) {
		ota_finish(o, 404);
	} else if (ota_has(o, FAULT_VERDICT_EARLY)) {
		ota_finish(o, 0);
	} else if (ota_has(o, FAULT_ADDRESS_CHANGES_IN_FLASH)) {
		change_address(o);
	} else {
		return false;
	}
	return true;
}

bool
ota_meet_fault(struct ota *o)
{
	if (o->total > 0 && !o->half_passed && o->offset * 2 >= o->total)
		return pass_half(o);
	if (o->total > 0 && ota_has(o, FAULT_RECONNECTS) && o->drops < 3 &&
	    o->offset * 4 >= o->total * (o->drops + 1)) {
		o->drops++;
		ota_lost(o, "on purpose");
		return true;
	}
	return false;
}

static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct ota *o = ctx;

	(void)fd;
	(void)what;
	if (o->step == STEP_PAUSE)
		ota_fetch_go_on(o);
	else if (o->step == STEP_VERDICT && o->verdicts_left > 0)
		ota_fetch_go_on(o);
	else
		ota_lost(o, "no answer in time");
}

static void
on_chunk_late(evutil_socket_t fd, short what, void *ctx)
{
	struct ota *o = ctx;

	(void)fd;
	(void)what;
	ota_fetch_bad(o, "the range took more than 10 s");
}

static void
on_limit(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	ota_finish(ctx, 404);
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
	ota_fetch_drop(o);
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
