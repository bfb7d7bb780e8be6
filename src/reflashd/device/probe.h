/* SPDX-License-Identifier: ISC */
/*
 * probe -- asks once who is at an address, outside of jobs.
 *
 * The prober knows how many probes are under way.  Their number has a limit,
 * and half of it is kept for devices that a policy or a record knows: anybody
 * on the LAN can announce addresses.
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
	const struct devapi_reply
	    *reply;	 /* NULL: there is none, or it cannot be read */
	const char *why; /* why it is not the answer of the device: a clause */
	const char *
	    how; /* what to write before it and a colon: "it does not answer" */
	bool somebody;		 /* something has taken the question */
	bool is_ours;		 /* this machine could not ask */
	struct devapi_try asked; /* the question that this answers */
};

/* The probe is over when this is called. */
typedef void probe_fn(const struct probe_answer *, void *ctx);

struct probe_target {
	struct in_addr address;
	uint16_t port;
	const char *id; /* copied; NULL: any device that is there */
	const struct device *device; /* how it is asked; NULL: without id */
};

/* Return true if there is room for a probe of a device that is known or not. */
bool probe_has_room(const struct prober *, bool is_known);

/*
 * Ask, also where there is no room; the caller has checked the address.  The
 * probe is borrowed until the answer or probe_cancel().
 */
struct probe *
probe_new(struct prober *, const struct probe_target *, probe_fn *, void *ctx);
void probe_cancel(struct probe *); /* NULL is fine */

/* Return true if the answer is of the device with this id; NULL: of any. */
bool probe_is_from(const struct probe_answer *, const char *id);

#endif
