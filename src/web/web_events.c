/* SPDX-License-Identifier: ISC */
/* Sends each stream what has changed since it was last written to. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/timer.h"
#include "web/http/web_reply.h"
#include "web/web_events.h"

#define GATHER_MS  250	 /* changes that come together go out together */
#define KEEP_MS	   20000 /* a comment keeps a silent stream alive */
#define STUCK_MS   30000 /* a stream that is not read so long is ended */
#define MAX_UNSENT (64 * 1024)

struct stream {
	struct web_events *events; /* borrowed */
	struct web_visit *visit;   /* borrowed until on_gone() */
	uint64_t number;	   /* of the last change that was sent */
	uint64_t until;	 /* where the snapshot under way ends; 0: none is */
	bool is_first;	 /* nothing of the snapshot was sent yet */
	bool is_up;	 /* was told that the daemon answers */
	bool has_status; /* was told the status as it is */
	bool is_unsent;	 /* what was written has not left yet */
	uint64_t written_ms;
	struct stream *prev, *next;
};

struct web_events {
	struct web_devices *devices; /* borrowed */
	struct stream *streams;
	struct timer *soon, *keep;
	char *status; /* owned; NULL: not known yet */
	char *why;    /* owned; why the daemon is away; NULL: it answers */
};

static void write_more(struct stream *);

static void
on_gone(void *arg)
{
	struct stream *stream = arg;

	DL_DELETE(stream->events->streams, stream);
	free(stream);
}

/* All that was written has left: write the events that came meanwhile. */
static void
on_sent(struct evhttp_connection *evcon, void *arg)
{
	struct stream *stream = arg;

	(void)evcon;
	stream->is_unsent = false;
	write_more(stream);
}

static void
send_chunk(struct stream *stream, struct evbuffer *out)
{
	if (evbuffer_get_length(out) > 0) {
		stream->is_unsent = true;
		stream->written_ms = clock_now_ms();
		evhttp_send_reply_chunk_with_cb(
		    stream->visit->request, out, on_sent, stream);
	}
}

/* Add the first part of a snapshot, if it was not sent. */
static void
open_snapshot(struct stream *stream, struct evbuffer *out)
{
	if (!stream->is_first)
		return;
	stream->is_first = false;
	stream->until = web_devices_number(stream->events->devices);
	stream->number = 0;
	evbuffer_add_printf(out,
	    "event: snapshot\ndata: {\"format\":1,\"devices\":[%s",
	    stream->until > 0 ? "" : "]}\n\n");
}

/* Add devices to the snapshot, which is one line.  The last ends it. */
static void
add_snapshot(struct stream *stream, struct evbuffer *out)
{
	const struct web_device *device;

	while (stream->until > 0 && evbuffer_get_length(out) < MAX_UNSENT) {
		bool was_begun = stream->number > 0;

		device =
		    web_devices_after(stream->events->devices, stream->number);
		while (device != NULL && device->text == NULL &&
		    device->number <= stream->until) {
			stream->number = device->number;
			device = web_devices_after(
			    stream->events->devices, stream->number);
		}
		if (device == NULL || device->number > stream->until) {
			stream->number = stream->until;
			stream->until = 0;
			evbuffer_add_printf(out, "]}\n\n");
			return;
		}
		evbuffer_add_printf(
		    out, "%s%s", was_begun ? "," : "", device->text);
		stream->number = device->number;
	}
}

static void
add_changes(struct stream *stream, struct evbuffer *out)
{
	const struct web_device *device;

	while (evbuffer_get_length(out) < MAX_UNSENT &&
	    (device = web_devices_after(
		 stream->events->devices, stream->number)) != NULL) {
		if (device->text != NULL)
			evbuffer_add_printf(out,
			    "event: change\ndata: {\"format\":1,\"event\":"
			    "\"change\",\"id\":\"%s\",\"device\":%s}\n\n",
			    device->id, device->text);
		else
			evbuffer_add_printf(out,
			    "event: forgotten\ndata: {\"format\":1,\"event\":"
			    "\"forgotten\",\"id\":\"%s\",\"device\":null}\n\n",
			    device->id);
		stream->number = device->number;
	}
}

static void
add_down(struct stream *stream, struct evbuffer *out)
{
	json_auto_t *down = json_pack("{s:s}", "error", stream->events->why);
	char *text = json_dumps(down, JSON_COMPACT);

	stream->is_up = false;
	evbuffer_add_printf(
	    out, "event: down\ndata: %s\n\n", text != NULL ? text : "{}");
	free(text);
}

