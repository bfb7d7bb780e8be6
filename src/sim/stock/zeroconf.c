/* SPDX-License-Identifier: ISC */
/* Answers the commands below /zeroconf/ as each stock firmware does. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "sim/device.h"
#include "sim/mdns/voice.h"
#include "sim/stock/model.h"
#include "sim/sim.h"
#include "sim/stock/call.h"
#include "sim/stock/request.h"
#include "sim/stock/zeroconf.h"

#define LATE_UNLOCK_MS 4000

static void
do_info(struct call *c)
{
	if (!model_knows_info(c->device))
		call_hang(c, REPLY_HANG); /* as at an unknown path */
	else
		reply_json(c->reply, c->device, 0, model_info(c->device));
	/* It announces itself after a call (Sonoff_Devices_DIY_Tools#37). */
	if (fault_has(&c->device->spec.faults, FAULT_QUERY_MUTE))
		voice_announce(c->device->voice);
}

static void
do_signal(struct call *c)
{
	reply_json(c->reply, c->device, 0,
	    json_pack("{s:i}", "signalStrength", c->device->spec.rssi));
}

/* Answer switch, startup and pulse, whose effect does not matter here. */
static void
do_setting(struct call *c)
{
	call_answer(c, json_object_size(c->data) > 0 ? 0 : 422);
}

static void
unlock_device(struct device *d, uint64_t delay_ms)
{
	if (!d->unlocked)
		d->unlocked_at = clock_awake_ms() + delay_ms;
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
		if (call_strikes(c, codes[i].fault)) {
			call_answer(c, codes[i].code);
			return;
		}
	if (call_strikes(c, FAULT_UNLOCK_HANG)) {
		call_hang(c, REPLY_STUCK);
		return;
	}
	if (call_strikes(c, FAULT_UNLOCK_EMPTY)) {
		call_answer_empty(c);
		return;
	}
	unlock_device(
	    c->device, call_strikes(c, FAULT_UNLOCK_LATE) ? LATE_UNLOCK_MS : 0);
	call_answer(c, 0);
	if (call_strikes(c, FAULT_UNLOCK_EMPTY_WORKS))
		call_answer_empty(c);
	if (call_strikes(c, FAULT_ADDRESS_REUSED))
		c->reply->after = device_hand_over;
	if (call_strikes(c, FAULT_ADDRESS_CHANGES))
		c->reply->after = device_move;
}

/* clang-format off */
static const struct command {
	const char *path;
	enum fault_on on;
	void (*run)(struct call *);
} commands[] = {
	{ "/zeroconf/info",		ON_INFO,   do_info },
	{ "/zeroconf/ota_unlock",	ON_UNLOCK, do_unlock },
	{ "/zeroconf/ota_flash",	ON_FLASH,  call_flash },
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
count_call(struct device *d, enum fault_on on)
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

/* Check the deviceid.  Returns false if that has answered the call. */
static bool
check_id(struct call *c, const char *id)
{
	struct device *d = c->device;

	if (id != NULL && fault_has(&d->spec.faults, FAULT_ONLY_WITHOUT_ID)) {
		call_hang(c, REPLY_HANG);
	} else if (id == NULL && !model_takes_no_id(d)) {
		call_answer(c, 422);
	} else if (id != NULL && id[0] == '\0') {
		device_breach(d, "empty deviceid");
		if (model_takes_empty_id(d))
			return true;
		call_hang(c, REPLY_HANG);
	} else if (id != NULL && strcmp(id, d->spec.id) != 0) {
		call_answer(c, 404);
	} else {
		return true;
	}
	return false;
}

/* Return true if the last range is not a second old: the device is busy. */
static bool
is_fetching(const struct device *d)
{
	return d->ota != NULL && d->tally.range_at != 0 &&
	    sim_clock(d->sim) - d->tally.range_at < 1000;
}

/* Replace "data", JSON as text, by its object; false: not an old request. */
static bool
open_old_data(json_t *root)
{
	json_t *text = json_object_get(root, "data");
	json_t *data;

	if (!json_is_string(json_object_get(root, "sequence")) ||
	    !json_is_string(json_object_get(root, "deviceid")) ||
	    !json_is_string(json_object_get(root, "selfApikey")) ||
	    !json_is_false(json_object_get(root, "encrypt")) ||
	    !json_is_string(text))
		return false;
	data = json_loads(json_string_value(text), 0, NULL);
	return data != NULL && json_object_set_new(root, "data", data) == 0;
}

static void
run_command(struct call *c, const struct command *command, json_t *root)
{
	json_t *id = json_object_get(root, "deviceid");

	if (command->on != ON_FLASH && is_fetching(c->device))
		device_breach(
		    c->device, "%s during the download", command->path);
	if (model_is_old(c->device) && !open_old_data(root)) {
		call_hang(c, REPLY_HANG);
		return;
	}
	c->data = json_object_get(root, "data");
	if (model_is_encrypted(c->device)) {
		call_answer(c, 401);
	} else if (!json_is_object(c->data) ||
	    (id != NULL && !json_is_string(id))) {
		device_breach(c->device,
		    "%s: body is not {\"deviceid\":\"...\",\"data\":{...}}",
		    command->path);
		call_answer(c, 400);
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
	count_call(d, c.on);
	if (reply_instead(reply, d, c.on))
		return;
	if (command == NULL) {
		/* A wrong path hangs (ITEAD/Sonoff_Devices_DIY_Tools#103). */
		call_hang(&c, REPLY_HANG);
		return;
	}
	root = json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, NULL);
	run_command(&c, command, root);
	json_decref(root);
	reply_spoil(reply, d, c.on);
}
