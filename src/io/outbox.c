/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

#include "base/memory.h"
#include "io/outbox.h"

#define TURN_NS (OUTBOX_TURN_MS * UINT64_C(1000000))

struct letter {
	char *id;	       /* owned */
	json_t *record, *line; /* owned; NULL: none */
	struct letter *prev, *next;
};

struct outbox {
	outbox_write *write;
	void *ctx;
	struct letter *letters; /* owned, in order */
	uint64_t spent_ns;	/* writing, in this turn */
	struct event *turn;	/* owned: the next one has come */
};

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void
letter_free(struct letter *letter)
{
	json_decref(letter->record);
	json_decref(letter->line);
	free(letter->id);
	free(letter);
}

/* And drop it. */
static void
post(struct outbox *outbox, struct letter *letter)
{
	uint64_t began_ns = now_ns();

	DL_DELETE(outbox->letters, letter);
	outbox->write(letter->id, letter->record, letter->line, outbox->ctx);
	outbox->spent_ns += now_ns() - began_ns;
	letter_free(letter);
}

/* What this turn has time for; the next has time for what is left. */
static void
post_some(struct outbox *outbox)
{
	const struct timeval next_turn = { 0, 0 };

	while (outbox->letters != NULL && outbox->spent_ns < TURN_NS)
		post(outbox, outbox->letters);
	if (outbox->spent_ns > 0)
		evtimer_add(outbox->turn, &next_turn);
}

static void
on_turn(evutil_socket_t fd, short what, void *ctx)
{
	struct outbox *outbox = ctx;

	(void)fd;
	(void)what;
	outbox->spent_ns = 0;
	post_some(outbox);
}

struct outbox *
outbox_new(struct event_base *base, outbox_write *write, void *ctx)
{
	struct outbox *outbox = xcalloc(1, sizeof(*outbox));

	outbox->write = write;
	outbox->ctx = ctx;
	outbox->turn = evtimer_new(base, on_turn, outbox);
	return outbox;
}

void
outbox_free(struct outbox *outbox)
{
	struct letter *letter, *next;

	if (outbox == NULL)
		return;
	DL_FOREACH_SAFE (outbox->letters, letter, next)
		letter_free(letter);
	event_free(outbox->turn);
	free(outbox);
}

void
outbox_put(struct outbox *outbox, const char *id, json_t *record, json_t *line)
{
	struct letter *letter = xcalloc(1, sizeof(*letter));

	letter->id = xstrdup(id);
	letter->record = record;
	letter->line = line;
	DL_APPEND(outbox->letters, letter);
	post_some(outbox);
}

void
outbox_flush(struct outbox *outbox, const char *id)
{
	struct letter *letter, *next;

	DL_FOREACH_SAFE (outbox->letters, letter, next)
		if (id == NULL || strcmp(letter->id, id) == 0)
			post(outbox, letter);
}
