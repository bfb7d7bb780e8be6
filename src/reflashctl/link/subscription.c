/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "reflashctl/clean.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/subscription.h"

struct feed {
	const char *socket; /* borrowed */
	const char *id;	    /* borrowed */
	enum feed_what what;
	struct conn *conn; /* owned; NULL: down */
	unsigned replies;  /* how many have come */
	bool is_listed;	   /* to be told with the next call */
};

struct feed *
feed_new(const char *socket, enum feed_what what, const char *id)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));

	feed->socket = socket;
	feed->what = what;
	feed->id = id;
	return feed;
}

static void
hang_up(struct feed *feed)
{
	conn_close(feed->conn);
	feed->conn = NULL;
}

void
feed_free(struct feed *feed)
{
	if (feed == NULL)
		return;
	hang_up(feed);
	free(feed);
}

int
feed_fd(const struct feed *feed)
{
	return feed->conn != NULL ? conn_fd(feed->conn) : -1;
}

static bool
ask_for(struct feed *feed, const char *id, struct error *err)
{
	return conn_send(feed->conn,
	    ctl_request_new(CTL_SHOW, json_pack("{s:s}", "id", id)), err);
}

void
feed_ask(struct feed *feed, const char *id)
{
	struct error err;

	/* That it is down, the next feed_next() finds out. */
	if (feed->conn != NULL)
		ask_for(feed, id, &err);
}

static bool
start(struct feed *feed, struct error *err)
{
	json_t *monitor = ctl_request_new(CTL_MONITOR, NULL);

	feed->replies = 0;
	feed->is_listed = false;
	feed->conn = conn_open(feed->socket, err);
	if (feed->conn == NULL) {
		json_decref(monitor);
		return false;
	}
	if (!conn_send(feed->conn, monitor, err))
		return false;
	if (feed->what == FEED_ALL)
		return conn_send(
		    feed->conn, ctl_request_new(CTL_DEVICES, NULL), err);
	if (feed->what == FEED_ONE)
		return ask_for(feed, feed->id, err);
	return true;
}

/* A device that is not known yet is nothing to end for; all else is. */
static bool
is_refused(const json_t *reply, struct error *err)
{
	const char *code = json_string_value(json_object_get(reply, "code"));
	char *text;

	if (json_is_true(json_object_get(reply, "ok")) ||
	    (code != NULL && ctl_code_find(code) == ENOENT))
		return false;
	text = clean_text(json_string_value(json_object_get(reply, "error")));
	error_set(err, ENOTCONN, "the daemon says: %s", text);
	free(text);
	return true;
}

/* message is taken.  False: it tells the caller nothing. */
static bool
translate(struct feed *feed, json_t *message, json_t **event)
{
	json_t *device = json_object_get(message, "device");
	json_t *item = json_object_get(message, "item");

	if (item != NULL) {
		*event = ctl_change_new(json_incref(item));
	} else if (json_object_get(message, "ok") == NULL) {
		*event = message;
		return true;
	} else {
		feed->replies++;
		feed->is_listed =
		    feed->replies == (feed->what == FEED_CHANGES ? 1 : 2);
		if (device != NULL)
			*event = ctl_change_new(json_incref(device));
	}
	json_decref(message);
	return *event != NULL;
}

static enum feed_end
receive(struct feed *feed, int timeout_ms, json_t **event, struct error *err)
{
	json_t *message = conn_receive(feed->conn, timeout_ms, err);

	if (message == NULL && (err->code == ETIMEDOUT || err->code == EINTR))
		return FEED_IDLE;
	if (message == NULL ||
	    (json_object_get(message, "ok") != NULL &&
		is_refused(message, err))) {
		json_decref(message);
		return FEED_DOWN;
	}
	return translate(feed, message, event) ? FEED_EVENT : FEED_LISTED;
}

enum feed_end
feed_next(struct feed *feed, int timeout_ms, json_t **event, struct error *err)
{
	*event = NULL;
	if (feed->conn == NULL && !start(feed, err)) {
		hang_up(feed);
		return FEED_DOWN;
	}
	while (!feed->is_listed) {
		enum feed_end end = receive(feed, timeout_ms, event, err);

		if (end == FEED_DOWN)
			hang_up(feed);
		if (end != FEED_LISTED)
			return end;
	}
	/* Once: afterwards events come until the connection ends. */
	feed->is_listed = false;
	return FEED_LISTED;
}
