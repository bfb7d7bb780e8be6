/* SPDX-License-Identifier: ISC */
/*
 * Spreads writes to the disk over several turns of the event loop, so that none
 * of them delays other work for long.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/store/write_queue.h"
#include "io/timer.h"

#define TURN_NS (WRITE_QUEUE_TURN_MS * UINT64_C(1000000))

struct letter {
	char *id;	       /* owned */
	json_t *record, *line; /* owned; NULL: none */
	uint64_t number;
	bool is_open; /* its record may be replaced */
	struct letter *prev, *next;
	UT_hash_handle hh; /* of the open ones */
};

struct write_queue {
	write_queue_write *write;
	void *ctx;
	struct letter *letters; /* owned, in order */
	struct letter *open;	/* by id: the last, if it has no line */
	struct letter *line;	/* the first that has one, or NULL */
	uint64_t last;		/* number that a letter got */
	uint64_t spent_ns;	/* writing, in this turn */
	struct timer *turn;	/* owned: the next one has come */
};

static void
letter_free(struct letter *letter)
{
	json_decref(letter->record);
	json_decref(letter->line);
	free(letter->id);
	free(letter);
}

static void
close_letter(struct write_queue *write_queue, struct letter *letter)
{
	if (letter->is_open)
		HASH_DEL(write_queue->open, letter);
	letter->is_open = false;
}

static void
remove_letter(struct write_queue *write_queue, struct letter *letter)
{
	close_letter(write_queue, letter);
	if (write_queue->line == letter)
		do
			write_queue->line = write_queue->line->next;
		while (write_queue->line != NULL &&
		    write_queue->line->line == NULL);
	DL_DELETE(write_queue->letters, letter);
}

/* Write a letter and drop it. */
static void
post(struct write_queue *write_queue, struct letter *letter)
{
	uint64_t began_ns = clock_awake_ns();

	remove_letter(write_queue, letter);
	write_queue->write(
	    letter->id, letter->record, letter->line, write_queue->ctx);
	write_queue->spent_ns += clock_awake_ns() - began_ns;
	letter_free(letter);
}

/* Write what this turn has time for, and leave the rest to the next. */
static void
post_some(struct write_queue *write_queue)
{
	while (write_queue->letters != NULL && write_queue->spent_ns < TURN_NS)
		post(write_queue, write_queue->letters);
	if (write_queue->spent_ns > 0)
		timer_set(write_queue->turn, 0);
}

static void
on_turn(void *ctx)
{
	struct write_queue *write_queue = ctx;

	write_queue->spent_ns = 0;
	post_some(write_queue);
}

struct write_queue *
write_queue_new(struct event_base *base, write_queue_write *write, void *ctx)
{
	struct write_queue *write_queue = xcalloc(1, sizeof(*write_queue));

	write_queue->write = write;
	write_queue->ctx = ctx;
	write_queue->turn = timer_new(base, on_turn, write_queue);
	return write_queue;
}

void
write_queue_free(struct write_queue *write_queue)
{
	struct letter *letter, *next;

	if (write_queue == NULL)
		return;
	DL_FOREACH_SAFE (write_queue->letters, letter, next) {
		remove_letter(write_queue, letter);
		letter_free(letter);
	}
	timer_free(write_queue->turn);
	free(write_queue);
}

static void
add_letter(struct write_queue *write_queue, const char *id, json_t *record,
    json_t *line)
{
	struct letter *letter = xcalloc(1, sizeof(*letter));

	letter->id = xstrdup(id);
	letter->record = record;
	letter->line = line;
	letter->number = ++write_queue->last;
	DL_APPEND(write_queue->letters, letter);
	if (line != NULL && write_queue->line == NULL)
		write_queue->line = letter;
	letter->is_open = line == NULL;
	if (letter->is_open)
		HASH_ADD_KEYPTR(hh, write_queue->open, letter->id,
		    strlen(letter->id), letter);
}

void
write_queue_put(struct write_queue *write_queue, const char *id, json_t *record,
    json_t *line)
{
	struct letter *letter;

	HASH_FIND_STR(write_queue->open, id, letter);
	if (letter != NULL && line == NULL) {
		json_decref(letter->record);
		letter->record = record;
	} else {
		if (letter != NULL)
			close_letter(write_queue, letter);
		add_letter(write_queue, id, record, line);
	}
	post_some(write_queue);
}

uint64_t
write_queue_last(const struct write_queue *write_queue)
{
	return write_queue->last;
}

bool
write_queue_has_written(const struct write_queue *write_queue, uint64_t last)
{
	return write_queue->letters == NULL ||
	    write_queue->letters->number > last;
}

bool
write_queue_has_written_lines(
    const struct write_queue *write_queue, uint64_t last)
{
	return write_queue->line == NULL || write_queue->line->number > last;
}

void
write_queue_flush(struct write_queue *write_queue, const char *id)
{
	struct letter *letter, *next;

	DL_FOREACH_SAFE (write_queue->letters, letter, next)
		if (id == NULL || strcmp(letter->id, id) == 0)
			post(write_queue, letter);
}
