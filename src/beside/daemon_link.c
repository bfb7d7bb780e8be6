/* SPDX-License-Identifier: ISC */
/*
 * Keeps a connection to the control socket of the daemon, line by line, without
 * ever waiting for it.
 */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/unixsock.h"
#include "beside/daemon_link.h"
#include "io/timer.h"

#define MAX_MESSAGE   (1 << 20) /* the daemon's are less than a tenth of it */
#define MAX_ORDERS    256	/* under way at a time */
#define ANSWER_MS     30000
#define FIRST_WAIT_MS 250
#define LAST_WAIT_MS  8000

enum link_state {
	LINK_AWAY,    /* the timer connects again */
	LINK_LISTING, /* connected; the present devices come */
	LINK_LISTED,
};

/* A request that was sent, in the order of the answers. */
struct order {
	daemon_link_answer_fn *answer; /* NULL: the link's own */
	daemon_link_item_fn *item;     /* NULL: items are dropped */
	void *ctx;
	struct order *next;
};

struct daemon_link {
	const char *path;		   /* borrowed */
	const struct daemon_link_ops *ops; /* borrowed */
	void *ctx;
	struct event_base *base; /* borrowed */
	enum link_state state;
	struct bufferevent *bev; /* NULL while away */
	struct timer *again;	 /* connects */
	struct timer *patience;	 /* an answer has to come until then */
	uint64_t wait_ms;	 /* until the next try */
	bool is_down_told;
	unsigned own_replies; /* to monitor and to devices */
	struct order *first, **last;
	size_t order_count;
};

/* Take the oldest order out; the caller frees it. */
static struct order *
shift_order(struct daemon_link *link)
{
	struct order *order = link->first;

	if (order == NULL)
		return NULL;
	link->first = order->next;
	if (link->first == NULL)
		link->last = &link->first;
	link->order_count--;
	return order;
}

/* Answer all orders that are under way with NULL. */
static void
drop_orders(struct daemon_link *link)
{
	struct order *order;

	while ((order = shift_order(link)) != NULL) {
		if (order->answer != NULL)
			order->answer(NULL, order->ctx);
		free(order);
	}
}

/* The one way to lose the daemon, whatever the cause. */
static void
lose(struct daemon_link *link, const struct error *err)
{
	bool is_new = !link->is_down_told;

	link->state = LINK_AWAY;
	link->is_down_told = true;
	if (link->bev != NULL)
		bufferevent_free(link->bev);
	link->bev = NULL;
	timer_stop(link->patience);
	timer_set(link->again, link->wait_ms);
	link->wait_ms =
	    link->wait_ms * 2 < LAST_WAIT_MS ? link->wait_ms * 2 : LAST_WAIT_MS;
	drop_orders(link);
	if (is_new)
		link->ops->down(err, link->ctx);
}

static void
lose_with(struct daemon_link *link, const char *why)
{
	struct error err;

	error_set(&err, ENOTCONN, "%s", why);
	lose(link, &err);
}

static void
on_no_answer(void *ctx)
{
	lose_with(ctx, "the daemon does not answer");
}

static bool
send_request(struct daemon_link *link, enum ctl_id id, json_t *args,
    daemon_link_item_fn *item, daemon_link_answer_fn *answer, void *ctx)
{
	json_t *request = ctl_request_new(id, args);
	char *text = json_dumps(request, JSON_COMPACT);
	struct order *order;

	json_decref(request);
	if (text == NULL)
		return false;
	evbuffer_add_printf(bufferevent_get_output(link->bev), "%s\n", text);
	free(text);
	order = xcalloc(1, sizeof(*order));
	order->answer = answer;
	order->item = item;
	order->ctx = ctx;
	*link->last = order;
	link->last = &order->next;
	if (link->order_count++ == 0)
		timer_set(link->patience, ANSWER_MS);
	return true;
}

bool
daemon_link_ask(struct daemon_link *link, enum ctl_id id, json_t *args,
    daemon_link_answer_fn *answer, void *ctx)
{
	return daemon_link_list(link, id, args, NULL, answer, ctx);
}

bool
daemon_link_list(struct daemon_link *link, enum ctl_id id, json_t *args,
    daemon_link_item_fn *item, daemon_link_answer_fn *answer, void *ctx)
{
	if (link->state != LINK_LISTED || link->order_count >= MAX_ORDERS) {
		json_decref(args);
		return false;
	}
	return send_request(link, id, args, item, answer, ctx);
}

bool
daemon_link_is_listed(const struct daemon_link *link)
{
	return link->state == LINK_LISTED;
}

