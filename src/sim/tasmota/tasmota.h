/* SPDX-License-Identifier: ISC */
/*
 * tasmota -- a device that runs Tasmota: what it keeps in its flash, its
 * commands (tasmotacmd.c), what it tells of itself (tasmotastatus.c), and its
 * restarts.  The command queue comes first: a restart that a command asked for
 * waits until it is empty (support_tasmota.ino).
 */
#ifndef REFLASHD_SIM_TASMOTA_H
#define REFLASHD_SIM_TASMOTA_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "sim/image/firmware.h"
#include "sim/tasmota/backlog.h"
#include "sim/tasmota/tasmotasay.h"
#include "sim/tasmota/tasmotastore.h"

struct device;
struct event;
struct updater;
struct web;

struct tasmota {
	struct device *device;	      /* borrowed */
	struct firmware image;	      /* that runs */
	struct tasmotastore settings; /* that are not the default */
	struct tasmotastore saved;    /* those, when a minimal started */
	struct tasmotastore before;   /* those, before a command that errs */
	json_t *template;
	unsigned module;
	bool power;
	char hostname[40]; /* since the last start */
	struct backlog backlog;
	size_t middle;	   /* what is left when half of it has run */
	bool crashed;	   /* in the middle of one, as it had to */
	bool no_delay;	   /* Backlog0 */
	unsigned delay_ms; /* that a command asked for, 0: none */
	bool restart_due, reset_due;
	bool loader; /* a minimal that goes on to the real one */
	struct web *web;
	struct updater *updater;
	struct event *tick, *restart;
	unsigned restarts, boots, web_calls, bad_calls, passwords;
	json_t *commands, *backlogs, *lost; /* as they came */
	json_t *upgrades;		    /* every try of one */
};

struct tasmota *tasmota_new(struct device *, const struct firmware *);
void tasmota_free(struct tasmota *); /* NULL is fine */

/* On the LAN, power on; and off again. */
bool tasmota_start(struct tasmota *, struct error *);
void tasmota_stop(struct tasmota *);

/* Restart now; as what it has become, if it has. */
void tasmota_restart(struct tasmota *, const struct firmware *);

/* "14.2.0(release-lite)" */
char *tasmota_version(const struct tasmota *, char *dst, size_t size);
bool tasmota_is_minimal(const struct tasmota *);

/* A setting, or its default.  Returns dst. */
char *
tasmota_get(const struct tasmota *, const char *name, char *dst, size_t size);

/* NULL: the default again. */
void tasmota_set(struct tasmota *, const char *name, const char *value);

/* As they are used: with the MAC in place of "%06X". */
char *tasmota_topic(const struct tasmota *, char *dst, size_t size);
char *tasmota_hostname(const struct tasmota *, char *dst, size_t size);

/* A command from outside, and one of the queue, with what they say. */
void tasmota_command(struct tasmota *, const char *line, struct tasmotasay *);
void tasmota_run(struct tasmota *, const char *line, struct tasmotasay *);

/* Around a command: what the device errs in (tasmotafault.c). */
void tasmotafault_remember(struct tasmota *);
void tasmotafault_spoil(
    struct tasmota *, const char *name, unsigned index, struct tasmotasay *);

/* What it has been given before anybody asks. */
void tasmotafault_preset(struct tasmota *);

/* Text for the report, whatever bytes it has. */
json_t *tasmota_json_text(const char *);

/* The template of a module, from 1, as a version has it. */
json_t *tasmota_module_template(unsigned version, unsigned module);

/* For the report: it came to this command. */
void tasmota_remember(struct tasmota *, const char *line);

/* All of it back to what it was made with. */
void tasmota_reset(struct tasmota *);

/* "Sonoff Basic", or the name in the template. */
const char *tasmota_module_name(const struct tasmota *);

/* Bytes that an upgrade may have. */
unsigned tasmota_free_bytes(const struct tasmota *);

#define STATUS_ALL 99

/* "StatusFWR" and so on, 0 is "Status"; false: there is no such number. */
bool
tasmota_status(const struct tasmota *, unsigned number, struct tasmotasay *);

/* 5C:CF:7F:01:02:03 */
char *tasmota_mac(const struct tasmota *, char dst[18]);

json_t *tasmota_report(const struct tasmota *);

#endif
