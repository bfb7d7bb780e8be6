/* SPDX-License-Identifier: ISC */
/*
 * pairs -- what all runs have met together: which act met a device in which
 * state, and which state followed which; what never happened, and why it
 * cannot.
 */
#ifndef TESTS_WORLD_PAIRS_H
#define TESTS_WORLD_PAIRS_H

#include <stdbool.h>
#include <stdio.h>

#include "core/state/state.h"
#include "tests/world/script.h"

/* An act of the script begins. */
void pairs_act(const struct act *);

/*
 * A device goes from one state to another.  Ends the run where no event of the
 * table of states leads there, or where that is said never to happen.
 */
void pairs_step(const char *id, enum state old, enum state now);

void pairs_print(FILE *);

#endif
