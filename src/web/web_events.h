/* SPDX-License-Identifier: ISC */
/*
 * web_events -- the streams of server-sent events, one for each open page.
 *
 *	snapshot   {"format":1,"devices":[...]}: all devices; forget the others
 *	change     {"format":1,"event":"change","id":..,"device":{..}}
 *	forgotten  {"format":1,"event":"forgotten","id":..,"device":null}
 *	status     as GET /api/v1/status
 *	alive      {}: with a comment, each 20 s
 *	down       {"error":..}: the daemon does not answer, what is shown is
 *old
 *
 * A stream that does not read gets no more than fills its buffer once, and then
 * what has changed until it reads again; it is ended after half a minute.
 */
#ifndef REFLASHD_WEB_EVENTS_H
#define REFLASHD_WEB_EVENTS_H

#include "web/http/web_server.h"
#include "web/web_devices.h"

struct web_events;

/* The devices are borrowed. */
struct web_events *web_events_new(struct event_base *, struct web_devices *);

/* All streams must have ended.  NULL is fine. */
void web_events_free(struct web_events *);

/* Begin a stream as the answer to a request. */
void web_events_begin(struct web_events *, struct web_visit *);

/* Something has changed: tell all streams soon. */
void web_events_changed(struct web_events *);

/* The daemon answers, all devices are there: a new snapshot for all. */
void web_events_up(struct web_events *);

/* The daemon does not answer, for this reason. */
void web_events_down(struct web_events *, const char *why);

/* The status has changed; it is a JSON text, borrowed for the call. */
void web_events_status(struct web_events *, const char *text);

/* Return true if there is any stream. */
bool web_events_are_read(const struct web_events *);

#endif
