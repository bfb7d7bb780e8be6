/* SPDX-License-Identifier: ISC */
/*
 * probe -- "who are you?", asked outside of jobs: one answer, or none.
 *
 * How many are under way is bounded, and half of that is kept for devices that
 * a policy or a record knows: addresses come from anybody who speaks on the
 * LAN.
 */
#ifndef REFLASHD_PROBE_H
#define REFLASHD_PROBE_H

#include "core/sonoff/devapi.h"
#include "reflashd/daemon.h"

struct probe;

/* Borrowed for the time of the callback. */
struct probe_answer {
	const struct devapi_reply *reply; /* NULL: none that can be read */
	const char *why; /* a clause, why it is none from the right one: */
	const char *how; /* "it does not answer", say, and a colon and why */
	bool somebody;	 /* who took the question, at least */
	bool is_ours;	 /* this machine could not ask */
	struct devapi_try asked; /* the question that this answers */
};

/* The probe is over when this is called. */
typedef void probe_fn(const struct probe_answer *, void *ctx);

struct probe_target {
	struct in_addr address;
	uint16_t port;
	const char *id;		     /* NULL: whoever is there; copied */
	const struct device *device; /* how it is asked; NULL: without id */
	bool is_known;		     /* by more than an announcement */
};

/* Is there room for one more of this kind? */
bool probe_has_room(const struct daemon *, bool is_known);

/*
 * Ask, room or not; the address has been checked.  Borrowed until the answer
 * or probe_cancel().
 */
struct probe *
probe_new(struct daemon *, const struct probe_target *, probe_fn *, void *ctx);
void probe_cancel(struct probe *); /* NULL is fine */

/* Does it say that it is the device with this id?  NULL: that it has one. */
bool probe_is_from(const struct probe_answer *, const char *id);

#endif
