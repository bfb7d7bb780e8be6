/* SPDX-License-Identifier: ISC */
/* Hands orders of the page to the daemon, and what it says back to the page. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "core/control/ctlproto.h"
#include "core/device/label.h"
#include "web/http/web_reply.h"
#include "web/web_parts.h"

#define MAX_ITEMS 1000 /* outcomes that are handed on, of an order for many */

struct web_order {
	struct web_site *site;	 /* borrowed */
	struct web_visit *visit; /* borrowed until it is answered */
	json_t *items;		 /* owned */
};

/* Which status says what a code of the daemon does. */
static int
status_of(const json_t *reply)
{
	static const struct {
		const char *code;
		int status;
	} table[] = {
		{ "EPERM", 403 },
		{ "EACCES", 403 },
		{ "ENOENT", 404 },
		{ "ENOTUNIQ", 409 },
		{ "ESTALE", 409 },
		{ "EALREADY", 409 },
		{ "EBUSY", 409 },
		{ "EEXIST", 409 },
		{ "EINVAL", 400 },
		{ "EAGAIN", 503 },
	};
	const char *code = json_string_value(json_object_get(reply, "code"));

	if (json_is_true(json_object_get(reply, "ok")))
		return 200;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (code != NULL && strcmp(table[i].code, code) == 0)
			return table[i].status;
	return 502;
}

static void
on_item(const json_t *item, void *ctx)
{
	struct web_order *order = ctx;

	if (json_array_size(order->items) < MAX_ITEMS)
		json_array_append(order->items, (json_t *)(uintptr_t)item);
}

static void
on_reply(const json_t *reply, void *ctx)
{
	struct web_order *order = ctx;
	json_t *out;

	order->site->asked--;
	if (reply == NULL) {
		web_reply_refuse(order->visit, 503, "ENOTCONN",
		    "the daemon was lost before it answered; look whether it "
		    "has done it before you try again");
	} else {
		out = json_copy((json_t *)(uintptr_t)reply);
		if (json_array_size(order->items) > 0)
			json_object_set(out, "items", order->items);
		web_reply_json(order->visit, status_of(reply), out);
	}
	json_decref(order->items);
	free(order);
}

/*
 * Return who gives the order, yours: whom a proxy has let in, if one stands in
 * front of our Unix socket, or just the page.
 */
static char *
who_of(const struct web_asked *asked)
{
	char *who;
	struct error err;

	if (asked->user == NULL)
		return xstrdup("web");
	who = xasprintf("web:%s", asked->user);
	if (label_check_who(who, &err))
		return who;
	free(who);
	return xstrdup("web");
}

/* Return true if the command has this argument, and a page may give it. */
static bool
has_argument(const struct ctl_command *command, const char *name)
{
	size_t len = strlen(name);
	const char *at = command->args;

	if (len == 0 || strcmp(name, "who") == 0 || strcmp(name, "image") == 0)
		return false;
	while ((at = strstr(at, name)) != NULL) {
		bool begins =
		    at == command->args || at[-1] == '[' || at[-1] == ' ';
		bool ends = at[len] == ']' || at[len] == ' ' || at[len] == '\0';

		if (begins && ends)
			return true;
		at += len;
	}
	return false;
}

/* Return the arguments of an order; NULL: the request was refused. */
static json_t *
arguments_of(const struct ctl_command *command, const struct web_asked *asked)
{
	json_t *args = json_object(), *value;
	const char *key;
	char *who;

	json_object_foreach (asked->body, key, value) {
		if (!has_argument(command, key) ||
		    (!json_is_string(value) && !json_is_true(value))) {
			web_reply_refuse(asked->visit, 400, "EINVAL",
			    "the order has a key that it cannot have, or a "
			    "value of the wrong kind");
			json_decref(args);
			return NULL;
		}
		json_object_set(args, key, value);
	}
	who = who_of(asked);
	json_object_set_new(args, "who", json_string(who));
	free(who);
	return args;
}

static void
give(struct web_site *site, const struct web_asked *asked, enum ctl_id id)
{
	json_t *args = arguments_of(ctl_command_get(id), asked);
	struct web_order *order;

	if (args == NULL)
		return;
	if (!web_site_may_ask(site, asked->visit)) {
		json_decref(args);
		return;
	}
	order = xcalloc(1, sizeof(*order));
	order->site = site;
	order->visit = asked->visit;
	order->items = json_array();
	if (daemon_link_list(site->link, id, args, on_item, on_reply, order)) {
		site->asked++;
		return;
	}
	web_site_no_daemon(asked->visit);
	json_decref(order->items);
	free(order);
}

#define ORDER(word, id)                                                        \
	void web_order_##word(                                                 \
	    struct web_site *site, const struct web_asked *asked)              \
	{                                                                      \
		give(site, asked, id);                                         \
	}

ORDER(approve, CTL_APPROVE)
ORDER(flash, CTL_FLASH)
ORDER(retry, CTL_RETRY)
ORDER(cancel, CTL_CANCEL)
ORDER(pause, CTL_PAUSE)
ORDER(resume, CTL_RESUME)
