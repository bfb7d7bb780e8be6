/* SPDX-License-Identifier: ISC */
/*
 * broker_check -- connects to the broker once, and says which part of that
 * works and which does not: its name, the connection, the certificate, the
 * login, the rights.
 */
#ifndef REFLASHD_BROKER_CHECK_H
#define REFLASHD_BROKER_CHECK_H

#include <stdbool.h>

#include "mqtt/mqtt_config.h"

/*
 * Print a line for each part on stdout.  It takes some seconds, and uses a
 * client id of its own, so that a service that runs is not disturbed.  Returns
 * false if a part fails.
 */
bool broker_check(const struct mqtt_config *);

#endif