/* Take the reply to monitor or to devices. */
static bool
take_own_reply(struct daemon_link *link, const json_t *reply)
{
	const char *text;
	struct error err;

	if (!json_is_true(json_object_get(reply, "ok"))) {
		text = json_string_value(json_object_get(reply, "error"));
		error_set(&err, ENOTCONN, "the daemon refuses: %s",
		    text != NULL ? text : "it does not say why");
		lose(link, &err);
		return false;
	}
	if (++link->own_replies < 2)
		return true;
	link->state = LINK_LISTED;
	link->wait_ms = FIRST_WAIT_MS;
	link->is_down_told = false;
	link->ops->listed(link->ctx);
	return true;
}

static bool
take_reply(struct daemon_link *link, const json_t *reply)
{
	struct order *order = shift_order(link);
	struct order copy;

	if (order == NULL) {
		lose_with(link, "the daemon answers what nobody asked");
		return false;
	}
	copy = *order;
	free(order);
	if (link->order_count > 0)
		timer_set(link->patience, ANSWER_MS);
	else
		timer_stop(link->patience);
	if (copy.answer == NULL)
		return take_own_reply(link, reply);
	copy.answer(reply, copy.ctx);
	return true;
}

/* Give an item to whoever has asked for it. */
static void
take_item(struct daemon_link *link, const json_t *item)
{
	const struct order *order = link->first;

	if (order == NULL || item == NULL)
		return;
	if (order->answer == NULL &&
	    json_is_string(json_object_get(item, "id")))
		link->ops->device(item, link->ctx);
	else if (order->item != NULL)
		order->item(item, order->ctx);
}

static void
take_event(struct daemon_link *link, const json_t *message)
{
	const json_t *device = json_object_get(message, "device");
	const char *event =
	    json_string_value(json_object_get(message, "event"));
	const char *id = json_string_value(json_object_get(message, "id"));

	if (event != NULL && strcmp(event, "item") == 0) {
		take_item(link, json_object_get(message, "item"));
		return;
	}
	if (json_is_string(json_object_get(device, "id")))
		link->ops->device(device, link->ctx);
	else if (event != NULL && strcmp(event, "forgotten") == 0 && id != NULL)
		link->ops->forgotten(id, link->ctx);
}

/* Return false if the daemon was lost by it. */
static bool
take_line(struct daemon_link *link, const char *line, size_t len)
{
	json_error_t why;
	json_t *message = json_loadb(line, len, 0, &why);
	bool ok = true;

	if (!json_is_object(message)) {
		json_decref(message);
		lose_with(
		    link, "the program that listens there is not reflashd");
		return false;
	}
	if (json_object_get(message, "ok") != NULL)
		ok = take_reply(link, message);
	else
		take_event(link, message);
	json_decref(message);
	return ok;
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *input = bufferevent_get_input(bev);
	struct daemon_link *link = ctx;
	bool ok = true;
	char *line;
	size_t len;

	while (ok &&
	    (line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF)) != NULL) {
		ok = take_line(link, line, len);
		free(line);
	}
	if (ok && evbuffer_get_length(input) > MAX_MESSAGE)
		lose_with(link, "the daemon sends a message that never ends");
}

static void
on_end(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	lose_with(ctx, "the daemon has closed the connection");
}

static void
connect_again(void *ctx)
{
	struct daemon_link *link = ctx;
	struct error err;
	int fd = unixsock_connect_now(link->path, &err);

	if (fd == -1) {
		lose(link, &err);
		return;
	}
	link->bev =
	    bufferevent_socket_new(link->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (link->bev == NULL)
		abort(); /* as when any memory is out */
	bufferevent_setcb(link->bev, on_read, NULL, on_end, link);
	bufferevent_enable(link->bev, EV_READ | EV_WRITE);
	link->state = LINK_LISTING;
	link->own_replies = 0;
	link->ops->listing(link->ctx);
	send_request(link, CTL_MONITOR, NULL, NULL, NULL, NULL);
	send_request(link, CTL_DEVICES, NULL, NULL, NULL, NULL);
}

struct daemon_link *
daemon_link_new(struct event_base *base, const char *path,
    const struct daemon_link_ops *ops, void *ctx)
{
	struct daemon_link *link = xcalloc(1, sizeof(*link));

	link->path = path;
	link->ops = ops;
	link->ctx = ctx;
	link->base = base;
	link->wait_ms = FIRST_WAIT_MS;
	link->last = &link->first;
	link->again = timer_new(base, connect_again, link);
	link->patience = timer_new(base, on_no_answer, link);
	timer_set(link->again, 0);
	return link;
}

void
daemon_link_free(struct daemon_link *link)
{
	if (link == NULL)
		return;
	drop_orders(link);
	if (link->bev != NULL)
		bufferevent_free(link->bev);
	timer_free(link->again);
	timer_free(link->patience);
	free(link);
}
