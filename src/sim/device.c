/* SPDX-License-Identifier: ISC */
/* The life of a simulated device: it comes, is flashed, boots and leaves. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "sim/booted.h"
#include "sim/device.h"
#include "sim/mdns/voice.h"
#include "sim/sim.h"
#include "sim/stock/api.h"
#include "sim/stock/ota.h"
#include "sim/timer.h"

#define LATE_LEAVE_MS 20000
#define BACK_STOCK_MS 6000
#define MAX_BREACHES  100

static const char *const state_names[] = {
#define X(symbol, name) name,
	DEVICE_STATES(X)
#undef X
};

static bool
is_mac_taken(const struct sim *sim, const unsigned char mac[6])
{
	for (size_t i = 0; i < sim->count; i++)
		if (memcmp(sim->devices[i]->port.mac, mac, 6) == 0)
			return true;
	return false;
}

/* Make a MAC of Espressif's prefix and the end of the id, but none twice. */
static void
choose_mac(const struct device *d, unsigned char mac[6])
{
	const char *end = d->spec.id + strlen(d->spec.id) - 6;
	unsigned low = (unsigned)strtoul(end, NULL, 16);

	memcpy(mac, "\x5c\xcf\x7f", 3);
	do {
		mac[3] = (unsigned char)(low >> 16);
		mac[4] = (unsigned char)(low >> 8);
		mac[5] = (unsigned char)low;
		low += 0x10000;
	} while (is_mac_taken(d->sim, mac));
}

/* Reboot, or come back to the LAN, as the state of the device says. */
static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct device *d = ctx;
	struct error err;

	(void)fd;
	(void)what;
	if (d->state == DEVICE_AWAY) {
		d->unlocked = false;
		d->seq = 1;
		if (!device_come(d, &err))
			device_say(d, "cannot come back: %s", err.text);
		return;
	}
	if (d->state != DEVICE_REBOOTING)
		return;
	device_leave(d);
	if (fault_has(&d->plan, FAULT_COMES_BACK_STOCK) ||
	    d->spec.after == AFTER_STOCK) {
		timer_set(d->timer, BACK_STOCK_MS);
		return;
	}
	d->state = DEVICE_BOOTED;
	d->tally.boots++;
	d->tally.booted_at = sim_clock(d->sim);
	text_copy(d->tally.booted, sizeof(d->tally.booted), d->told_sha);
	device_say(d, "boots %.16s...", d->told_sha);
	booted_boot(d->after, &d->fetched);
}

struct device *
device_new(struct sim *sim, const struct spec *spec, struct error *err)
{
	struct device *d = xcalloc(1, sizeof(*d));
	unsigned char mac[6];

	d->sim = sim;
	d->spec = *spec;
	d->seq = 1;
	d->tally.verdict = -1;
	if (d->spec.id[0] == '\0')
		snprintf(d->spec.id, sizeof(d->spec.id), "1000a0%04x",
		    (unsigned)(0x5bf6 + sim->count) & 0xffff);
	choose_mac(d, mac);
	if (!lan_add_port(&sim->lan, mac, &d->port, err)) {
		free(d);
		return NULL;
	}
	d->told_address = d->port.address;
	if (fault_has(&spec->faults, FAULT_UNREACHABLE))
		d->told_address = lan_next_address(&sim->lan);
	d->unlocked = fault_has(&spec->faults, FAULT_UNLOCKED);
	d->api = api_new(d);
	d->after = booted_new(d);
	d->voice = voice_new(d);
	d->timer = evtimer_new(sim->base, on_timer, d);
	return d;
}

void
device_free(struct device *d)
{
	if (d == NULL)
		return;
	ota_free(d->ota);
	booted_free(d->after);
	voice_free(d->voice);
	api_free(d->api);
	event_free(d->timer);
	problems_fini(&d->breaches);
	free(d);
}

bool
device_come(struct device *d, struct error *err)
{
	bool there = !fault_has(&d->spec.faults, FAULT_UNREACHABLE);

	if (d->state != DEVICE_AWAY && d->state != DEVICE_BOOTED)
		return true;
	booted_end(d->after);
	/* An unreachable device must be able to announce itself. */
	if (!lan_set_up(&d->sim->lan, &d->port, true, err))
		return false;
	if (there && !fault_has(&d->spec.faults, FAULT_PORT_CLOSED) &&
	    !api_open(d->api, err))
		return false;
	d->state = DEVICE_STOCK;
	event_del(d->timer);
	voice_come(d->voice);
	return true;
}

void
device_leave(struct device *d)
{
	struct error err;

	if (!device_is_present(d)) {
		booted_leave(d->after);
		return;
	}
	ota_free(d->ota);
	d->ota = NULL;
	event_del(d->timer);
	voice_leave(d->voice);
	api_close(d->api);
	d->state = DEVICE_AWAY;
	device_say(d, "leaves");
	if (!lan_set_up(&d->sim->lan, &d->port, false, &err))
		device_say(d, "%s", err.text);
}

