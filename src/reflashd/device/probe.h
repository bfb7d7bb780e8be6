/* SPDX-License-Identifier: ISC */
/*
 * probe -- the question "who are you?", asked outside of jobs: one answer, or
 * none.
 *
 * The prober knows how many probes are under way.  Their number has a limit,
 * and half of it is kept for devices that a policy or a record knows: anybody
 * who speaks on the LAN can name addresses.
 */
#ifndef REFLASHD_PROBE_H
#define REFLASHD_PROBE_H

#include "core/device/device.h"
#include "core/sonoff/devapi.h"

struct client;
struct probe;
struct prober;

/* The client is borrowed until prober_free(). */
struct prober *prober_new(struct client *);
void prober_free(struct prober *); /* when no probe is left; NULL is fine */

/* Borrowed for the time of the callback. */
struct probe_answer {
	const struct devapi_reply *reply; /* NULL: none that can be read */
	const char *why; /* a clause, why it is none from the right one: */
	const char *how; /* "it does not answer", say, and a colon and why */
	bool somebody;	 /* took the question, at least */
	bool is_ours;	 /* this machine could not ask */
	struct devapi_try asked; /* the question that this answers */
};

/* The probe is over when this is called. */
typedef void probe_fn(const struct probe_answer *, void *ctx);

struct probe_target {
	struct in_addr address;
	uint16_t port;
	const char *id;		     /* NULL: any that is there; copied */
	const struct device *device; /* how it is asked; NULL: without id */
	bool is_known;		     /* by more than an announcement */
};

/* Is there room for one more probe of this kind? */
bool probe_has_room(const struct prober *, bool is_known);

/*
 * Ask, also where there is no room; the caller has checked the address.  The
 * probe is borrowed until the answer or probe_cancel().
 */
struct probe *
probe_new(struct prober *, const struct probe_target *, probe_fn *, void *ctx);
void probe_cancel(struct probe *); /* NULL is fine */

/* Does it say that it is the device with this id?  NULL: that it has one. */
bool probe_is_from(const struct probe_answer *, const char *id);

#endif
