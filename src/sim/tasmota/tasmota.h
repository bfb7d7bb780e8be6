/* SPDX-License-Identifier: ISC */
/*
 * tasmota -- a device that runs Tasmota: the settings in its flash, its
 * commands (tasmota_cmnd.c), its Status (tasmota_status.c), and its restarts. A
 * restart that a command asks for waits until the command queue is empty
 * (support_tasmota.ino).
 */
#ifndef REFLASHD_SIM_TASMOTA_H
#define REFLASHD_SIM_TASMOTA_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "sim/image/firmware.h"
#include "sim/tasmota/backlog.h"
#include "sim/tasmota/tasmota_say.h"
#include "sim/tasmota/tasmota_store.h"

struct device;
struct event;
struct updater;
struct web;

struct tasmota {
	struct device *device;	       /* borrowed */
	struct firmware image;	       /* the one that runs */
	struct tasmota_store settings; /* those that differ from the default */
	struct tasmota_store
	    saved; /* the settings when a minimal build started */
	struct tasmota_store
	    before; /* the settings before a command with a fault */
	json_t *template;
	unsigned module;
	bool power;
	char hostname[40]; /* since the last start */
	struct backlog backlog;
	size_t middle;	   /* lines left when half of a Backlog has run */
	bool crashed;	   /* a fault has restarted it in a Backlog */
	bool no_delay;	   /* Backlog0 */
	unsigned delay_ms; /* from the command Delay, 0: none */
	bool restart_due, reset_due;
	bool loader; /* a minimal build on the way to the full one */
	struct web *web;
	struct updater *updater;
	struct event *tick, *restart;
	unsigned restarts, boots, web_calls, bad_calls, passwords;
	json_t *commands, *backlogs,
	    *lost;	  /* in the order in which they came */
	json_t *upgrades; /* every try of an upgrade */
};

struct tasmota *tasmota_new(struct device *, const struct firmware *);
void tasmota_free(struct tasmota *); /* NULL is fine */

/* Start on the LAN; switch the power off. */
bool tasmota_start(struct tasmota *, struct error *);
void tasmota_stop(struct tasmota *);

/* Restart now, as the next firmware unless that is NULL. */
void tasmota_restart(struct tasmota *, const struct firmware *);

/* Write "14.2.0(release-lite)" or the like.  Returns dst. */
char *tasmota_version(const struct tasmota *, char *dst, size_t size);
bool tasmota_is_minimal(const struct tasmota *);

/* Copy a setting, or its default.  Returns dst. */
char *
tasmota_get(const struct tasmota *, const char *name, char *dst, size_t size);

/* Set a setting; NULL: back to the default. */
void tasmota_set(struct tasmota *, const char *name, const char *value);

/* Write topic and host name as they are used, with the MAC for "%06X". */
char *tasmota_topic(const struct tasmota *, char *dst, size_t size);
char *tasmota_hostname(const struct tasmota *, char *dst, size_t size);

/* Run a command of the web server, or of the queue, and collect its answer. */
void tasmota_command(struct tasmota *, const char *line, struct tasmota_say *);
void tasmota_run(struct tasmota *, const char *line, struct tasmota_say *);

/* Call these around a command, for its faults (tasmota_fault.c). */
void tasmota_fault_remember(struct tasmota *);
void tasmota_fault_spoil(
    struct tasmota *, const char *name, unsigned index, struct tasmota_say *);

/* Set the settings that the device starts with. */
void tasmota_fault_preset(struct tasmota *);

/* Make the template of a module, from 1, as that version has it. */
json_t *tasmota_module_template(unsigned version, unsigned module);

/* Note a command for the report. */
void tasmota_remember(struct tasmota *, const char *line);

/* Reset all settings to those that the device was made with. */
void tasmota_reset(struct tasmota *);

/* Return how many bytes an upgrade may have. */
unsigned tasmota_free_bytes(const struct tasmota *);

#define STATUS_ALL 99

/* Say one part of Status, or all with STATUS_ALL; false: no such number. */
bool
tasmota_status(const struct tasmota *, unsigned number, struct tasmota_say *);

/* Write 5C:CF:7F:01:02:03 or the like.  Returns dst. */
char *tasmota_mac(const struct tasmota *, char dst[18]);

json_t *tasmota_report(const struct tasmota *);

#endif
