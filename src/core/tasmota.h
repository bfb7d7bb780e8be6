/* SPDX-License-Identifier: ISC */
/*
 * tasmota -- what is said to a Tasmota over HTTP, and what it answers.
 *
 * GET /cm?cmnd=COMMAND; with a web password set, HTTP Basic as "admin", and 401
 * without it.  Several settings go into one Backlog, since each of them alone
 * may cost a restart and a restart waits until the Backlog is empty.
 */
#ifndef REFLASHD_TASMOTA_H
#define REFLASHD_TASMOTA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/words.h"

#define TASMOTA_PORT	    80
#define TASMOTA_MAX_CMND    1200 /* bytes of cmnd that are taken */
#define TASMOTA_MAX_BACKLOG 30	 /* commands in one Backlog */
#define TASMOTA_MAX_REPLY   16384

/* Both freed with free(). */
char *tasmota_path(const char *command);
char *tasmota_authorization(const char *password);

/* What it says of itself; "" where it did not. */
struct tasmota_facts {
	char version[16]; /* "14.2.0" */
	char variant[24]; /* "lite", "tasmota", "minimal" */
	char built[24];	  /* "2024-08-14T12:40:16" */
	char mac[18];	  /* "5c:cf:7f:0a:5b:f6", lower case */
};

/*
 * Read a reply to Status 2 or Status 5 on top of what is known.  False: it is
 * no Tasmota, or not the reply to that.
 */
bool tasmota_read_status(
    const char *body, size_t len, struct tasmota_facts *, struct error *);

/* One setting: a command and the value it must have afterwards. */
struct tasmota_step {
	char *command;	/* owned */
	char *value;	/* owned */
	bool is_secret; /* cannot be read back, and is never shown */
	bool taken;
};

struct tasmota_steps {
	struct tasmota_step *items; /* owned */
	size_t count;
};

void tasmota_steps_add(
    struct tasmota_steps *, const char *command, const char *value);
void tasmota_steps_fini(struct tasmota_steps *);

/*
 * The Backlog that sends what is not taken yet, from *next on, within the
 * limits; *next moves.  NULL: nothing is left.  What changes the pins goes
 * last, as it ends in the restart.  Freed with free().
 */
char *tasmota_backlog(const struct tasmota_steps *, size_t *next);

/* The command that reads a step back, and whether the reply has its value. */
const char *tasmota_query(const struct tasmota_step *);
bool
tasmota_is_taken(const struct tasmota_step *, const char *body, size_t len);

/*
 * The name of its access point while it has no Wi-Fi: the last three bytes of
 * the MAC, and the same modulo 8192.  Up to 9.x with '_', since 10.0 with '-'
 * (checked against published names: 62E43F-1087, 3D5E26-7718).
 */
bool
tasmota_access_point(const char *mac, char separator, char *dst, size_t size);

#endif
