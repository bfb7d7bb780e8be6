/* SPDX-License-Identifier: ISC */
/*
 * commands_order -- whether a device may be flashed, and what an order changes
 * of it: what flash, retry and approve have in common.
 */
#ifndef REFLASHD_COMMANDS_ORDER_H
#define REFLASHD_COMMANDS_ORDER_H

#include "reflashd/control/commands_parts.h"

/* What an order changes of a device, so that it can be undone; all is owned. */
struct order_before {
	struct device_order order; /* with an image of its own */
	struct device_attempt attempt;
	struct device_may_run may_run;
	struct device_people people;
};

struct order_before order_remember(const struct device *);

/* End what was remembered: order_undo() sets it back, order_stands() not. */
void order_undo(struct device *, struct order_before *);
void order_stands(struct order_before *);

/* Return true if there is an image for the device, and it may be flashed. */
bool
order_check(const struct request *, struct device *, struct device_image *);

/*
 * Refuse an order, and ask the device again: what is wrong with it may have
 * been put right.
 */
void
order_refuse(const struct request *, struct device *, const struct decision *);

/*
 * Note who gives an order, and the one image that it is for, if it is for one:
 * another file may come to its place.
 */
void order_note(const struct request *, struct device *);

/* Give the device a full set of attempts again. */
void order_start_over(struct commands *, struct device *);

#endif
