/* SPDX-License-Identifier: ISC */
/*
 * discovery -- runs reflash-scan as the configuration has it, hands on what it
 * hears, and knows how it does.
 */
#ifndef REFLASHD_DISCOVERY_H
#define REFLASHD_DISCOVERY_H

#include "reflashd/daemon.h"

/* With the configuration of now. */
void discovery_start(struct daemon *);
void discovery_stop(struct daemon *);

#endif
