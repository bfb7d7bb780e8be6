/* SPDX-License-Identifier: ISC */
/*
 * outage -- what this machine itself cannot do, and no device is to blame for:
 * it cannot reach a network, it slept, it did not get to run, or it had nothing
 * left to let a device in with.
 *
 * Devices in a network out of reach have the reason in device->cut_off.  Their
 * jobs are told, and the clock of a job that waits for them stands.
 */
#ifndef REFLASHD_OUTAGE_H
#define REFLASHD_OUTAGE_H

#include <jansson.h>

#include "core/device/device.h"
#include "core/net/connectivity.h"

struct event_base;
struct outage;
struct reachable;
struct registry;

/* What outage tells those who wait for devices, at once. */
struct outage_ops {
	/* This machine cannot reach the network of the device any more. */
	void (*lost)(struct device *, void *ctx);
	/* It can again, and could not, as a sentence says. */
	void (*regained)(struct device *, const char *what, void *ctx);
	/*
	 * For the reason in the sentence, the device could not be heard; that
	 * is over, and does not count against the device.
	 */
	void (*excused)(struct device *, const char *what, void *ctx);
	/* This machine cannot let the device in now; the sentence says why. */
	void (*starved)(struct device *, const char *what, void *ctx);
	/* Addresses or networks have changed, and every device was looked at.
	 */
	void (*looked)(bool has_networks, void *ctx);
};

/* All borrowed until outage_free(). */
struct outage_parts {
	struct event_base *base;
	struct reachable *reachable;
	struct registry *registry;
	const struct outage_ops *ops;
	void *ctx;
};

/* It listens to the kernel from now on. */
struct outage *outage_new(const struct outage_parts *);
void outage_free(struct outage *); /* NULL is fine */

/* The kernel says that something has changed: look in the next turn. */
void outage_changed(struct outage *);

/* See which networks can be reached now, and tell the devices concerned. */
void outage_look(struct outage *);

/*
 * The same, but only if something has changed.  The kernel says so by itself as
 * a rule; this finds what it did not tell, and what it told wrongly once.
 */
void outage_look_again(struct outage *);

/* Look at the network of one device, which may be new, or have moved. */
void outage_look_at(struct outage *, struct device *);

/* Whether the network of a device cannot be reached at this very moment. */
bool outage_is_now(struct outage *, const struct device *);

/* The time that counts while something is awaited from this device. */
uint64_t
outage_clock(struct outage *, struct device *, struct connectivity_clock *);

/* Something is awaited from a device from now on. */
void outage_watch(struct outage *);

/* The device has answered, or fetched. */
void outage_heard(struct connectivity_clock *);

/*
 * Something was due by clock_awake_ms(), and happens now.  If that is much too
 * late this machine slept, or the daemon did not run.
 */
void outage_due(struct outage *, uint64_t due_ms);

/*
 * Connections of devices wait, and this machine cannot accept them, for the
 * reason of an errno; to be told each second.  0: it can again.
 */
void outage_starved(struct outage *, int why);

/* Sentences for people: what cannot be reached. */
void outage_problems(const struct outage *, json_t *problems);

#endif
