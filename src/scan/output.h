/* SPDX-License-Identifier: ISC */
/*
 * output -- the lines on stdout, and the notice that no process reads them.
 *
 * It takes a line only when the one before is written, so that the caller keeps
 * what there is to report in its newest form instead of a queue.
 */
#ifndef REFLASHD_OUTPUT_H
#define REFLASHD_OUTPUT_H

#include <avahi-common/watch.h>
#include <stdbool.h>

struct output;

struct output_ops {
	void (*room)(void *ctx);   /* there is room for a line again */
	void (*closed)(void *ctx); /* the reader is gone */
};

/* text: for people instead of JSON. ops and ctx are borrowed. */
struct output *
output_new(const AvahiPoll *, bool text, const struct output_ops *, void *ctx);
void output_free(struct output *);

bool output_has_room(const struct output *);

/*
 * Return why a line could not be written, an errno; 0: it was written, or no
 * process reads it.
 */
int output_failure(const struct output *);

/*
 * Write a line of core/mdns/scanline, which is taken.  If there is no room, the
 * line is lost.
 */
void output_line(struct output *, char *line);

#endif
