/* SPDX-License-Identifier: ISC */
/*
 * write_queue -- what is to be written, a few milliseconds of it in each turn
 * of the event loop.
 *
 * The daemon waits for each write to the disk.  One write may take that time;
 * but where dozens of devices change in the same moment, no other work would
 * get its turn until the last of them is on the disk.
 */
#ifndef REFLASHD_WRITE_QUEUE_H
#define REFLASHD_WRITE_QUEUE_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define WRITE_QUEUE_TURN_MS 5 /* a write that has begun is not cut short */

struct write_queue;

/* Write these; either may be NULL.  Both are borrowed for the call. */
typedef void write_queue_write(
    const char *id, const json_t *record, json_t *line, void *ctx);

/* base and ctx are borrowed and must outlive the queue. */
struct write_queue *
write_queue_new(struct event_base *, write_queue_write *, void *ctx);

/* Drop what is left: see write_queue_flush().  NULL is fine. */
void write_queue_free(struct write_queue *);

/*
 * Write at once if nothing waits and this turn has time left for it, else in
 * one of the next turns.  What is put first is written first.  But a record
 * without a line takes the place of a waiting record that is the last of its
 * id: however often a device changes, there is one record to write. record and
 * line are taken.
 */
void write_queue_put(
    struct write_queue *, const char *id, json_t *record, json_t *line);

/*
 * write_queue_last() returns a mark for everything put until now.  The other
 * two return true if everything up to that mark is written, or all its lines
 * are.
 */
uint64_t write_queue_last(const struct write_queue *);
bool write_queue_has_written(const struct write_queue *, uint64_t last);
bool write_queue_has_written_lines(const struct write_queue *, uint64_t last);

/* Write now what waits of this id; with NULL, everything. */
void write_queue_flush(struct write_queue *, const char *id);

#endif
