/* SPDX-License-Identifier: ISC */
/*
 * rollcall -- each device in its turn, over several turns of the event loop:
 * who is known when it begins, and still is when he is called.
 */
#ifndef REFLASHD_ROLLCALL_H
#define REFLASHD_ROLLCALL_H

#include "core/device/registry.h"

struct rollcall;

struct rollcall *rollcall_new(struct registry *); /* borrowed */
void rollcall_free(struct rollcall *);		  /* NULL is fine */

/* In the order of ids; borrowed from the registry.  NULL: that was the last. */
struct device *rollcall_next(struct rollcall *);

#endif
