/* SPDX-License-Identifier: ISC */
/*
 * timer -- calls a function once, some milliseconds from now.
 */
#ifndef REFLASHD_TIMER_H
#define REFLASHD_TIMER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct timer;

typedef void timer_fn(void *ctx);

/* Make a timer, not set yet. base and ctx are borrowed for its life. */
struct timer *timer_new(struct event_base *, timer_fn *, void *ctx);
void timer_free(struct timer *); /* NULL is fine */

/* Set the timer, or set it anew; 0: in the next turn of the event loop. */
void timer_set(struct timer *, uint64_t ms);
void timer_stop(struct timer *);

bool timer_is_set(const struct timer *);

#endif
