/* SPDX-License-Identifier: ISC */
/*
 * ghosts -- retained messages about devices that are no longer there.
 *
 * A device may be forgotten while this program is away, or the broker may have
 * been restored from a copy.  So for some seconds after each connection it
 * listens to what the broker holds under its own topics, and removes what
 * nobody knows.  A message of discovery is removed only if it says that it is
 * from this site.
 */
#ifndef REFLASHD_GHOSTS_H
#define REFLASHD_GHOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqtt/devices.h"
#include "mqtt/message/topics.h"
#include "mqtt/outbox.h"

struct ghosts;

struct ghosts *ghosts_new(const struct topics *);
void ghosts_free(struct ghosts *); /* NULL is fine */

/*
 * Return the topics to subscribe to while ghosts are looked for, to be freed
 * with free(); that of the configs can be NULL.
 */
char *ghosts_device_filter(const struct topics *);
char *ghosts_config_filter(const struct topics *);

/* Begin anew, with nothing heard. */
void ghosts_begin(struct ghosts *);

/* Hear a message.  Returns true if it is none of a command. */
bool ghosts_hear(struct ghosts *, const char *topic, const void *payload,
    size_t len, bool is_retained);

/* Remove what was heard of devices that are not known; returns how many. */
size_t ghosts_lay(struct ghosts *, const struct devices *, struct outbox *);

#endif
