/* SPDX-License-Identifier: ISC */
/*
 * devices -- what the daemon knows, as it is told, and what follows of that for
 * the outbox.
 *
 * The progress of a download is published once a second at most.  There is no
 * clock in here: the time is handed in.
 */
#ifndef REFLASHD_MQTT_DEVICES_H
#define REFLASHD_MQTT_DEVICES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "mqtt/message/topics.h"
#include "mqtt/outbox.h"

#define DEVICES_MAX 1000 /* shown; on a LAN anybody can invent some */

struct devices;

/* All is borrowed.  allowed has a bit for each command that is carried out. */
struct devices *
devices_new(struct outbox *, const struct topics *, unsigned allowed);
void devices_free(struct devices *); /* NULL is fine */

/* The daemon begins to list its devices, and has listed all of them. */
void devices_listing(struct devices *);
void devices_listed(struct devices *);

/* A device is new or has changed; the object is borrowed. */
void devices_take(struct devices *, const json_t *device, uint64_t now_ms);
void devices_forget(struct devices *, const char *id);

/* The daemon's reply to "status", borrowed. */
void devices_take_status(struct devices *, const json_t *status);

/*
 * Publish what had to wait, and what the daemon is doing; call it soon after
 * each change.  Returns in how many ms something has to be published again; -1:
 * nothing waits.
 */
int devices_tick(struct devices *, uint64_t now_ms);

/* Return the device, borrowed until it changes; NULL: it is not known. */
const json_t *devices_find(const struct devices *, const char *id);
size_t devices_count(const struct devices *);

#endif
