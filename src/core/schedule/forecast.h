/* SPDX-License-Identifier: ISC */
/*
 * forecast -- what a configuration means for the devices that are known: how
 * many would be flashed, wait, or are refused.
 */
#ifndef REFLASHD_FORECAST_H
#define REFLASHD_FORECAST_H

#include "core/schedule/decide.h"

/* The number of devices of each kind.  Initialize with = {0}. */
struct forecast {
	unsigned flash, work, observe, ignore, ask, ended;
	unsigned held[HOLD_COUNT], refused[REASON_COUNT];
};

void
forecast_add(struct forecast *, const struct device *, const struct decision *);

/*
 * Return a sentence like "2 devices would now be flashed, 1 waits for approval,
 * 3 refused: image-missing", to be freed with free().
 */
char *forecast_text(const struct forecast *);

#endif
