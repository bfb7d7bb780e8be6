/* SPDX-License-Identifier: ISC */
/*
 * Sends the page.  The devices are in it as they are now, so that it can be
 * read without JavaScript.
 */
#include "config.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "core/state/state.h"
#include "web/http/web_reply.h"
#include "web/web_files.h"
#include "web/web_parts.h"

#define MAX_SHOWN 600 /* bytes of a text from a device */

/* Return the file of a path of the page. */
static const struct web_file *
find_file(const char *path)
{
	for (size_t i = 0; i < web_file_count; i++)
		if (strcmp(web_files[i].path, path) == 0)
			return &web_files[i];
	abort(); /* the routes name no other path */
}

/* Add a text so that nothing in it is taken for HTML. */
static void
add_text(struct evbuffer *out, const char *text)
{
	size_t len = strnlen(text, MAX_SHOWN);
	char *escaped;
	char *copy = malloc(len + 1);

	if (copy == NULL)
		abort(); /* as when any memory is out */
	memcpy(copy, text, len);
	copy[len] = '\0';
	escaped = evhttp_htmlescape(copy);
	if (escaped == NULL)
		abort();
	evbuffer_add(out, escaped, strlen(escaped));
	free(escaped);
	free(copy);
}

static const char *
text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* Add a cell with one text, or the first of two that is not empty. */
static void
add_cell(struct evbuffer *out, const char *text, const char *other)
{
	evbuffer_add_printf(out, "<td role=\"cell\"><bdi>");
	add_text(out, text[0] != '\0' ? text : other);
	evbuffer_add_printf(out, "</bdi></td>");
}

static void
add_state(struct evbuffer *out, const json_t *device)
{
	const json_t *progress = json_object_get(device, "progress");

	evbuffer_add_printf(out, "<td role=\"cell\"><span class=\"state\">");
	add_text(out, text_at(device, "state"));
	if (text_at(device, "reason")[0] != '\0') {
		evbuffer_add_printf(out, ": ");
		add_text(out, text_at(device, "reason"));
	}
	evbuffer_add_printf(out, "</span>");
	if (json_is_object(progress))
		evbuffer_add_printf(out, "<br>%lld %%, %lld of %lld bytes",
		    (long long)json_integer_value(
			json_object_get(progress, "percent")),
		    (long long)json_integer_value(
			json_object_get(progress, "bytes")),
		    (long long)json_integer_value(
			json_object_get(progress, "total")));
	evbuffer_add_printf(out, "</td>");
}

static void
add_row(const struct web_device *known, void *ctx)
{
	struct evbuffer *out = ctx;
	json_auto_t *device = json_loadb(known->text, known->len, 0, NULL);
	const json_t *image = json_object_get(device, "image");

	evbuffer_add_printf(
	    out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><bdi>");
	add_text(out, text_at(device, "label"));
	evbuffer_add_printf(out, "</bdi> <bdi class=\"id\">");
	add_text(out, known->id);
	evbuffer_add_printf(out, "</bdi></th>");
	add_state(out, device);
	add_cell(out, text_at(image, "label"), text_at(image, "name"));
	add_cell(out, text_at(device, "advice"), text_at(device, "note"));
	evbuffer_add_printf(out, "<td role=\"cell\"></td></tr>\n");
}

struct sums {
	unsigned all, working, ended, failed, waiting;
};

static void
add_up(const struct web_device *known, void *ctx)
{
	struct sums *sums = ctx;
	json_auto_t *device = json_loadb(known->text, known->len, 0, NULL);
	enum state state;

	sums->all++;
	if (!state_find(text_at(device, "state"), &state))
		return;
	sums->working += state_is_at_work(state);
	sums->ended += state_is_success(state);
	sums->failed += state == STATE_FAILED;
	sums->waiting += strcmp(text_at(device, "attention"), "approve") == 0;
}

static void
add_part(
    struct evbuffer *out, unsigned count, const char *words, bool *is_first)
{
	if (count == 0)
		return;
	evbuffer_add_printf(
	    out, "%s%u %s", *is_first ? ": " : ", ", count, words);
	*is_first = false;
}

static void
add_sentence(struct evbuffer *out, const struct web_site *site)
{
	struct sums sums = { 0 };
	bool is_first = true;

	if (!daemon_link_is_listed(site->link)) {
		evbuffer_add_printf(out, "The daemon does not answer now.");
		return;
	}
	web_devices_each(site->devices, add_up, &sums);
	if (sums.all == 0) {
		evbuffer_add_printf(out, "No device has been seen yet.");
		return;
	}
	evbuffer_add_printf(
	    out, "%u device%s", sums.all, sums.all == 1 ? "" : "s");
	add_part(out, sums.working, "being flashed", &is_first);
	add_part(out, sums.waiting, "waiting for your approval", &is_first);
	add_part(out, sums.failed, "failed", &is_first);
	add_part(out, sums.ended, "done", &is_first);
	evbuffer_add_printf(out, "%s.", is_first ? ": nothing to do" : "");
}

/* Add the page up to a mark, and return what follows the mark. */
static const char *
add_up_to(
    struct evbuffer *out, const char *from, const char *end, const char *mark)
{
	const char *at = memmem(from, (size_t)(end - from), mark, strlen(mark));

	if (at == NULL)
		return from;
	evbuffer_add(out, from, (size_t)(at - from));
	return at + strlen(mark);
}

void
web_page_index(struct web_site *site, const struct web_asked *asked)
{
	const struct web_file *file = find_file("/index.html");
	const char *at = (const char *)file->data, *end = at + file->len;
	struct evbuffer *out = evbuffer_new();

	if (out == NULL)
		abort(); /* as when any memory is out */
	at = add_up_to(out, at, end, "@SENTENCE@");
	add_sentence(out, site);
	at = add_up_to(out, at, end, "@ROWS@");
	web_devices_each(site->devices, add_row, out);
	evbuffer_add(out, at, (size_t)(end - at));
	web_reply_buffer(asked->visit, 200, file->type, out);
	evbuffer_free(out);
}

void
web_page_file(struct web_site *site, const struct web_asked *asked)
{
	const struct web_file *file = find_file(asked->path);

	(void)site;
	web_reply_bytes(asked->visit, 200, file->type, file->data, file->len);
}
