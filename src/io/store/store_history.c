/* SPDX-License-Identifier: ISC */
/* Adds what happened to the history, and reads it back as JSON objects. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/store/store.h"
#include "io/store/store_parts.h"

bool
store_history_add(struct store *store, const json_t *entry, struct error *err)
{
	char *text =
	    json_is_object(entry) ? json_dumps(entry, JSON_COMPACT) : NULL;
	size_t len = text != NULL ? strlen(text) : 0;
	bool ok;

	if (text == NULL)
		return error_set(
		    err, EINVAL, "%s: no JSON object", store->history.name);
	if (len >= STORE_LINES_MAX_LINE)
		ok = error_set(err, EFBIG, "%s: an entry of %zu bytes",
		    store->history.name, len);
	else {
		text[len] = '\n'; /* store_lines_add() needs no NUL */
		ok = store_folder_is_there(&store->top, err) &&
		    store_lines_add(&store->history, text, len + 1, err);
	}
	free(text);
	return ok;
}

struct store_past {
	struct store *store; /* borrowed */
	struct store_lines_place place;
	bool is_over;
	void (*entry)(const json_t *, void *ctx);
	void *ctx;
	size_t bad;
};

struct store_past *
store_history_open(struct store *store)
{
	struct store_past *past = xcalloc(1, sizeof(*past));

	past->store = store;
	return past;
}

static void
on_line(const char *text, size_t len, void *ctx)
{
	struct store_past *past = ctx;
	json_auto_t *root = json_loadb(text, len, 0, NULL);

	if (json_is_object(root))
		past->entry(root, past->ctx);
	else
		past->bad++;
}

bool
store_past_next(struct store_past *past, size_t max,
    void (*entry)(const json_t *, void *ctx), void *ctx)
{
	past->entry = entry;
	past->ctx = ctx;
	past->is_over = past->is_over ||
	    !store_lines_read(
		&past->store->history, &past->place, max, on_line, past);
	return !past->is_over;
}

size_t
store_past_close(struct store_past *past)
{
	size_t bad;

	if (past == NULL)
		return 0;
	bad = past->bad + past->place.skipped;
	free(past);
	return bad;
}
