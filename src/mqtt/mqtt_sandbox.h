/* SPDX-License-Identifier: ISC */
/*
 * mqtt_sandbox -- the sandbox of reflash-mqtt.
 *
 * It reads what a broker sends, and libraries look up its name.  So it may read
 * only what they need, and the folders of its certificates and its password,
 * which are renewed while it runs; write nothing; run no other program; and
 * listen on nothing.
 */
#ifndef REFLASHD_MQTT_SANDBOX_H
#define REFLASHD_MQTT_SANDBOX_H

#include "base/sandbox.h"
#include "mqtt/mqtt_config.h"

/* Enter the sandbox for good.  Returns said. */
char *
mqtt_sandbox_enter(const struct mqtt_config *, char said[SANDBOX_TEXT_SIZE]);

#endif
