/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/control.h"
#include "reflashd/listing.h"

#define AT_ONCE 250 /* two or three milliseconds */

struct listing {
	struct daemon *daemon;	       /* borrowed */
	struct control_client *client; /* borrowed */
	listing_item *item;
	listing_extra *extra; /* NULL: nothing */
	struct event *turn;
	char (*ids)[DEVICE_ID_SIZE]; /* owned */
	size_t count, next_id;
	struct listing *prev, *next;
};

static void
end(struct listing *listing)
{
	DL_DELETE(listing->daemon->listings, listing);
	event_free(listing->turn);
	free(listing->ids);
	free(listing);
}

static void
on_turn(evutil_socket_t fd, short what, void *ctx)
{
	const struct timeval now = { 0, 0 };
	struct listing *listing = ctx;
	struct daemon *daemon = listing->daemon;
	struct control_client *client = listing->client;
	listing_extra *extra = listing->extra;

	(void)fd;
	(void)what;
	for (int n = 0; n < AT_ONCE && listing->next_id < listing->count; n++) {
		const struct device *device = registry_find(
		    daemon->registry, listing->ids[listing->next_id++]);

		if (device != NULL)
			listing->item(daemon, client, device);
	}
	if (listing->next_id < listing->count) {
		evtimer_add(listing->turn, &now);
		return;
	}
	end(listing);
	control_done(client, extra != NULL ? extra(daemon) : NULL);
}

void
listing_start(struct daemon *daemon, struct control_client *client,
    listing_item *item, listing_extra *extra)
{
	struct listing *listing = xcalloc(1, sizeof(*listing));
	size_t room = registry_count(daemon->registry);
	struct device *device = NULL;

	listing->daemon = daemon;
	listing->client = client;
	listing->item = item;
	listing->extra = extra;
	listing->turn = evtimer_new(daemon->base, on_turn, listing);
	listing->ids = xcalloc(room + 1, sizeof(*listing->ids));
	while ((device = registry_next(daemon->registry, device)) != NULL)
		text_copy(listing->ids[listing->count++], sizeof(*listing->ids),
		    device->id);
	DL_APPEND(daemon->listings, listing);
	on_turn(-1, 0, listing);
}

void
listing_stop(struct daemon *daemon, const struct control_client *client)
{
	struct listing *listing, *next;

	DL_FOREACH_SAFE (daemon->listings, listing, next)
		if (listing->client == client)
			end(listing);
}
