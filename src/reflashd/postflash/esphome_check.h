/* SPDX-License-Identifier: ISC */
/*
 * esphome_check -- does an ESPHome answer where one is announced?
 *
 * Anybody can announce the MAC and the address of a device.  So an announcement
 * makes the daemon look, and nothing else: only an answer from an address where
 * the kernel sees the MAC comes from the device itself, and only what answers
 * as ESPHome does is one.
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
	/* The end of a check; the sign is NULL if no ESPHome is there. */
	void (*ended)(struct device *, struct in_addr,
	    const struct esphome_sign *, void *ctx);
	void *ctx;
};

struct esphome_check *esphome_check_new(const struct esphome_check_parts *);

/* Forget the checks that are under way, too; NULL is fine. */
void esphome_check_free(struct esphome_check *);

/*
 * Ask the questions of core/esphome/esphome one after the other at this
 * address, which the caller has checked.  It does nothing while such a check of
 * this device at this address is under way, or where too many are.
 */
void
esphome_check_at(struct esphome_check *, const struct device *, struct in_addr);

#endif
