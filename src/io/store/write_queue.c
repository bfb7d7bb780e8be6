/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/store/write_queue.h"
#include "io/timer.h"

#define TURN_NS (OUTBOX_TURN_MS * UINT64_C(1000000))

struct letter {
	char *id;	       /* owned */
	json_t *record, *line; /* owned; NULL: none */
	uint64_t number;
	bool is_open; /* its record may be replaced */
	struct letter *prev, *next;
	UT_hash_handle hh; /* of the open ones */
};

struct outbox {
	outbox_write *write;
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
close_letter(struct outbox *outbox, struct letter *letter)
{
	if (letter->is_open)
		HASH_DEL(outbox->open, letter);
	letter->is_open = false;
}

static void
remove_letter(struct outbox *outbox, struct letter *letter)
{
	close_letter(outbox, letter);
	if (outbox->line == letter)
		do
			outbox->line = outbox->line->next;
		while (outbox->line != NULL && outbox->line->line == NULL);
	DL_DELETE(outbox->letters, letter);
}

/* And drop it. */
static void
post(struct outbox *outbox, struct letter *letter)
{
	uint64_t began_ns = clock_awake_ns();

	remove_letter(outbox, letter);
	outbox->write(letter->id, letter->record, letter->line, outbox->ctx);
	outbox->spent_ns += clock_awake_ns() - began_ns;
	letter_free(letter);
}

/* What this turn has time for; the next has time for what is left. */
static void
post_some(struct outbox *outbox)
{
	while (outbox->letters != NULL && outbox->spent_ns < TURN_NS)
		post(outbox, outbox->letters);
	if (outbox->spent_ns > 0)
		timer_set(outbox->turn, 0);
}

static void
on_turn(void *ctx)
{
	struct outbox *outbox = ctx;

	outbox->spent_ns = 0;
	post_some(outbox);
}

struct outbox *
outbox_new(struct event_base *base, outbox_write *write, void *ctx)
{
	struct outbox *outbox = xcalloc(1, sizeof(*outbox));

	outbox->write = write;
	outbox->ctx = ctx;
	outbox->turn = timer_new(base, on_turn, outbox);
	return outbox;
}

void
outbox_free(struct outbox *outbox)
{
	struct letter *letter, *next;

	if (outbox == NULL)
		return;
	DL_FOREACH_SAFE (outbox->letters, letter, next) {
		remove_letter(outbox, letter);
		letter_free(letter);
	}
	timer_free(outbox->turn);
	free(outbox);
}

static void
add_letter(struct outbox *outbox, const char *id, json_t *record, json_t *line)
{
	struct letter *letter = xcalloc(1, sizeof(*letter));

	letter->id = xstrdup(id);
	letter->record = record;
	letter->line = line;
	letter->number = ++outbox->last;
	DL_APPEND(outbox->letters, letter);
	if (line != NULL && outbox->line == NULL)
		outbox->line = letter;
	letter->is_open = line == NULL;
	if (letter->is_open)
		HASH_ADD_KEYPTR(
		    hh, outbox->open, letter->id, strlen(letter->id), letter);
}

void
outbox_put(struct outbox *outbox, const char *id, json_t *record, json_t *line)
{
	struct letter *letter;

	HASH_FIND_STR(outbox->open, id, letter);
	if (letter != NULL && line == NULL) {
		json_decref(letter->record);
		letter->record = record;
	} else {
		if (letter != NULL)
			close_letter(outbox, letter);
		add_letter(outbox, id, record, line);
	}
	post_some(outbox);
}

uint64_t
outbox_last(const struct outbox *outbox)
{
	return outbox->last;
}

bool
outbox_has_written(const struct outbox *outbox, uint64_t last)
{
	return outbox->letters == NULL || outbox->letters->number > last;
}

bool
outbox_has_written_lines(const struct outbox *outbox, uint64_t last)
{
	return outbox->line == NULL || outbox->line->number > last;
}

void
outbox_flush(struct outbox *outbox, const char *id)
{
	struct letter *letter, *next;

	DL_FOREACH_SAFE (outbox->letters, letter, next)
		if (id == NULL || strcmp(letter->id, id) == 0)
			post(outbox, letter);
}
