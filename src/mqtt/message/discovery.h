/* SPDX-License-Identifier: ISC */
/*
 * discovery -- what Home Assistant is told of a device, or of the daemon, so
 * that it appears there.
 *
 * Home Assistant drops a message that has a key too many below "dev" and "o",
 * or null where it wants a string.  So each message has only keys of a closed
 * list (tests/schema/mqtt.json), and none is null but the name of the main
 * entity.
 */
#ifndef REFLASHD_DISCOVERY_H
#define REFLASHD_DISCOVERY_H

#include <jansson.h>
#include <stdbool.h>

#include "mqtt/message/shown.h"
#include "mqtt/message/topics.h"

/* Return the message for a device; yours. */
json_t *discovery_device(const struct topics *, const json_t *device,
    const struct shown *, bool may_install);

/* Return the message for the daemon itself; yours. */
json_t *discovery_daemon(const struct topics *, bool may_pause);

/*
 * Return true if a retained message of discovery is from a reflash-mqtt of this
 * site: its ghosts may be removed.
 */
bool discovery_is_ours(const struct topics *, const void *payload, size_t len);

#endif
