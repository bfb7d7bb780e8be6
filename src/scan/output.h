/* SPDX-License-Identifier: ISC */
/*
 * output -- the lines on stdout, and the notice that nobody reads them.
 *
 * Takes a line only when the one before is written, so that whoever writes
 * keeps what there is to say in its newest form instead of a queue.
 */
#ifndef REFLASHD_OUTPUT_H
#define REFLASHD_OUTPUT_H

#include <avahi-common/watch.h>
#include <stdbool.h>

struct output;

struct output_ops {
	void (*room)(void *ctx);   /* there is room for a line again */
	void (*closed)(void *ctx); /* nobody will read any more */
};

/* text: for people instead of JSON.  ops and ctx are borrowed. */
struct output *
output_new(const AvahiPoll *, bool text, const struct output_ops *, void *ctx);
void output_free(struct output *);

bool output_has_room(const struct output *);

/* Why a line could not be written, an errno; 0: nobody takes it, or it was. */
int output_failure(const struct output *);

/* Write a line of core/mdns/scanline, which is taken.  Without room it is lost.
 */
void output_line(struct output *, char *line);

#endif
