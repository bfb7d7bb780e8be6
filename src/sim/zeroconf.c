/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/mdns.h"
#include "sim/model.h"
#include "sim/ota.h"
#include "sim/otaurl.h"
#include "sim/reply.h"
#include "sim/request.h"
#include "sim/sim.h"
#include "sim/timer.h"
#include "sim/zeroconf.h"

#define LATE_UNLOCK_MS 4000
#define FETCH_AFTER_MS 100
#define FETCH_LATE_MS  5000

/* One call while it is answered. */
struct call {
	struct device *device;
	enum fault_on on;
	json_t *data; /* borrowed from the body */
	struct reply *reply;
};

static bool
strikes(struct call *c, enum fault fault)
{
	return fault_strikes(&c->device->spec.faults, fault, c->on);
}

static void
answer(struct call *c, int error)
{
	reply_json(c->reply, c->device, error, NULL);
}

static void
answer_empty(struct call *c)
{
	free(c->reply->text);
	c->reply->text = xstrdup("");
}

static void
hang(struct call *c, enum reply_how how)
{
	answer_empty(c);
	c->reply->how = how;
	c->reply->delay_ms = c->device->spec.hang_ms;
}

static void
do_info(struct call *c)
{
	if (!model_knows_info(c->device))
		reply_body(c->reply, "200 OK", "text/html", "<html></html>");
	else
		reply_json(c->reply, c->device, 0, model_info(c->device));
	/* Seen again after a call only (Sonoff_Devices_DIY_Tools#37). */
	if (fault_has(&c->device->spec.faults, FAULT_QUERY_MUTE))
		voice_announce(c->device->voice);
}

static void
do_signal(struct call *c)
{
	reply_json(c->reply, c->device, 0,
	    json_pack("{s:i}", "signalStrength", c->device->spec.rssi));
}

/* switch, startup, pulse: their effect is nobody's concern here. */
static void
do_setting(struct call *c)
{
	answer(c, json_object_size(c->data) > 0 ? 0 : 422);
}

static void
unlock(struct device *d, uint64_t delay_ms)
{
	if (!d->unlocked)
		d->unlocked_at = timer_now_ms() + delay_ms;
	d->unlocked = true;
}

static void
do_unlock(struct call *c)
{
	static const struct {
		enum fault fault;
		int code;
	} codes[] = {
		{ FAULT_UNLOCK_500, 500 },
		{ FAULT_UNLOCK_503, 503 },
		{ FAULT_UNLOCK_422, 422 },
		{ FAULT_UNLOCK_NO_EFFECT, 0 },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strikes(c, codes[i].fault)) {
			answer(c, codes[i].code);
			return;
		}
	if (strikes(c, FAULT_UNLOCK_HANG)) {
		hang(c, REPLY_STUCK);
		return;
	}
	if (strikes(c, FAULT_UNLOCK_EMPTY)) {
		answer_empty(c);
		return;
	}
	unlock(c->device, strikes(c, FAULT_UNLOCK_LATE) ? LATE_UNLOCK_MS : 0);
	answer(c, 0);
	if (strikes(c, FAULT_UNLOCK_EMPTY_WORKS))
		answer_empty(c);
	if (strikes(c, FAULT_ADDRESS_REUSED))
		c->reply->after = device_hand_over;
	if (strikes(c, FAULT_ADDRESS_CHANGES))
		c->reply->after = device_move;
}

/* What is wrong with the order itself; 0: nothing. */
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