void
device_move(struct device *d)
{
	struct in_addr to;
	struct error err;

	if (!device_is_present(d)) {
		booted_move(d->after);
		return;
	}
	to = lan_next_address(&d->sim->lan);
	api_close(d->api);
	if (!lan_move(&d->sim->lan, &d->port, to, &err) ||
	    !lan_set_up(&d->sim->lan, &d->port, true, &err) ||
	    !api_open(d->api, &err))
		device_say(d, "cannot move: %s", err.text);
	d->told_address = to;
	device_say(d, "has another address now");
	d->seq++;
	voice_announce(d->voice);
}

void
device_hand_over(struct device *d)
{
	struct in_addr old = d->port.address;
	struct device *other;
	struct spec spec;
	struct error err;

	device_move(d);
	spec_init(&spec);
	snprintf(spec.id, sizeof(spec.id), "1000b%.5s", d->spec.id + 5);
	spec.port = d->spec.port;
	other = sim_add(d->sim, &spec, &err);
	if (other == NULL || !lan_move(&d->sim->lan, &other->port, old, &err)) {
		device_say(d, "nobody takes its address: %s", err.text);
		return;
	}
	other->told_address = old;
	if (!device_come(other, &err))
		device_say(other, "%s", err.text);
}

bool
device_swap(struct device *d, const char *other_id, struct error *err)
{
	struct device *other = sim_find(d->sim, other_id);

	if (other == NULL || other == d)
		return error_set(err, ENODEV, "no other device %s", other_id);
	return booted_swap(d->after, other->after, err);
}

/* Choose the faults that strike in this download. */
static void
plan_download(struct device *d)
{
	memset(&d->plan, 0, sizeof(d->plan));
	for (size_t i = FAULT_FETCH_LATE; i <= FAULT_LEAVES_LATE; i++)
		if (fault_strikes(&d->spec.faults, (enum fault)i, ON_FLASH))
			d->plan.item[i].on = ON_ALL;
	if (d->spec.model == MODEL_BULB)
		d->plan.item[FAULT_NO_SLASH].on = ON_ALL;
}

bool
device_flash(struct device *d, const char *url, const char *sha256,
    unsigned delay, struct error *err)
{
	plan_download(d);
	d->ota = ota_new(d, url, sha256, delay, err);
	if (d->ota == NULL)
		return false;
	text_copy(d->told_sha, sizeof(d->told_sha), sha256);
	d->state = DEVICE_FLASHING;
	d->seq++;
	sim_count_flashing(d->sim);
	return true;
}

void
device_give_up(struct device *d)
{
	ota_free(d->ota);
	d->ota = NULL;
	d->state = DEVICE_STOCK;
}

void
device_flashed(struct device *d, int verdict)
{
	const struct fault_set *faults = &d->plan;
	bool stays = verdict != 0 || fault_has(faults, FAULT_DOES_NOT_LEAVE) ||
	    fault_has(faults, FAULT_VERDICT_NEVER_STAYS) ||
	    fault_has(faults, FAULT_VERDICT_EARLY);

	device_say(d, "download ends with %d", verdict);
	ota_free(d->ota);
	d->ota = NULL;
	api_release(d->api, verdict);
	d->state = stays ? DEVICE_STOCK : DEVICE_REBOOTING;
	if (!stays)
		timer_set(d->timer,
		    fault_has(faults, FAULT_LEAVES_LATE) ? LATE_LEAVE_MS
							 : d->spec.reboot_ms);
}

void
device_reboot_stock(struct device *d, bool comes_back)
{
	device_leave(d);
	if (comes_back)
		timer_set(d->timer, BACK_STOCK_MS);
}

bool
device_is_present(const struct device *d)
{
	return d->state != DEVICE_AWAY && d->state != DEVICE_BOOTED;
}

bool
device_is_unlocked(const struct device *d)
{
	return d->unlocked && clock_awake_ms() >= d->unlocked_at;
}

const char *
device_state_name(const struct device *d)
{
	return state_names[d->state];
}

char *
device_instance(const struct device *d, char *dst, size_t size)
{
	const char *prefix = d->spec.prefix;

	if (fault_has(&d->spec.faults, FAULT_LOWER_CASE))
		prefix = "eWelink_";
	snprintf(dst, size, "%s%s%s", prefix, d->spec.id, d->spec.suffix);
	return dst;
}

static void
print_line(const struct device *d, const char *what, const char *text)
{
	fprintf(stderr, "sim: device %s (%s): %s%s\n", d->spec.id,
	    inet_ntoa(d->told_address), what, text);
}

void
device_breach(struct device *d, const char *fmt, ...)
{
	char raw[400], text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_escape(text, sizeof(text), raw, strlen(raw));
	print_line(d, "BREACH: ", text);
	if (d->breaches.count < MAX_BREACHES)
		problems_add(&d->breaches, "%s", text);
}

void
device_say(const struct device *d, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!d->sim->verbose)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_line(d, "", text);
}
