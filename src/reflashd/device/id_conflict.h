/* SPDX-License-Identifier: ISC */
/*
 * id_conflict -- decides what it means that a known id is announced at another
 * address.
 *
 * Anybody can announce that.  So the new address is asked first whether it is
 * this device; if it confirms that, the old address is asked, too.
 *
 *	the new one denies it		nothing has happened
 *	both confirm it			two claim one id: the device is not
 *					flashed until one is silent for a while
 *	only the new one confirms it	the device has moved, unless the MAC at
 *					the new address is not its own
 */
#ifndef REFLASHD_ID_CONFLICT_H
#define REFLASHD_ID_CONFLICT_H

#include "core/device/device.h"
#include "io/conffiles.h"

struct id_conflict;
struct outage;
struct prober;
struct reachable;
struct registry;

/* What id_conflict tells its maker. */
struct id_conflict_ops {
	/* The device is at another address now: a job of it goes on there. */
	void (*moved)(struct device *, void *ctx);
	/* A conflict is over: decide about all devices soon. */
	void (*over)(void *ctx);
};

/* All borrowed until id_conflict_free(); a reload may change the settings. */
struct id_conflict_parts {
	const struct setup *setup;
	struct registry *registry;
	struct reachable *reachable;
	struct outage *outage;
	struct prober *prober;
	const struct id_conflict_ops *ops;
	void *ctx;
};

struct id_conflict *id_conflict_new(const struct id_conflict_parts *);

/* Forget the questions that are under way; NULL is fine. */
void id_conflict_free(struct id_conflict *);

/*
 * The address may be contacted; interface is where it was heard.  Past
 * DEVICE_MAX_CLAIMS addresses of one id within a while, the newest does not
 * count.
 */
void id_conflict_heard(struct id_conflict *, struct device *, struct in_addr,
    const char *interface);

/*
 * The kernel sees the MAC of the device at that address, which may be
 * contacted: ask there.  The caller limits how often; what announcements have
 * used up of the limit of id_conflict_heard() does not count.
 */
void id_conflict_seen(struct id_conflict *, struct device *, struct in_addr);

/* Ask the rival of the device again, if there is one; forget that rival. */
void id_conflict_again(struct id_conflict *, struct device *);
void id_conflict_forget(struct device *);

#endif
