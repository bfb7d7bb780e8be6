/* SPDX-License-Identifier: ISC */
/*
 * rejoin -- the look-out for flashed devices that somebody has given the Wi-Fi
 * meanwhile: a Tasmota announces nothing, so it has to be asked for.
 */
#ifndef REFLASHD_REJOIN_H
#define REFLASHD_REJOIN_H

#include "reflashd/daemon.h"

/* One round, of as many as are reasonable at a time. */
void rejoin_all(struct daemon *);

/* What a sweep of that round has brought to light. */
void rejoin_swept(struct daemon *);
void rejoin_stop(struct daemon *);

#endif
