/* SPDX-License-Identifier: ISC */
/*
 * tasmota -- what is said to a Tasmota over HTTP, and what it answers.
 *
 * A command is GET /cm?cmnd=COMMAND.  With a web password set it needs HTTP
 * Basic as "admin", and before 9.3 &user=admin&password= instead; without it
 * the answer is 401.  Several settings go into one Backlog: each of them alone
 * may cost a restart, and a restart waits until the Backlog is empty.
 */
#ifndef REFLASHD_TASMOTA_H
#define REFLASHD_TASMOTA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/tasmota/tasmota_compare.h"
#include "core/tasmota/tasmota_line.h"

#define TASMOTA_PORT	    80
#define TASMOTA_MAX_CMND    1000 /* bytes of cmnd: 8.1 takes no more */
#define TASMOTA_MAX_BACKLOG 20	 /* commands; up to 12.x 28 have room */
#define TASMOTA_MAX_REPLY   16384

/*
 * Make a request.  Both are freed with free(); memory that held a password is
 * overwritten before.
 */
char *tasmota_path(const char *command, const char *password);
char *tasmota_authorization(const char *password);

/* The facts that a Tasmota tells about itself; "" where it did not. */
struct tasmota_facts {
	char version[16]; /* "14.2.0", "6.4.1.7", "5.12.0h" */
	char variant[24]; /* "lite", "tasmota", "minimal" */
	char built[24];	  /* "2024-08-14T12:40:16" */
	char mac[18];	  /* "5c:cf:7f:0a:5b:f6", lower case */
};

/*
 * Read a reply to Status 2 or Status 5 on top of what is known.  Returns false
 * if the device is no Tasmota, or the reply is to something else.
 */
bool tasmota_read_status(
    const char *body, size_t len, struct tasmota_facts *, struct error *);

/*
 * Read the reply of a minimal build since 11.1 to a Status, which it does not
 * know, and the Server line of its header, which names the version.  Returns
 * false if it is none.
 */
bool tasmota_read_minimal(
    const char *server, const char *body, size_t len, struct tasmota_facts *);

/* Return true if the answer to OtaUrl or Upgrade 1 is a yes. */
bool tasmota_took_url(const char *body, size_t len, const char *url);
bool tasmota_took_upgrade(const char *body, size_t len);

/* Return true if a Tasmota, and no other firmware, wants a password. */
bool tasmota_is_locked(const char *body, size_t len);

/*
 * One setting: a command and the value it must have afterwards.  A secret
 * cannot be read back; the web password can be tried.
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

/* Return true if the step must be sent, for all that is known. */
bool tasmota_step_is_open(const struct tasmota_step *);

/*
 * Return why a device with that version must not be told this, or NULL: it
 * would not answer any more.
 */
const char *tasmota_step_why_not(const struct tasmota_step *, uint32_t version);

/*
 * Return a request with as many open steps as fit; they are in flight then, and
 * count one more try.  Steps that change the pins go last, as they end in the
 * restart.  A value that Tasmota would cut, or that would swallow the rest,
 * goes alone: a ';', a '{' without its '}', a blank at the end.  NULL: nothing
 * is left, or what is left is too long.  Freed with free().
 */
char *tasmota_backlog(struct tasmota_steps *);

/*
 * Return the command that reads a step back, or with which a password is tried;
 * NULL: none does.
 */
const char *tasmota_query(const struct tasmota_step *);

/* Note what an answer to tasmota_query() says about the step. */
void tasmota_step_read(struct tasmota_step *, const struct tasmota_dialect *,
    const char *body, size_t len);

/* Describe the step: "it is 48.86, wanted 52.52"; nothing of a secret. */
void tasmota_step_describe(
    const struct tasmota_step *, const char *version, char *dst, size_t size);

/*
 * Return the name of its access point while it has no Wi-Fi settings: the last
 * three bytes of the MAC, and the same modulo 8192.  Up to 9.x with '_', since
 * 10.0 with '-' (checked against published names: 62E43F-1087, 3D5E26-7718).
 */
bool
tasmota_access_point(const char *mac, char separator, char *dst, size_t size);

#endif
