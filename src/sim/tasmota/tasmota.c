/* SPDX-License-Identifier: ISC */
/* Starts and stops a device that runs Tasmota, and runs its command queue. */
#include "config.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"
#include "sim/tasmota/tasmota_web.h"
#include "sim/tasmota/updater.h"
#include "sim/web/web.h"
#include "sim/timer.h"

#define COMMANDS 2000 /* at most, for the report */

/* Return true if the command has that name. */
static bool
is_named(const char *line, const char *word, size_t len)
{
	return len > 0 && strncasecmp(line, word, len) == 0 &&
	    strcspn(line, " ") == len;
}

/* Return true if a command with that name was lost before. */
static bool
was_lost(const struct tasmota *t, const char *line)
{
	json_t *one;
	size_t i;

	json_array_foreach (t->lost, i, one) {
		const char *before = json_string_value(one);

		if (is_named(line, before, strcspn(before, " ")))
			return true;
	}
	return false;
}

/* Return true if the device always ignores this command, which sets. */
static bool
is_always_lost(const struct tasmota *t, const char *line)
{
	const char *never = t->device->spec.loses;

	return is_named(line, never, strlen(never)) &&
	    strchr(line, ' ') != NULL;
}

/*
 * Return true if a fault loses this command: the middle one of a Backlog the
 * first time, or always the same one.
 */
static bool
is_lost(struct tasmota *t, const char *line)
{
	bool middle = t->backlog.count == t->middle;

	if (is_always_lost(t, line))
		return true;
	return middle && !was_lost(t, line) &&
	    fault_has(&t->device->spec.faults, FAULT_TASMOTA_LOSES);
}

/* Crash in the middle of a Backlog, if a fault says so; the queue is lost. */
static bool
crash_if_due(struct tasmota *t)
{
	if (t->crashed || t->backlog.count != t->middle ||
	    !fault_has(&t->device->spec.faults, FAULT_TASMOTA_RESTARTS))
		return false;
	t->crashed = true;
	tasmota_restart(t, NULL);
	return true;
}

static void
remember_line(json_t *list, const char *line)
{
	if (json_array_size(list) < COMMANDS)
		json_array_append_new(list, tasmota_store_json_text(line));
}

void
tasmota_remember(struct tasmota *t, const char *line)
{
	remember_line(t->commands, line);
}

static void
schedule_restart(struct tasmota *t)
{
	if (t->restart_due && t->backlog.count == 0 &&
	    !evtimer_pending(t->restart, NULL))
		timer_set(t->restart, t->device->spec.restart_ms / 2);
}

/* Return the ms to the next command, SetOption34 unless Delay set others. */
static unsigned
next_delay(const struct tasmota *t)
{
	if (t->delay_ms > 0)
		return t->delay_ms;
	return t->no_delay ? 0 : (unsigned)tasmota_number(t, "SetOption34");
}

/* Run one command of the queue. */
static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct tasmota *t = ctx;
	char *line = backlog_take(&t->backlog);
	struct tasmota_say said = { 0 };

	(void)fd;
	(void)what;
	t->delay_ms = 0;
	if (line != NULL && is_lost(t, line))
		remember_line(t->lost, line);
	else if (line != NULL)
		tasmota_run(t, line, &said);
	free(line);
	tasmota_say_fini(&said);
	if (crash_if_due(t))
		return;
	if (t->backlog.count > 0)
		timer_set(t->tick, next_delay(t));
	else
		t->no_delay = false;
	schedule_restart(t);
}

/*
 * Swap addresses with another device, if that is due at this restart.  Returns
 * true if the device is then on the LAN.
 */
static bool
swap_if_due(struct tasmota *t)
{
	char other[sizeof(t->device->spec.swap)];
	struct error err;

	if (t->device->spec.swap[0] == '\0')
		return false;
	text_copy(other, sizeof(other), t->device->spec.swap);
	t->device->spec.swap[0] = '\0';
	if (device_swap(t->device, other, &err))
		return true;
	device_say(t->device, "cannot swap addresses: %s", err.text);
	return false;
}

/* Begin a restart that is due, or end it. */
static void
on_restart(evutil_socket_t fd, short what, void *ctx)
{
	struct tasmota *t = ctx;
	struct error err;

	(void)fd;
	(void)what;
	if (t->restart_due)
		tasmota_restart(t, NULL);
	else if (!swap_if_due(t) && !tasmota_start(t, &err))
		device_say(t->device, "%s", err.text);
}

