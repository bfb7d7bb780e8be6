/* SPDX-License-Identifier: ISC */
/* Runs what a device has booted: its place on the LAN, and what answers. */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/booted.h"
#include "sim/device.h"
#include "sim/esphome/esphome_talk.h"
#include "sim/mdns/voice.h"
#include "sim/sim.h"
#include "sim/tasmota/tasmota.h"
#include "sim/web/web.h"
#include "sim/web/web_reply.h"
#include "sim/web/web_request.h"
#include "sim/timer.h"

/* clang-format off */
#define AFTER_STATES(X)		\
	X(NONE,	   "none")	\
	X(AWAY,	   "away")	\
	X(JOINING, "joining")	\
	X(LAN,	   "lan")
/* clang-format on */

enum after_state {
#define X(symbol, name) STATE_##symbol,
	AFTER_STATES(X)
#undef X
};

static const char *const state_names[] = {
#define X(symbol, name) name,
	AFTER_STATES(X)
#undef X
};

struct booted {
	struct device *device; /* borrowed */
	enum after_kind kind;
	enum after_state state;
	struct firmware firmware;
	struct tasmota *tasmota;
	struct web *web; /* of a server that is neither Tasmota nor ESPHome */
	struct esphome_talk *esphome;
	struct event *timer;
	bool moved; /* the device has its other address */
	unsigned web_calls;
};

static void
answer_other(void *ctx, const struct web_request *r, struct web_reply *reply)
{
	struct booted *a = ctx;

	a->web_calls++;
	web_reply_nginx(reply, r != NULL ? r->path : "");
}

/* Give ESPHome another address: its DHCP lease is for another name. */
static bool
choose_address(struct booted *a, struct error *err)
{
	struct device *d = a->device;
	bool other = d->spec.other_address || a->kind == AFTER_ESPHOME;

	if (!other || a->moved)
		return true;
	a->moved = true;
	if (!lan_move(
		&d->sim->lan, &d->port, lan_next_address(&d->sim->lan), err))
		return false;
	d->told_address = d->port.address;
	return true;
}

static bool
open_services(struct booted *a, struct error *err)
{
	switch (a->kind) {
	case AFTER_OTHER:
		return web_open(a->web, err);
	case AFTER_ESPHOME:
		voice_come(a->device->voice);
		return esphome_talk_open(a->esphome, err);
	default:
		return tasmota_start(a->tasmota, err);
	}
}

/* Use another vendor part that Espressif has, or that of the stock firmware. */
static void
set_mac_vendor(struct booted *a, bool other)
{
	memcpy(a->device->port.mac, other ? "\xec\xfa\xbc" : "\x5c\xcf\x7f", 3);
}

/* Choose the MAC that the LAN sees: the device's own, or that of a repeater. */
static bool
choose_mac(struct booted *a, struct error *err)
{
	struct device *d = a->device;

	set_mac_vendor(a, d->spec.other_mac);
	return lan_repeat(&d->sim->lan, &d->port,
	    fault_strikes(&d->spec.faults, FAULT_TASMOTA_REPEATED, ON_ALL),
	    err);
}

/* Give the device back the MAC that its stock firmware always had. */
static void
restore_mac(struct booted *a)
{
	struct device *d = a->device;
	struct error err;

	set_mac_vendor(a, false);
	if (!lan_repeat(&d->sim->lan, &d->port, false, &err))
		device_say(d, "%s", err.text);
}

static void
enter_lan(struct booted *a)
{
	struct device *d = a->device;
	struct error err;

	a->state = STATE_LAN;
	if (!choose_address(a, &err) || !choose_mac(a, &err) ||
	    !lan_set_up(&d->sim->lan, &d->port, true, &err) ||
	    !open_services(a, &err))
		device_say(d, "cannot join: %s", err.text);
	else
		device_say(d, "joins as %s", spec_after_name(a->kind));
}

static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	enter_lan(ctx);
}

struct booted *
booted_new(struct device *d)
{
	struct booted *a = xcalloc(1, sizeof(*a));

	a->device = d;
	a->web = web_new(d, answer_other, a);
	a->esphome = esphome_talk_new(d);
	a->timer = evtimer_new(d->sim->base, on_timer, a);
	return a;
}

static void
join_later(struct booted *a)
{
	a->state = STATE_JOINING;
	timer_set(a->timer, a->device->spec.join_ms);
}

