/* SPDX-License-Identifier: ISC */
/*
 * topics -- the names under which everything is published.
 *
 *	PREFIX/SITE/status		online, offline; retained, and the will
 *	PREFIX/SITE/daemon		what the daemon is doing; retained
 *	PREFIX/SITE/device/ID/state	the device; retained
 *	PREFIX/SITE/device/ID/update	what Home Assistant's update shows;
 *retained PREFIX/SITE/event		changes, for automations
 *	PREFIX/SITE/command		commands for the daemon
 *	PREFIX/SITE/command/ID		commands for a device
 *	PREFIX/SITE/answer		the answer to each command
 *	DISCOVERY/device/reflashd_ID/config	a device; retained
 *	DISCOVERY/device/reflashd_SITE/config	the daemon; retained
 *
 * No text from the network is ever part of a topic but the id of a device,
 *which is hexadecimal digits.
 */
#ifndef REFLASHD_TOPICS_H
#define REFLASHD_TOPICS_H

#include <stdbool.h>

#include "core/sonoff/devapi.h"

#define TOPICS_MAX_SITE 32
#define TOPICS_ID_SIZE	DEVAPI_ID_SIZE

struct topics {
	char *base;	 /* "PREFIX/SITE" */
	char *site;	 /* "SITE" */
	char *discovery; /* "DISCOVERY/device"; NULL: none */
	char *birth;	 /* NULL: none */
};

/* The retained messages that each device has. */
enum topics_of_device { TOPICS_CONFIG, TOPICS_STATE, TOPICS_UPDATE };

/* discovery and birth may be NULL. */
void topics_init(struct topics *, const char *prefix, const char *site,
    const char *discovery, const char *birth);
void topics_fini(struct topics *);

/* Return "PREFIX/SITE/rest"; freed with free(), as are the next two. */
char *topics_own(const struct topics *, const char *rest);

/* Return a topic of a device; NULL for the config of a device without
 * discovery. */
char *
topics_device(const struct topics *, const char *id, enum topics_of_device);

/* Return the topic of the daemon's own config; NULL without discovery. */
char *topics_hub(const struct topics *);

/*
 * Return true for PREFIX/SITE/command and what is below it.  id becomes that of
 * the device; "" for the daemon; "?" if it is no id.
 */
bool topics_is_command(
    const struct topics *, const char *topic, char id[TOPICS_ID_SIZE]);

/* Return true for a retained topic of a device, whether it exists or not. */
bool topics_is_device(const struct topics *, const char *topic,
    char id[TOPICS_ID_SIZE], enum topics_of_device *);

/* Return true for words that may be part of a topic, with / between them. */
bool topics_is_name(const char *);
bool topics_is_site(const char *);

#endif
