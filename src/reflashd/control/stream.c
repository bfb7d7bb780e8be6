/* SPDX-License-Identifier: ISC */
/* Sends the long answers of the control socket in turn, a part of one at a
 * time. */
#include "config.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/memory.h"
#include "io/control/control.h"
#include "io/timer.h"
#include "reflashd/control/stream.h"

#define READING_MS 20 /* then a client may have read what it has */

struct entry {
	struct stream *stream;	       /* owned */
	struct control_client *client; /* borrowed; NULL: it is gone */
	struct entry *prev, *next;
};

struct streams {
	struct entry *entries; /* owned; it is the turn of the first */
	struct timer *turn;    /* owned */
};

static void
remove_entry(struct streams *streams, struct entry *entry)
{
	DL_DELETE(streams->entries, entry);
	entry->stream->free(entry->stream);
	free(entry);
}

static void
go_on(struct streams *streams, unsigned ms)
{
	if (streams->entries != NULL)
		timer_set(streams->turn, ms);
}

static bool
is_ready(const struct entry *entry)
{
	struct stream *stream = entry->stream;

	return (entry->client == NULL || control_has_room(entry->client)) &&
	    (stream->ready == NULL || stream->ready(stream));
}

/* Return the next that can go on; NULL: all wait for something. */
static struct entry *
next_entry(const struct streams *streams)
{
	struct entry *entry;

	DL_FOREACH (streams->entries, entry)
		if (is_ready(entry))
			return entry;
	return NULL;
}

static void
on_turn(void *ctx)
{
	struct streams *streams = ctx;
	struct entry *entry = next_entry(streams);
	struct stream *stream;

	if (entry == NULL) {
		go_on(streams, READING_MS);
		return;
	}
	stream = entry->stream;
	if (stream->part != NULL && stream->part(stream, entry->client)) {
		DL_DELETE(streams->entries, entry);
		DL_APPEND(streams->entries, entry);
	} else {
		if (entry->client != NULL)
			stream->done(stream, entry->client);
		remove_entry(streams, entry);
	}
	go_on(streams, 0);
}

struct streams *
streams_new(struct event_base *base)
{
	struct streams *streams = xcalloc(1, sizeof(*streams));

	streams->turn = timer_new(base, on_turn, streams);
	return streams;
}

void
streams_free(struct streams *streams)
{
	if (streams == NULL)
		return;
	while (streams->entries != NULL)
		remove_entry(streams, streams->entries);
	timer_free(streams->turn);
	free(streams);
}

void
stream_start(struct streams *streams, struct control_client *client,
    struct stream *stream)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));

	entry->stream = stream;
	entry->client = client;
	DL_APPEND(streams->entries, entry);
	go_on(streams, 0);
}

void
stream_hurry(struct streams *streams)
{
	go_on(streams, 0);
}

void
stream_stop(struct streams *streams, const struct control_client *client)
{
	struct entry *entry, *next;

	DL_FOREACH_SAFE (streams->entries, entry, next)
		if (entry->client == client && entry->stream->goes_on)
			entry->client = NULL;
		else if (entry->client == client)
			remove_entry(streams, entry);
	if (streams->entries == NULL)
		timer_stop(streams->turn);
}
