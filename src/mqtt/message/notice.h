/* SPDX-License-Identifier: ISC */
/*
 * notice -- what programs and automations are told: changes, answers, and what
 * the daemon is doing.
 */
#ifndef REFLASHD_NOTICE_H
#define REFLASHD_NOTICE_H

#include <jansson.h>
#include <time.h>

#include "base/error.h"
#include "core/state/state.h"
#include "mqtt/message/command.h"

/*
 * Return the event of a change, yours: "flashed", "verified", "failed", or
 * "approval" where it begins to wait for a person, else "change".  NULL: its
 * state and its reason are as before.  before is NULL for a new device.
 */
json_t *notice_change(const json_t *before, const json_t *device, time_t now);
json_t *notice_forgotten(const char *id, time_t now);

/* Which command is answered. */
struct notice_command {
	const char *id;	  /* of the device; "": for the daemon */
	const char *verb; /* NULL: it could not be read */
	const char *transaction;
};

/* Return the answer to a command that went no further; yours. */
json_t *notice_refusal(const struct notice_command *, const struct error *);

/* Return the answer to a command from that of the daemon; NULL: it is gone. */
json_t *notice_answer(const struct notice_command *, const json_t *reply);

/* How many devices are in which state. */
struct notice_counts {
	unsigned of_state[STATE_COUNT];
	unsigned waiting; /* for approval */
};

void notice_count(struct notice_counts *, const json_t *device);

/* Return what the daemon is doing; status is its reply, or NULL. */
json_t *notice_daemon(
    const struct notice_counts *, const char *site, const json_t *status);

#endif