static void
add_what_is_new(struct stream *stream, struct evbuffer *out)
{
	struct web_events *events = stream->events;

	if (events->why != NULL) {
		if (stream->is_up && stream->until == 0)
			add_down(stream, out);
		if (stream->until == 0)
			return;
	}
	if (stream->until == 0 &&
	    (!stream->is_up ||
		stream->number < web_devices_lost(events->devices)))
		stream->is_first = stream->is_up = true;
	open_snapshot(stream, out);
	add_snapshot(stream, out);
	if (stream->until > 0)
		return;
	add_changes(stream, out);
	if (!stream->has_status && events->status != NULL) {
		evbuffer_add_printf(
		    out, "event: status\ndata: %s\n\n", events->status);
		stream->has_status = true;
	}
}

static void
write_more(struct stream *stream)
{
	struct evbuffer *out;

	if (stream->is_unsent)
		return;
	out = evbuffer_new();
	if (out == NULL)
		abort(); /* as when any memory is out */
	add_what_is_new(stream, out);
	send_chunk(stream, out);
	evbuffer_free(out);
}

static void
on_soon(void *ctx)
{
	struct web_events *events = ctx;
	struct stream *stream, *next;

	DL_FOREACH_SAFE (events->streams, stream, next)
		write_more(stream);
}

static void
keep_alive(struct stream *stream)
{
	struct evbuffer *out = evbuffer_new();

	if (out == NULL ||
	    evbuffer_add_printf(out, ": ka\nevent: alive\ndata: {}\n\n") < 0)
		abort(); /* as when any memory is out */
	send_chunk(stream, out);
	evbuffer_free(out);
}

static void
on_keep(void *ctx)
{
	struct web_events *events = ctx;
	uint64_t now = clock_now_ms();
	struct stream *stream, *next;

	DL_FOREACH_SAFE (events->streams, stream, next) {
		if (stream->is_unsent && now - stream->written_ms >= STUCK_MS)
			web_server_cut(stream->visit);
		else if (!stream->is_unsent && stream->until == 0)
			keep_alive(stream);
	}
	if (events->streams != NULL)
		timer_set(events->keep, KEEP_MS);
}

struct web_events *
web_events_new(struct event_base *base, struct web_devices *devices)
{
	struct web_events *events = xcalloc(1, sizeof(*events));

	events->devices = devices;
	events->soon = timer_new(base, on_soon, events);
	events->keep = timer_new(base, on_keep, events);
	events->why = xstrdup("the daemon was not asked yet");
	return events;
}

void
web_events_free(struct web_events *events)
{
	if (events == NULL)
		return;
	timer_free(events->soon);
	timer_free(events->keep);
	free(events->status);
	free(events->why);
	free(events);
}

void
web_events_begin(struct web_events *events, struct web_visit *visit)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));
	struct evbuffer *out = evbuffer_new();

	if (out == NULL)
		abort(); /* as when any memory is out */
	stream->events = events;
	stream->visit = visit;
	stream->is_up = events->why != NULL; /* so that it is told otherwise */
	DL_APPEND(events->streams, stream);
	web_reply_begin_stream(visit);
	web_server_stream(visit, on_gone, stream);
	evbuffer_add_printf(out, "retry: 3000\n\n");
	add_what_is_new(stream, out);
	send_chunk(stream, out);
	evbuffer_free(out);
	if (!timer_is_set(events->keep))
		timer_set(events->keep, KEEP_MS);
}

void
web_events_changed(struct web_events *events)
{
	if (events->streams != NULL && !timer_is_set(events->soon))
		timer_set(events->soon, GATHER_MS);
}

void
web_events_up(struct web_events *events)
{
	struct stream *stream;

	free(events->why);
	events->why = NULL;
	DL_FOREACH (events->streams, stream)
		stream->is_up = false;
	web_events_changed(events);
}

void
web_events_down(struct web_events *events, const char *why)
{
	free(events->why);
	events->why = xstrdup(why);
	free(events->status);
	events->status = NULL;
	web_events_changed(events);
}

void
web_events_status(struct web_events *events, const char *text)
{
	struct stream *stream;

	if (events->status != NULL && strcmp(events->status, text) == 0)
		return;
	free(events->status);
	events->status = xstrdup(text);
	DL_FOREACH (events->streams, stream)
		stream->has_status = false;
	web_events_changed(events);
}

bool
web_events_are_read(const struct web_events *events)
{
	return events->streams != NULL;
}
