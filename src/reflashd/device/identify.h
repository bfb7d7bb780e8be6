/* SPDX-License-Identifier: ISC */
/*
 * identify -- asks devices outside of jobs which they are and what they run. It
 * asks for their info, and for nothing else.
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

/* Return true if the info of the device is not known and asking may help. */
bool identify_is_wanted(const struct device *);

/*
 * Return true if the device cannot be flashed because of an answer that may be
 * another one by now.
 */
bool identify_may_clear(const struct device *);

/* Return true if the device gave no sign for several requeries. */
bool identify_is_silent(const struct identify *, const struct device *);

/* Ask now, or when there is room; not where the address must not be asked. */
void identify_at(struct identify *, struct device *);
void identify_at_configured(struct identify *, const struct config_device *);

/*
 * Ask if the info is wanted, at an address that the caller has just found to be
 * allowed.  A device that has answered is asked again because something else is
 * announced in its name, which anybody can do: past a quota the next requery
 * asks it.
 */
void identify_if_wanted(struct identify *, struct device *);

/*
 * A flashed device is announced under its old firmware at this address.  As an
 * old announcement may come from a cache, ask: only an answer counts.
 */
void identify_whether_stock(
    struct identify *, struct device *, struct in_addr, const char *interface);

/* Forget the questions about a device. */
void identify_hang_up(struct identify *, struct device *);

#endif