/* Whether the device is in a state to obey. */
static int
check_state(struct call *c)
{
	struct device *d = c->device;

	if (d->ota != NULL && ota_is_stalled(d->ota))
		device_give_up(d);
	if (d->state != DEVICE_STOCK) {
		device_breach(d, "ota_flash while one is under way");
		return 424;
	}
	if (strikes(c, FAULT_FLASH_403)) {
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
		if (strikes(c, codes[i].fault))
			return codes[i].code;
	return 0;
}

static void
count_told(struct device *d)
{
	if (d->tally.told++ == 0)
		d->tally.told_at = sim_clock(d->sim);
}

/* A build that answers when the download is over. */
static void
answer_last(struct call *c, int pre_download)
{
	c->device->pre_download = pre_download;
	answer_empty(c);
	c->reply->how = REPLY_LAST;
}

static void
obey(struct call *c, const char *url, const char *sha)
{
	struct device *d = c->device;
	unsigned delay =
	    strikes(c, FAULT_FETCH_LATE) ? FETCH_LATE_MS : FETCH_AFTER_MS;
	struct error err;

	/* The download waits for its answer, except where a fault says so. */
	if (fault_has(&d->spec.faults, FAULT_SLOW))
		delay += REPLY_SLOW_MS;
	count_told(d);
	answer(c, 0);
	if (strikes(c, FAULT_NEVER_FETCH))
		return;
	if (!device_flash(d, url, sha, delay, &err)) {
		device_breach(d, "%s", err.text);
		answer(c, 424);
		return;
	}
	d->pre_download = 0;
	if (strikes(c, FAULT_FLASH_EMPTY_WORKS))
		answer_empty(c);
	if (strikes(c, FAULT_FLASH_HANG_WORKS))
		hang(c, REPLY_HANG);
	if (strikes(c, FAULT_FLASH_REPLY_LAST))
		answer_last(c, 0);
	if (strikes(c, FAULT_FLASH_471))
		answer_last(c, 471);
	else if (d->spec.model == MODEL_BULB)
		answer_last(c, 408);
}

static void
do_flash(struct call *c)
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
		answer(c, code);
	} else if (strikes(c, FAULT_FLASH_EMPTY)) {
		count_told(c->device);
		answer_empty(c);
	} else if (strikes(c, FAULT_FLASH_HANG)) {
		count_told(c->device);
		hang(c, REPLY_STUCK);
	} else {
		obey(c, url, sha);
	}
}

/* clang-format off */
static const struct command {
	const char *path;
	enum fault_on on;
	void (*run)(struct call *);
} commands[] = {
	{ "/zeroconf/info",		ON_INFO,   do_info },
	{ "/zeroconf/ota_unlock",	ON_UNLOCK, do_unlock },
	{ "/zeroconf/ota_flash",	ON_FLASH,  do_flash },
	{ "/zeroconf/signal_strength",	ON_OTHER,  do_signal },
	{ "/zeroconf/switch",		ON_OTHER,  do_setting },
	{ "/zeroconf/startup",		ON_OTHER,  do_setting },
	{ "/zeroconf/pulse",		ON_OTHER,  do_setting },
	{ "/zeroconf/wifi",		ON_OTHER,  do_setting },
};
/* clang-format on */

static const struct command *
find_command(const char *path)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].path, path) == 0)
			return &commands[i];
	return NULL;
}

static void
count(struct device *d, enum fault_on on)
{
	if (on == ON_INFO)
		d->tally.info++;
	else if (on == ON_UNLOCK)
		d->tally.unlock++;
	else if (on == ON_FLASH)
		d->tally.flash++;
	else
		d->tally.other++;
}

/* What the firmware says to the deviceid.  False: the call is answered. */
static bool
check_id(struct call *c, const char *id)
{
	struct device *d = c->device;

	if (id != NULL && fault_has(&d->spec.faults, FAULT_ONLY_WITHOUT_ID)) {
		hang(c, REPLY_HANG);
	} else if (id == NULL && !model_takes_no_id(d)) {
		answer(c, 422);
	} else if (id != NULL && id[0] == '\0') {
		device_breach(d, "empty deviceid");
		if (model_takes_empty_id(d))
			return true;
		hang(c, REPLY_HANG);
	} else if (id != NULL && strcmp(id, d->spec.id) != 0) {
		answer(c, 404);
	} else {
		return true;
	}
	return false;
}

static void
run(struct call *c, const struct command *command, json_t *root)
{
	json_t *id = json_object_get(root, "deviceid");

	c->data = json_object_get(root, "data");
	if (model_is_encrypted(c->device)) {
		answer(c, 401);
	} else if (!json_is_object(c->data) ||
	    (id != NULL && !json_is_string(id))) {
		device_breach(c->device,
		    "%s: body is not {\"deviceid\":\"...\",\"data\":{...}}",
		    command->path);
		answer(c, 400);
	} else if (check_id(c, json_string_value(id))) {
		command->run(c);
	}
}

void
zeroconf_answer(struct device *d, const struct request *r, struct reply *reply)
{
	const struct command *command = find_command(r->path);
	struct call c = { .device = d, .reply = reply };
	json_t *root;

	c.on = command != NULL ? command->on : ON_OTHER;
	count(d, c.on);
	if (reply_instead(reply, d, c.on))
		return;
	if (command == NULL) {
		/* A wrong path hangs (ITEAD/Sonoff_Devices_DIY_Tools#103). */
		hang(&c, REPLY_HANG);
		return;
	}
	root = json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, NULL);
	run(&c, command, root);
	json_decref(root);
	reply_spoil(reply, d, c.on);
}
