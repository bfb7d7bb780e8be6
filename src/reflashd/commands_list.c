/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/ctlproto.h"
#include "core/report.h"
#include "io/store.h"
#include "reflashd/commands_parts.h"
#include "reflashd/keep.h"
#include "reflashd/listing.h"
#include "reflashd/overview.h"
#include "reflashd/roster.h"

/* Of each, so many take two or three milliseconds. */
#define DEVICES_AT_ONCE 250
#define ENTRIES_AT_ONCE 100

/* ---- devices ----------------------------------------------------------- */

/* Sends what the list has of one device. */
typedef void
send_fn(struct daemon *, struct control_client *, const struct device *);

/* Who is known when it begins, and still is when it is his turn. */
struct roll {
	struct listing listing;
	send_fn *send;
	json_t *(*notes)(struct daemon *); /* NULL: there are none */
	char (*ids)[DEVICE_ID_SIZE];	   /* owned */
	size_t count, at;
};

static bool
roll_part(struct listing *listing, struct daemon *daemon,
    struct control_client *client)
{
	struct roll *roll = (struct roll *)listing;

	for (int n = 0; n < DEVICES_AT_ONCE && roll->at < roll->count; n++) {
		const struct device *device =
		    registry_find(daemon->registry, roll->ids[roll->at++]);

		if (device != NULL)
			roll->send(daemon, client, device);
	}
	return roll->at < roll->count;
}

static void
roll_done(struct listing *listing, struct daemon *daemon,
    struct control_client *client)
{
	struct roll *roll = (struct roll *)listing;

	control_done(client,
	    roll->notes != NULL
		? json_pack("{s:o}", "notes", roll->notes(daemon))
		: NULL);
}

static void
roll_free(struct listing *listing)
{
	struct roll *roll = (struct roll *)listing;

	free(roll->ids);
	free(roll);
}

static void
list_devices(
    const struct request *r, send_fn *send, json_t *(*notes)(struct daemon *))
{
	struct registry *registry = r->daemon->registry;
	struct roll *roll = xcalloc(1, sizeof(*roll));
	struct device *device = NULL;

	roll->listing =
	    (struct listing){ NULL, roll_part, roll_done, roll_free };
	roll->send = send;
	roll->notes = notes;
	roll->ids = xcalloc(registry_count(registry) + 1, sizeof(*roll->ids));
	while ((device = registry_next(registry, device)) != NULL)
		text_copy(
		    roll->ids[roll->count++], sizeof(*roll->ids), device->id);
	listing_start(r->daemon, r->client, &roll->listing);
}

static void
send_device(struct daemon *daemon, struct control_client *client,
    const struct device *device)
{
	(void)daemon;
	control_send_item(client, report_device(device));
}

void
command_devices(const struct request *r)
{
	list_devices(r, send_device, NULL);
}

static void
send_plan(struct daemon *daemon, struct control_client *client,
    const struct device *device)
{
	struct decision decision;

	roster_decide(daemon, device, &decision);
	control_send_item(client, report_plan(device, &decision));
}

void
command_plan(const struct request *r)
{
	struct device *device;

	if (ctl_arg_text(r->args, "id") == NULL) {
		list_devices(r, send_plan, overview_notes);
		return;
	}
	device = request_device(r);
	if (device == NULL)
		return;
	send_plan(r->daemon, r->client, device);
	control_done(r->client, NULL);
}

/* ---- history ----------------------------------------------------------- */

/* Of one device, or of all. */
struct past {
	struct listing listing;
	struct store_past *store; /* owned; NULL until it is its turn */
	char *id;		  /* owned; NULL: of all */
	size_t sent;
	struct control_client *client; /* borrowed, while a part is sent */
};

static void
on_entry(const json_t *entry, void *ctx)
{
	struct past *past = ctx;
	const char *device =
	    json_string_value(json_object_get(entry, "device"));

	if (past->id != NULL &&
	    (device == NULL || strcmp(past->id, device) != 0))
		return;
	control_send_item(past->client, json_deep_copy(entry));
	past->sent++;
}

/* Not while another one is being read. */
static bool
past_ready(struct listing *listing, struct daemon *daemon)
{
	struct past *past = (struct past *)listing;

	if (past->store == NULL)
		past->store = keep_open_history(daemon);
	return past->store != NULL;
}

static bool
past_part(struct listing *listing, struct daemon *daemon,
    struct control_client *client)
{
	struct past *past = (struct past *)listing;

	(void)daemon;
	past->client = client;
	return store_past_next(past->store, ENTRIES_AT_ONCE, on_entry, past);
}

/* One that was forgotten may still have a past. */
static void
past_done(struct listing *listing, struct daemon *daemon,
    struct control_client *client)
{
	const struct past *past = (struct past *)listing;
	const struct request r = { .daemon = daemon, .client = client };

	if (past->sent > 0 || past->id == NULL ||
	    registry_find(daemon->registry, past->id) != NULL)
		control_done(client, NULL);
	else
		request_fail(&r, ENOENT, past->id, "no such device");
}

static void
past_free(struct listing *listing)
{
	struct past *past = (struct past *)listing;

	keep_close_history(past->store);
	free(past->id);
	free(past);
}

void
command_history(const struct request *r)
{
	const char *id = ctl_arg_text(r->args, "id");
	struct past *past = xcalloc(1, sizeof(*past));

	past->listing =
	    (struct listing){ past_ready, past_part, past_done, past_free };
	past->id = id != NULL ? xstrdup(id) : NULL;
	listing_start(r->daemon, r->client, &past->listing);
}
