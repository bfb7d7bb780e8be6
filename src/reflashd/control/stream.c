/* SPDX-License-Identifier: ISC */
/* Sends the long answers of the control socket, a part in each turn. */
#include "config.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/memory.h"
#include "io/control/control.h"
#include "io/timer.h"
#include "reflashd/control/stream.h"

#define READING_MS 20 /* then those who had enough may have read it */

struct entry {
	struct listing *listing;       /* owned */
	struct control_client *client; /* borrowed; NULL: it is gone */
	struct entry *prev, *next;
};

struct listings {
	struct entry *entries; /* owned; the first is the next one's turn */
	struct timer *turn;    /* owned */
};

static void
remove_entry(struct listings *listings, struct entry *entry)
{
	DL_DELETE(listings->entries, entry);
	entry->listing->free(entry->listing);
	free(entry);
}

static void
go_on(struct listings *listings, unsigned ms)
{
	if (listings->entries != NULL)
		timer_set(listings->turn, ms);
}

static bool
is_ready(const struct entry *entry)
{
	struct listing *listing = entry->listing;

	return (entry->client == NULL || control_has_room(entry->client)) &&
	    (listing->ready == NULL || listing->ready(listing));
}

/* Whose turn it is; NULL: they all have enough to read, or wait. */
static struct entry *
next_entry(const struct listings *listings)
{
	struct entry *entry;

	DL_FOREACH (listings->entries, entry)
		if (is_ready(entry))
			return entry;
	return NULL;
}

static void
on_turn(void *ctx)
{
	struct listings *listings = ctx;
	struct entry *entry = next_entry(listings);
	struct listing *listing;

	if (entry == NULL) {
		go_on(listings, READING_MS);
		return;
	}
	listing = entry->listing;
	if (listing->part != NULL && listing->part(listing, entry->client)) {
		DL_DELETE(listings->entries, entry);
		DL_APPEND(listings->entries, entry);
	} else {
		if (entry->client != NULL)
			listing->done(listing, entry->client);
		remove_entry(listings, entry);
	}
	go_on(listings, 0);
}

struct listings *
listings_new(struct event_base *base)
{
	struct listings *listings = xcalloc(1, sizeof(*listings));

	listings->turn = timer_new(base, on_turn, listings);
	return listings;
}

void
listings_free(struct listings *listings)
{
	if (listings == NULL)
		return;
	while (listings->entries != NULL)
		remove_entry(listings, listings->entries);
	timer_free(listings->turn);
	free(listings);
}

void
listing_start(struct listings *listings, struct control_client *client,
    struct listing *listing)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));

	entry->listing = listing;
	entry->client = client;
	DL_APPEND(listings->entries, entry);
	go_on(listings, 0);
}

void
listing_hurry(struct listings *listings)
{
	go_on(listings, 0);
}

void
listing_stop(struct listings *listings, const struct control_client *client)
{
	struct entry *entry, *next;

	DL_FOREACH_SAFE (listings->entries, entry, next)
		if (entry->client == client && entry->listing->goes_on)
			entry->client = NULL;
		else if (entry->client == client)
			remove_entry(listings, entry);
	if (listings->entries == NULL)
		timer_stop(listings->turn);
}
