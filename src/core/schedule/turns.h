/* SPDX-License-Identifier: ISC */
/*
 * turns -- in which order devices are asked whether they can be flashed now.
 *
 * One host can invent any number of ids.  So where nothing vouches for a
 * device, and another device at its address or with its MAC was tried in vain,
 * all others go first.
 */
#ifndef REFLASHD_TURNS_H
#define REFLASHD_TURNS_H

#include "core/device/registry.h"

enum turn {
	TURN_ANSWERED, /* the device has answered, so it is there */
	TURN_UNHEARD,
	TURN_HAD, /* its address or MAC has had a turn, in vain */
	TURNS,
};

struct turns;

/* See which addresses and MACs were tried.  Valid while no device changes. */
struct turns *turns_new(struct registry *);
void turns_free(struct turns *);

enum turn turns_of(const struct turns *, const struct device *);

#endif
