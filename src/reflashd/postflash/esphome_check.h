/* SPDX-License-Identifier: ISC */
/*
 * esphome_check -- finds out whether an ESPHome answers at an address.
 *
 * The MAC and the address of a device can be announced by a stranger.  So an
 * announcement only makes the daemon ask: an answer from an address where the
 * kernel sees the MAC comes from the device, and shows whether it is an
 * ESPHome.
 */
#ifndef REFLASHD_ESPHOME_CHECK_H
#define REFLASHD_ESPHOME_CHECK_H

#include <netinet/in.h>

struct client;
struct device;
struct esphome_check;
struct esphome_sign;
struct registry;

/* All borrowed until esphome_check_free(). */
struct esphome_check_parts {
	struct client *client;
	struct registry *registry;
	/* Called at the end of a check; sign NULL: no ESPHome is there. */
	void (*ended)(struct device *, struct in_addr,
	    const struct esphome_sign *, void *ctx);
	void *ctx;
};

struct esphome_check *esphome_check_new(const struct esphome_check_parts *);

/* Ends the checks that are under way; NULL is fine. */
void esphome_check_free(struct esphome_check *);

/*
 * Ask the questions of core/esphome/esphome one after the other at an address
 * that the caller has checked.  It does nothing if this check is under way
 * already, or too many are.
 */
void
esphome_check_at(struct esphome_check *, const struct device *, struct in_addr);

#endif
