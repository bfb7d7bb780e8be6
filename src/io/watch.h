/* SPDX-License-Identifier: ISC */
/*
 * watch -- calls a function whenever a descriptor can be read.
 */
#ifndef REFLASHD_WATCH_H
#define REFLASHD_WATCH_H

struct event_base;
struct watch;

typedef void watch_fn(void *ctx);

/*
 * Make a watch that watches nothing yet. base and ctx are borrowed and must
 * outlive it.
 */
struct watch *watch_new(struct event_base *, watch_fn *, void *ctx);
void watch_free(struct watch *); /* NULL is fine */

/*
 * Watch this descriptor, which is borrowed, for as long as the watch lives; -1
 * changes nothing.
 */
void watch_set(struct watch *, int fd);

/* Call the function in the next turn of the event loop, just once. */
void watch_call(struct watch *);

#endif
