/* SPDX-License-Identifier: ISC */
/*
 * bridge -- joins the daemon and the broker: one of each object, and what
 *follows from what.
 *
 *	daemon_link --devices--> devices --messages--> outbox --> session
 *	daemon_link <--requests-- orders <--commands------------- session
 *
 * "online" is what is published as long as both ends are there.  When the
 *daemon goes away, as for a restart, "offline" follows after some seconds only.
 */
#ifndef REFLASHD_BRIDGE_H
#define REFLASHD_BRIDGE_H

#include "mqtt/mqtt_config.h"

struct bridge;
struct event_base;

/*
 * The configuration, and the path of the control socket, are borrowed for the
 * life of the bridge.  It begins when the loop runs.
 */
struct bridge *bridge_new(
    struct event_base *, const struct mqtt_config *, const char *socket_path);
void bridge_free(struct bridge *); /* NULL is fine */

/* Publish "offline", take leave of the broker, and then call ended(). */
void bridge_end(struct bridge *, void (*ended)(void *ctx), void *ctx);

#endif
