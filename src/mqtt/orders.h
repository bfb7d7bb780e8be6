/* SPDX-License-Identifier: ISC */
/*
 * orders -- commands from the broker, which become requests to the daemon, and
 * each of which is answered.
 *
 * One command for a device is under way at a time, and one a second is enough.
 * Of a flood of commands, some are answered and the others dropped.
 */
#ifndef REFLASHD_MQTT_ORDERS_H
#define REFLASHD_MQTT_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "beside/daemon_link.h"
#include "mqtt/devices.h"
#include "mqtt/message/topics.h"
#include "mqtt/mqtt_config.h"
#include "mqtt/outbox.h"

#define ORDERS_BURST   100 /* commands at once, of all devices */
#define ORDERS_PER_SEC 10
#define ORDERS_GAP_MS  1000 /* between two commands for a device */

struct orders;

/* All is borrowed for the life of the orders. */
struct orders_needs {
	const struct mqtt_config *config;
	const struct topics *topics;
	const struct devices *devices;
	struct daemon_link *link;
	struct outbox *outbox;
	/* Something is in the outbox, and the daemon may do something else now.
	 */
	void (*answered)(void *ctx);
	void *ctx;
};

struct orders *orders_new(const struct orders_needs *);
void orders_free(struct orders *); /* NULL is fine */

/* Take a message on the topic of a command; id is as topics_is_command() has
 * it. */
void orders_take(struct orders *, const char *id, const void *payload,
    size_t len, bool is_retained, uint64_t now_ms);

#endif
