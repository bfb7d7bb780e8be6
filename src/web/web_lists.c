/* SPDX-License-Identifier: ISC */
/* Answers questions: from what is known of the devices, or by the daemon. */
#include "config.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/metrics.h"
#include "web/http/web_reply.h"
#include "web/web_parts.h"

#define JSON_TYPE   "application/json"
#define MAX_HISTORY 1000 /* entries; the latest */
#define MAX_BYTES   (4 * 1024 * 1024)

/* A list that the daemon is asked for. */
struct list {
	struct web_site *site;	 /* borrowed */
	struct web_visit *visit; /* borrowed until it is answered */
	const char *key;
	char **texts; /* owned; of the items, from first on in a ring */
	size_t count, first, max;
	size_t bytes;
};

static struct list *
list_new(
    struct web_site *site, struct web_visit *visit, const char *key, size_t max)
{
	struct list *list = xcalloc(1, sizeof(*list));

	list->site = site;
	list->visit = visit;
	list->key = key;
	list->max = max;
	list->texts = xcalloc(max, sizeof(*list->texts));
	site->asked++;
	return list;
}

static void
list_free(struct list *list)
{
	for (size_t i = 0; i < list->max; i++)
		free(list->texts[i]);
	free(list->texts);
	list->site->asked--;
	free(list);
}

/* Keep an item; where there is no room, the oldest one gives way. */
static void
on_item(const json_t *item, void *ctx)
{
	struct list *list = ctx;
	size_t at = (list->first + list->count) % list->max;
	char *text = json_dumps(item, JSON_COMPACT);

	if (text == NULL || list->bytes + strlen(text) > MAX_BYTES) {
		free(text);
		return;
	}
	if (list->count == list->max) {
		list->bytes -= strlen(list->texts[at]);
		free(list->texts[at]);
		list->first = (list->first + 1) % list->max;
	} else {
		list->count++;
	}
	list->texts[at] = text;
	list->bytes += strlen(text);
}

static struct evbuffer *
buffer_new(const char *key)
{
	struct evbuffer *out = evbuffer_new();

	if (out == NULL)
		abort(); /* as when any memory is out */
	evbuffer_add_printf(out, "{\"format\":1,\"%s\":[", key);
	return out;
}

static void
send_list(const struct list *list)
{
	struct evbuffer *out = buffer_new(list->key);

	for (size_t i = 0; i < list->count; i++)
		evbuffer_add_printf(out, "%s%s", i > 0 ? "," : "",
		    list->texts[(list->first + i) % list->max]);
	evbuffer_add_printf(out, "]}");
	web_reply_buffer(list->visit, 200, JSON_TYPE, out);
	evbuffer_free(out);
}

/* Hand on a refusal of the daemon. */
static void
send_refusal(struct web_visit *visit, const json_t *reply)
{
	const char *code = json_string_value(json_object_get(reply, "code"));
	const char *why = json_string_value(json_object_get(reply, "error"));
	bool is_unknown = code != NULL && strcmp(code, "ENOENT") == 0;

	web_reply_refuse(visit, is_unknown ? 404 : 502,
	    code != NULL ? code : "EIO",
	    why != NULL ? why : "the daemon refuses, and does not say why");
}

static void
on_list(const json_t *reply, void *ctx)
{
	struct list *list = ctx;

	if (reply == NULL)
		web_site_no_daemon(list->visit);
	else if (json_is_true(json_object_get(reply, "ok")))
		send_list(list);
	else
		send_refusal(list->visit, reply);
	list_free(list);
}

static void
ask_list(struct web_site *site, const struct web_asked *asked, enum ctl_id id,
    const char *key, size_t max)
{
	json_t *args = json_object();
	struct list *list;

	if (!web_site_may_ask(site, asked->visit)) {
		json_decref(args);
		return;
	}
	if (asked->id[0] != '\0')
		json_object_set_new(args, "id", json_string(asked->id));
	list = list_new(site, asked->visit, key, max);
	if (daemon_link_list(site->link, id, args, on_item, on_list, list))
		return;
	web_site_no_daemon(asked->visit);
	list_free(list);
}

void
web_list_plan(struct web_site *site, const struct web_asked *asked)
{
	ask_list(site, asked, CTL_PLAN, "plan", 8192);
}

void
web_list_history(struct web_site *site, const struct web_asked *asked)
{
	ask_list(site, asked, CTL_HISTORY, "history", MAX_HISTORY);
}

void
web_list_policies(struct web_site *site, const struct web_asked *asked)
{
	struct web_asked all = *asked;

	all.id[0] = '\0';
	ask_list(site, &all, CTL_POLICIES, "policies", 1024);
}

struct devices_out {
	struct evbuffer *out;
	bool is_first;
};

static void
add_device(const struct web_device *device, void *ctx)
{
	struct devices_out *to = ctx;

	evbuffer_add_printf(
	    to->out, "%s%s", to->is_first ? "" : ",", device->text);
	to->is_first = false;
}

void
web_list_devices(struct web_site *site, const struct web_asked *asked)
{
	struct devices_out to = { .is_first = true };

	if (!daemon_link_is_listed(site->link)) {
		web_site_no_daemon(asked->visit);
		return;
	}
	to.out = buffer_new("devices");
	web_devices_each(site->devices, add_device, &to);
	evbuffer_add_printf(to.out, "]}");
	web_reply_buffer(asked->visit, 200, JSON_TYPE, to.out);
	evbuffer_free(to.out);
}

/* A question with one reply. */
struct question {
	struct web_site *site;	 /* borrowed */
	struct web_visit *visit; /* borrowed until it is answered */
};

/* Take the reply; true: it is one that was wanted. */
static bool
take_reply(struct question *question, const json_t *reply)
{
	question->site->asked--;
	if (reply == NULL)
		web_site_no_daemon(question->visit);
	else if (!json_is_true(json_object_get(reply, "ok")))
		send_refusal(question->visit, reply);
	else
		return true;
	return false;
}

static void
ask_one(struct web_site *site, const struct web_asked *asked, enum ctl_id id,
    daemon_link_answer_fn *answer)
{
	struct question *question;

	if (!web_site_may_ask(site, asked->visit))
		return;
	question = xcalloc(1, sizeof(*question));
	question->site = site;
	question->visit = asked->visit;
	if (daemon_link_ask(site->link, id, NULL, answer, question)) {
		site->asked++;
		return;
	}
	web_site_no_daemon(asked->visit);
	free(question);
}

json_t *
web_list_status_of(const json_t *reply)
{
	json_t *status = json_pack("{s:i}", "format", 1);

	json_object_update_missing(status, (json_t *)(uintptr_t)reply);
	json_object_del(status, "ok");
	return status;
}

static void
on_status(const json_t *reply, void *ctx)
{
	struct question *question = ctx;

	if (take_reply(question, reply))
		web_reply_json(question->visit, 200, web_list_status_of(reply));
	free(question);
}

void
web_list_status(struct web_site *site, const struct web_asked *asked)
{
	ask_one(site, asked, CTL_STATUS, on_status);
}

static void
on_counters(const json_t *reply, void *ctx)
{
	struct question *question = ctx;
	char *text;

	if (take_reply(question, reply)) {
		text = metrics_text(reply);
		web_reply_bytes(
		    question->visit, 200, METRICS_TYPE, text, strlen(text));
		free(text);
	}
	free(question);
}

void
web_list_metrics(struct web_site *site, const struct web_asked *asked)
{
	ask_one(site, asked, CTL_COUNTERS, on_counters);
}