/*
 * Neither Tasmota nor ESPHome takes over the Wi-Fi credentials of the stock
 * firmware, so an image without its own waits as an access point.
 */
void
booted_boot(struct booted *a, const struct firmware *f)
{
	booted_end(a);
	a->kind = a->device->spec.after;
	if (a->kind == AFTER_DEFAULT)
		a->kind = AFTER_AP;
	a->firmware = *f;
	a->state = STATE_AWAY;
	if (a->kind == AFTER_TASMOTA || a->kind == AFTER_TASMOTA_LATER ||
	    a->kind == AFTER_AP)
		a->tasmota = tasmota_new(a->device, f);
	if (a->kind != AFTER_AP && a->kind != AFTER_TASMOTA_LATER)
		join_later(a);
}

bool
booted_join(struct booted *a, struct error *err)
{
	if (a->state == STATE_NONE)
		return error_set(
		    err, EINVAL, "the device has not booted an image yet");
	if (a->state == STATE_AWAY)
		join_later(a);
	return true;
}

void
booted_leave(struct booted *a)
{
	struct device *d = a->device;
	struct error err;

	if (a->state == STATE_NONE)
		return;
	if (a->state == STATE_LAN && a->kind == AFTER_ESPHOME)
		voice_leave(d->voice);
	event_del(a->timer);
	web_close(a->web);
	esphome_talk_close(a->esphome);
	if (a->tasmota != NULL)
		tasmota_stop(a->tasmota);
	a->state = STATE_AWAY;
	if (!lan_set_up(&d->sim->lan, &d->port, false, &err))
		device_say(d, "%s", err.text);
}

void
booted_move(struct booted *a)
{
	bool was_there = a->state == STATE_LAN;

	booted_leave(a);
	a->moved = false;
	a->device->spec.other_address = true;
	if (was_there)
		enter_lan(a);
}

/* Leave the LAN.  Returns true if the device was on it. */
static bool
leave_for_swap(struct booted *a)
{
	bool was_there = a->state == STATE_LAN;

	booted_leave(a);
	a->moved = true;
	return was_there;
}

static bool
take_address(struct booted *a, struct in_addr address, struct error *err)
{
	struct device *d = a->device;

	if (!lan_move(&d->sim->lan, &d->port, address, err))
		return false;
	d->told_address = address;
	device_say(d, "has another address now");
	return true;
}

bool
booted_swap(struct booted *a, struct booted *b, struct error *err)
{
	struct in_addr first = a->device->port.address;
	struct in_addr second = b->device->port.address;
	bool a_there, b_there;

	if (a->state == STATE_NONE || b->state == STATE_NONE)
		return error_set(err, EINVAL,
		    "one of the two devices has not booted an image yet");
	a_there = leave_for_swap(a);
	b_there = leave_for_swap(b);
	if (!take_address(a, second, err) || !take_address(b, first, err))
		return false;
	if (a_there)
		enter_lan(a);
	if (b_there)
		enter_lan(b);
	return true;
}

void
booted_end(struct booted *a)
{
	booted_leave(a);
	if (a->state != STATE_NONE)
		restore_mac(a);
	tasmota_free(a->tasmota);
	a->tasmota = NULL;
	a->moved = false;
	a->state = STATE_NONE;
}

void
booted_free(struct booted *a)
{
	if (a == NULL)
		return;
	tasmota_free(a->tasmota);
	web_free(a->web);
	esphome_talk_free(a->esphome);
	event_free(a->timer);
	free(a);
}

bool
booted_is_on_lan(const struct booted *a)
{
	return a->state == STATE_LAN;
}

bool
booted_is_esphome(const struct booted *a)
{
	return a->state != STATE_NONE && a->kind == AFTER_ESPHOME;
}

const struct firmware *
booted_firmware(const struct booted *a)
{
	return &a->firmware;
}

void
booted_report(const struct booted *a, json_t *into)
{
	bool none = a->state == STATE_NONE;

	json_object_set_new(into, "after",
	    none ? json_null() : json_string(spec_after_name(a->kind)));
	json_object_set_new(into, "after_state",
	    none ? json_null() : json_string(state_names[a->state]));
	json_object_set_new(into, "tasmota",
	    a->tasmota != NULL ? tasmota_report(a->tasmota) : json_null());
	json_object_set_new(
	    into, "other_web_calls", json_integer((json_int_t)a->web_calls));
}
