/* SPDX-License-Identifier: ISC */
/* Delivers the changes of devices to monitor, wait and watch. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/subscription.h"
#include "reflashctl/out/term.h"

struct subscription {
	const char *socket; /* borrowed */
	const char *id;	    /* borrowed */
	enum subscription_what what;
	struct conn *conn; /* owned; NULL: no daemon */
	unsigned replies;  /* replies so far */
	bool is_listed;	   /* the next call says so */
};

struct subscription *
subscription_new(
    const char *socket, enum subscription_what what, const char *id)
{
	struct subscription *subscription = xcalloc(1, sizeof(*subscription));

	subscription->socket = socket;
	subscription->what = what;
	subscription->id = id;
	return subscription;
}

static void
close_connection(struct subscription *subscription)
{
	conn_close(subscription->conn);
	subscription->conn = NULL;
}

void
subscription_free(struct subscription *subscription)
{
	if (subscription == NULL)
		return;
	close_connection(subscription);
	free(subscription);
}

int
subscription_fd(const struct subscription *subscription)
{
	return subscription->conn != NULL ? conn_fd(subscription->conn) : -1;
}

static bool
ask_for(struct subscription *subscription, const char *id, struct error *err)
{
	return conn_send(subscription->conn,
	    ctl_request_new(CTL_SHOW, json_pack("{s:s}", "id", id)), err);
}

void
subscription_ask(struct subscription *subscription, const char *id)
{
	struct error err;

	/* If the daemon is gone, the next subscription_next() finds out. */
	if (subscription->conn != NULL)
		ask_for(subscription, id, &err);
}

void
subscription_ask_status(struct subscription *subscription)
{
	struct error err;

	if (subscription->conn != NULL)
		conn_send(subscription->conn, ctl_request_new(CTL_STATUS, NULL),
		    &err);
}

static bool
start_subscription(struct subscription *subscription, struct error *err)
{
	json_t *monitor = ctl_request_new(CTL_MONITOR, NULL);

	subscription->replies = 0;
	subscription->is_listed = false;
	subscription->conn = conn_open(subscription->socket, err);
	if (subscription->conn == NULL) {
		json_decref(monitor);
		return false;
	}
	if (!conn_send(subscription->conn, monitor, err))
		return false;
	if (subscription->what == SUBSCRIPTION_ALL)
		return conn_send(subscription->conn,
		    ctl_request_new(CTL_DEVICES, NULL), err);
	if (subscription->what == SUBSCRIPTION_ONE)
		return ask_for(subscription, subscription->id, err);
	return true;
}

/* Return true if the daemon refuses, but not because a device is unknown. */
static bool
is_refused(const json_t *reply, struct error *err)
{
	const char *code = json_string_value(json_object_get(reply, "code"));
	char *text;

	if (json_is_true(json_object_get(reply, "ok")) ||
	    (code != NULL && ctl_code_find(code) == ENOENT))
		return false;
	text = term_text(json_string_value(json_object_get(reply, "error")));
	error_set(err, ENOTCONN, "the daemon says: %s", text);
	free(text);
	return true;
}

/* Make an event of a message, which is taken; false: there is none in it. */
static bool
translate_message(
    struct subscription *subscription, json_t *message, json_t **event)
{
	json_t *device = json_object_get(message, "device");
	json_t *item = json_object_get(message, "item");

	if (item != NULL) {
		*event = ctl_change_new(json_incref(item));
	} else if (json_object_get(message, "ok") == NULL) {
		*event = message;
		return true;
	} else {
		subscription->replies++;
		subscription->is_listed = subscription->replies ==
		    (subscription->what == SUBSCRIPTION_CHANGES ? 1 : 2);
		if (device != NULL)
			*event = ctl_change_new(json_incref(device));
		else if (json_object_get(message, "todo") != NULL)
			*event = json_pack(
			    "{s:s, s:O}", "event", "status", "status", message);
	}
	json_decref(message);
	return *event != NULL;
}

static enum subscription_end
receive_message(struct subscription *subscription, int timeout_ms,
    json_t **event, struct error *err)
{
	json_t *message = conn_receive(subscription->conn, timeout_ms, err);

	if (message == NULL && (err->code == ETIMEDOUT || err->code == EINTR))
		return SUBSCRIPTION_IDLE;
	if (message == NULL ||
	    (json_object_get(message, "ok") != NULL &&
		is_refused(message, err))) {
		json_decref(message);
		return SUBSCRIPTION_DOWN;
	}
	return translate_message(subscription, message, event)
	    ? SUBSCRIPTION_EVENT
	    : SUBSCRIPTION_LISTED;
}

enum subscription_end
subscription_next(struct subscription *subscription, int timeout_ms,
    json_t **event, struct error *err)
{
	*event = NULL;
	if (subscription->conn == NULL &&
	    !start_subscription(subscription, err)) {
		close_connection(subscription);
		return SUBSCRIPTION_DOWN;
	}
	while (!subscription->is_listed) {
		enum subscription_end end =
		    receive_message(subscription, timeout_ms, event, err);

		if (end == SUBSCRIPTION_DOWN)
			close_connection(subscription);
		if (end != SUBSCRIPTION_LISTED)
			return end;
	}
	/* Say so once; afterwards events come until the connection ends. */
	subscription->is_listed = false;
	return SUBSCRIPTION_LISTED;
}
