/* SPDX-License-Identifier: ISC */
/*
 * identify -- questions asked outside of jobs: which device is at an address,
 * and what does it run?  Nothing but info is ever asked here.
 */
#ifndef REFLASHD_IDENTIFY_H
#define REFLASHD_IDENTIFY_H

#include "core/device/device.h"
#include "io/conffiles.h"

struct config_device;
struct id_conflict;
struct identify;
struct outage;
struct prober;
struct reachable;
struct registry;

/* What identify tells its maker. */
struct identify_ops {
	/* Something was learned of this idle device: decide about it now. */
	void (*learned)(struct device *, void *ctx);
	/* A configured address was asked: decide about all devices soon. */
	void (*asked)(void *ctx);
	/* The device runs its old firmware: what follows its flash is over. */
	void (*is_stock)(struct device *, void *ctx);
};

/* All borrowed until identify_free(); a reload may change the settings. */
struct identify_parts {
	const struct setup *setup;
	struct registry *registry;
	struct reachable *reachable;
	struct outage *outage;
	struct prober *prober;
	struct id_conflict *id_conflict;
	const struct identify_ops *ops;
	void *ctx;
};

struct identify *identify_new(const struct identify_parts *);

/* Forget the questions that are under way; NULL is fine. */
void identify_free(struct identify *);

/* Is the info of the device not known, and could asking help? */
bool identify_is_wanted(const struct device *);

/*
 * The device cannot be flashed, for what it has answered.  Could it answer
 * something else when it is asked again?
 */
bool identify_may_clear(const struct device *);

/* Was there no sign of the device for several requeries? */
bool identify_is_silent(const struct identify *, const struct device *);

/* Ask now, or when there is room for the question. */
void identify_at(struct identify *, struct device *);
void identify_at_configured(struct identify *, const struct config_device *);

/*
 * A device that was flashed is announced under its old firmware.  That may
 * come from a cache that does not know better: only an answer counts.
 */
void identify_whether_stock(
    struct identify *, struct device *, struct in_addr, const char *interface);

/* Forget the questions about a device. */
void identify_hang_up(struct identify *, struct device *);

#endif
