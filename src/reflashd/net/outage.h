/* SPDX-License-Identifier: ISC */
/*
 * outage -- times in which this machine itself was the problem: it could not
 * reach a network, it slept, the daemon did not get to run, or no connection
 * could be accepted.
 *
 * Devices in a network out of reach have the reason in device->place.cut_off.
 * Their jobs are told, and the clocks of these jobs stand still.
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

/* What outage tells the modules that wait for devices, at once. */
struct outage_ops {
	/* This machine cannot reach the network of the device any more. */
	void (*lost)(struct device *, void *ctx);
	/* It can reach it again; the sentence says for how long not, and why.
	 */
	void (*regained)(struct device *, const char *what, void *ctx);
	/*
	 * For a time that is over, the device could not be heard, for the
	 * reason in the sentence.  That does not count against the device.
	 */
	void (*excused)(struct device *, const char *what, void *ctx);
	/* This machine accepts no connection now; the sentence says why. */
	void (*starved)(struct device *, const char *what, void *ctx);
	/* Addresses or networks have changed, and all devices are checked. */
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

/* Make it; it listens to the kernel from now on. */
struct outage *outage_new(const struct outage_parts *);
void outage_free(struct outage *); /* NULL is fine */

/* Look in the next turn: the kernel says that something has changed. */
void outage_changed(struct outage *);

/* Look which networks can be reached now, and call the operations. */
void outage_look(struct outage *);

/*
 * Do the same if something has changed.  As a rule the kernel says so by
 * itself; this finds what the kernel did not tell.
 */
void outage_look_again(struct outage *);

/* Look at the network of a device that is new or may have moved. */
void outage_look_at(struct outage *, struct device *);

/* Return true if the network of the device cannot be reached right now. */
bool outage_is_now(struct outage *, const struct device *);

/* Return the time that counts while something is awaited from this device. */
uint64_t
outage_clock(struct outage *, struct device *, struct connectivity_clock *);

/* Note that something is awaited from a device from now on. */
void outage_watch(struct outage *);

/* Note that the device has answered, or fetched. */
void outage_heard(struct connectivity_clock *);

/*
 * Note that something happens now that was due at a time of clock_awake_ms().
 * If that is much too late, this machine slept, or the daemon did not run.
 */
void outage_due(struct outage *, uint64_t due_ms);

/*
 * Do that before anything that has come in from a device is looked at: it may
 * have waited while the daemon did not run, and comes before all timers.
 */
void outage_catch_up(struct outage *);

/*
 * Note, once a second, that connections wait and cannot be accepted, for the
 * reason of an errno.  0: they can be accepted again.
 */
void outage_starved(struct outage *, int why);

/* Append sentences about what is wrong now to a list. */
void outage_problems(const struct outage *, json_t *problems);

#endif
