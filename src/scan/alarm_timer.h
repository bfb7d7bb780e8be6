/* SPDX-License-Identifier: ISC */
/*
 * alarm_timer -- a timer on an Avahi poll loop that does not depend on the time
 * of day.
 *
 * Avahi's own time events are in wall clock time: if the clock is set back by
 * an hour, they come an hour late.
 */
#ifndef REFLASHD_ALARM_TIMER_H
#define REFLASHD_ALARM_TIMER_H

#include <avahi-common/watch.h>
#include <stdint.h>

struct alarm_timer;

typedef void alarm_timer_fn(void *ctx);

/* Return the monotonic time. */
int64_t alarm_timer_now_ms(void);

/* poll and ctx are borrowed. */
struct alarm_timer *
alarm_timer_new(const AvahiPoll *, alarm_timer_fn *, void *ctx);
void alarm_timer_free(struct alarm_timer *);

/* Call the function once, after so long; 0: next time round the loop. */
void alarm_timer_set(struct alarm_timer *, unsigned ms);
void alarm_timer_stop(struct alarm_timer *);

#endif
