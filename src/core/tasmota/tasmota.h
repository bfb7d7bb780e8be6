/* SPDX-License-Identifier: ISC */
/*
 * tasmota -- what is said to a Tasmota over HTTP, and what it answers.
 *
 * GET /cm?cmnd=COMMAND; with a web password set, HTTP Basic as "admin", and
 * before 9.3 &user=admin&password= instead; 401 without it.  Several settings
 * go into one Backlog, since each of them alone may cost a restart and a
 * restart waits until the Backlog is empty.
 */
#ifndef REFLASHD_TASMOTA_H
#define REFLASHD_TASMOTA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/tasmota/tasmota_command.h"
#include "core/tasmota/tasmota_compare.h"

#define TASMOTA_PORT	    80
#define TASMOTA_MAX_CMND    1000 /* bytes of cmnd: 8.1 takes no more */
#define TASMOTA_MAX_BACKLOG 20	 /* commands; up to 12.x 28 have room */
#define TASMOTA_MAX_REPLY   16384

/* Both freed with free(); what has a password is overwritten before. */
char *tasmota_path(const char *command, const char *password);
char *tasmota_authorization(const char *password);

/* What it says of itself; "" where it did not. */
struct tasmota_facts {
	char version[16]; /* "14.2.0", "6.4.1.7", "5.12.0h" */
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

/*
 * Read the reply of a minimal build since 11.1 to a Status, which it does not
 * know, and the Server of its header, which names the version.  False: it is
 * none.
 */
bool tasmota_read_minimal(
    const char *server, const char *body, size_t len, struct tasmota_facts *);

/* Do the answers to OtaUrl and Upgrade 1 say that these were taken? */
bool tasmota_took_url(const char *body, size_t len, const char *url);
bool tasmota_took_upgrade(const char *body, size_t len);

/* A Tasmota that wants a password.  Others answer 401 as well. */
bool tasmota_is_locked(const char *body, size_t len);

/*
 * One setting: a command and the value it must have afterwards.  A secret one
 * cannot be read back; whether the web password works can be tried.
 */
struct tasmota_step {
	char *command; /* owned; as Tasmota answers it */
	char *value;   /* owned */
	struct tasmota_line line;
	bool is_secret, is_password;
	bool taken;
	bool is_unclear; /* the answer cannot tell */
	bool was_heard;	 /* it was sent, and the device answered */
	bool in_flight;	 /* in the last Backlog */
	unsigned tries;	 /* how often it was sent */
	struct tasmota_verdict verdict; /* of the last answer */
};

struct tasmota_steps {
	struct tasmota_step *items; /* owned */
	size_t count;
};

void tasmota_steps_add(
    struct tasmota_steps *, const char *command, const char *value);
void tasmota_steps_fini(struct tasmota_steps *);

/* Must it be sent, for all that is known? */
bool tasmota_step_is_open(const struct tasmota_step *);

/*
 * Why a device with that version must not be told this, or NULL: it would
 * answer nothing any more.
 */
const char *tasmota_step_why_not(const struct tasmota_step *, uint32_t version);

/*
 * As much of what is open as one request has room for; it is in flight then,
 * and tried once more.  What changes the pins goes last, as it ends in the
 * restart.  What Tasmota would cut, or swallow the rest with, goes alone: a
 * ';', a '{' without its '}', a blank at the end.  NULL: nothing is left, or
 * what is left is too long.  Freed with free().
 */
char *tasmota_backlog(struct tasmota_steps *);

/*
 * The command that reads a step back, NULL if none does, or that a password is
 * tried with.
 */
const char *tasmota_query(const struct tasmota_step *);

/* Note what an answer to tasmota_query() says of the step. */
void tasmota_step_read(struct tasmota_step *, const struct tasmota_dialect *,
    const char *body, size_t len);

/* "it is 48.86, wanted 52.52"; nothing of a secret. */
void tasmota_step_describe(
    const struct tasmota_step *, const char *version, char *dst, size_t size);

/*
 * The name of its access point while it has no Wi-Fi: the last three bytes of
 * the MAC, and the same modulo 8192.  Up to 9.x with '_', since 10.0 with '-'
 * (checked against published names: 62E43F-1087, 3D5E26-7718).
 */
bool
tasmota_access_point(const char *mac, char separator, char *dst, size_t size);

#endif
