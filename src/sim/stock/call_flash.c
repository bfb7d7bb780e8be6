/* SPDX-License-Identifier: ISC */
/* Answers the call ota_flash, which orders a device to download its image. */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/stock/call.h"
#include "sim/stock/ota.h"
#include "sim/stock/ota_url.h"

#define FETCH_AFTER_MS 100
#define FETCH_LATE_MS  5000

/* Return the error code of a bad order; 0: it is good. */
static int
check_order(struct call *c, const char *url, const char *sha)
{
	struct device *d = c->device;
	struct ota_url parsed;
	struct error err;
	char escaped[65];

	if (url == NULL || sha == NULL) {
		device_breach(d, "ota_flash without downloadUrl or sha256sum");
		return 422;
	}
	if (!text_is_hex(sha, 64) || strpbrk(sha, "ABCDEF") != NULL) {
		text_escape(escaped, sizeof(escaped), sha, strlen(sha));
		device_breach(
		    d, "sha256sum %s: not 64 lower-case digits", escaped);
		return 422;
	}
	if (!ota_url_parse(&parsed, url, &err)) {
		device_breach(d, "%s", err.text);
		return 424;
	}
	return 0;
}

/* Return the error code if the device refuses now; 0: it does not. */
static int
check_state(struct call *c)
{
	struct device *d = c->device;

	if (d->ota != NULL && ota_is_stalled(d->ota))
		device_give_up(d);
	if (d->spec.model != MODEL_PLUG)
		device_breach(d, "ota_flash on what is no plug");
	if (d->state != DEVICE_STOCK) {
		device_breach(d, "ota_flash while one is under way");
		return 424;
	}
	if (call_strikes(c, FAULT_FLASH_403)) {
		d->unlocked = false;
		return 403;
	}
	if (!device_is_unlocked(d)) {
		device_breach(d, "ota_flash on a locked device");
		return 403;
	}
	return 0;
}

static int
check_faults(struct call *c)
{
	static const struct {
		enum fault fault;
		int code;
	} codes[] = {
		{ FAULT_FLASH_408, 408 },
		{ FAULT_FLASH_413, 413 },
		{ FAULT_FLASH_422, 422 },
		{ FAULT_FLASH_424, 424 },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (call_strikes(c, codes[i].fault))
			return codes[i].code;
	return 0;
}

static void
count_told(struct device *d)
{
	if (d->tally.told++ == 0)
		d->tally.told_at = sim_clock(d->sim);
}

/* Answer after the download, as some builds do. */
static void
answer_last(struct call *c, int pre_download)
{
	c->device->pre_download = pre_download;
	call_answer_empty(c);
	c->reply->how = REPLY_LAST;
}

static void
obey_order(struct call *c, const char *url, const char *sha)
{
	struct device *d = c->device;
	unsigned delay =
	    call_strikes(c, FAULT_FETCH_LATE) ? FETCH_LATE_MS : FETCH_AFTER_MS;
	struct error err;

	/* The download starts after the answer, unless a fault is set. */
	if (fault_has(&d->spec.faults, FAULT_SLOW))
		delay += REPLY_SLOW_MS;
	count_told(d);
	call_answer(c, 0);
	if (call_strikes(c, FAULT_NEVER_FETCH))
		return;
	if (!device_flash(d, url, sha, delay, &err)) {
		device_breach(d, "%s", err.text);
		call_answer(c, 424);
		return;
	}
	d->pre_download = 0;
	if (call_strikes(c, FAULT_FLASH_EMPTY_WORKS))
		call_answer_empty(c);
	if (call_strikes(c, FAULT_FLASH_HANG_WORKS))
		call_hang(c, REPLY_HANG);
	if (call_strikes(c, FAULT_FLASH_REPLY_LAST))
		answer_last(c, 0);
	if (call_strikes(c, FAULT_FLASH_471))
		answer_last(c, 471);
	else if (d->spec.model == MODEL_BULB)
		answer_last(c, 408);
}

void
call_flash(struct call *c)
{
	const char *url =
	    json_string_value(json_object_get(c->data, "downloadUrl"));
	const char *sha =
	    json_string_value(json_object_get(c->data, "sha256sum"));
	int code = check_order(c, url, sha);

	if (code == 0)
		code = check_state(c);
	if (code == 0)
		code = check_faults(c);
	if (code != 0) {
		call_answer(c, code);
	} else if (call_strikes(c, FAULT_FLASH_EMPTY)) {
		count_told(c->device);
		call_answer_empty(c);
	} else if (call_strikes(c, FAULT_FLASH_HANG)) {
		count_told(c->device);
		call_hang(c, REPLY_STUCK);
	} else {
		obey_order(c, url, sha);
	}
}