struct tasmota *
tasmota_new(struct device *d, const struct firmware *image)
{
	struct tasmota *t = xcalloc(1, sizeof(*t));

	t->device = d;
	t->image = *image;
	if (t->image.kind != FIRMWARE_TASMOTA)
		text_copy(t->image.variant, sizeof(t->image.variant), "lite");
	if (t->image.version[0] == '\0' || t->image.kind != FIRMWARE_TASMOTA)
		text_copy(t->image.version, sizeof(t->image.version), "14.2.0");
	if (d->spec.tasmota_version[0] != '\0')
		text_copy(t->image.version, sizeof(t->image.version),
		    d->spec.tasmota_version);
	t->commands = json_array();
	t->backlogs = json_array();
	t->lost = json_array();
	t->upgrades = json_array();
	t->web = web_new(d, tasmota_web_answer, t);
	t->updater = updater_new(t);
	t->tick = evtimer_new(d->sim->base, on_tick, t);
	t->restart = evtimer_new(d->sim->base, on_restart, t);
	tasmota_reset(t);
	return t;
}

void
tasmota_free(struct tasmota *t)
{
	if (t == NULL)
		return;
	tasmota_stop(t);
	web_free(t->web);
	updater_free(t->updater);
	event_free(t->tick);
	event_free(t->restart);
	tasmota_store_clear(&t->settings);
	tasmota_store_clear(&t->saved);
	tasmota_store_clear(&t->before);
	json_decref(t->template);
	json_decref(t->commands);
	json_decref(t->backlogs);
	json_decref(t->lost);
	json_decref(t->upgrades);
	free(t);
}

bool
tasmota_start(struct tasmota *t, struct error *err)
{
	bool goes_on = t->loader && tasmota_is_minimal(t);

	t->boots++;
	t->restart_due = false;
	tasmota_hostname(t, t->hostname, sizeof(t->hostname));
	/* A minimal build saves nothing (SettingsSave in settings.ino). */
	if (tasmota_is_minimal(t))
		tasmota_store_copy(&t->saved, &t->settings);
	if (goes_on)
		updater_go_on(t->updater);
	if (goes_on && fault_has(&t->device->spec.faults, FAULT_UPGRADE_MUTE))
		return true;
	return web_open(t->web, err);
}

void
tasmota_stop(struct tasmota *t)
{
	web_close(t->web);
	updater_stop(t->updater);
	event_del(t->tick);
	event_del(t->restart);
	backlog_clear(&t->backlog);
	t->restart_due = false;
}

void
tasmota_restart(struct tasmota *t, const struct firmware *next)
{
	device_say(t->device, "restarts");
	tasmota_stop(t);
	t->restarts++;
	tasmota_rule_forget(t);
	if (tasmota_is_minimal(t) && t->boots > 0)
		tasmota_store_copy(&t->settings, &t->saved);
	if (t->reset_due)
		tasmota_reset(t);
	t->reset_due = false;
	if (fault_strikes(&t->device->spec.faults, FAULT_MODULE_LOST, ON_ALL))
		t->module = 1;
	if (next != NULL)
		t->image = *next;
	timer_set(t->restart, t->device->spec.restart_ms);
}

void
tasmota_command(struct tasmota *t, const char *line, struct tasmota_say *say)
{
	if (is_always_lost(t, line))
		remember_line(t->lost, line);
	else
		tasmota_run(t, line, say);
	if (t->backlog.count > 0 && !evtimer_pending(t->tick, NULL))
		timer_set(t->tick, 0);
	schedule_restart(t);
}

json_t *
tasmota_report(const struct tasmota *t)
{
	char version[48];

	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:O, s:o, s:i, s:i, "
			 "s:O, s:O, s:O, s:O, s:i, s:i, s:i}",
	    "version", t->image.version, "variant", t->image.variant,
	    "full_version", tasmota_version(t, version, sizeof(version)),
	    "template", json_string_value(json_object_get(t->template, "NAME")),
	    "module", (int)t->module, "hostname", t->hostname, "template_json",
	    t->template, "settings", tasmota_store_json(&t->settings),
	    "restarts", (int)t->restarts, "boots", (int)t->boots, "commands",
	    t->commands, "backlogs", t->backlogs, "lost", t->lost, "upgrades",
	    t->upgrades, "web_calls", (int)t->web_calls, "bad_calls",
	    (int)t->bad_calls, "passwords", (int)t->passwords);
}
