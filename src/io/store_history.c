/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/store.h"
#include "io/store_parts.h"

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
		ok = store_lines_add(&store->history, text, len + 1, err);
	}
	free(text);
	return ok;
}

struct reading {
	void (*entry)(const json_t *, void *ctx);
	void *ctx;
	size_t bad;
};

static void
on_line(const char *text, size_t len, void *ctx)
{
	struct reading *in = ctx;
	json_auto_t *root = json_loadb(text, len, 0, NULL);

	if (json_is_object(root))
		in->entry(root, in->ctx);
	else
		in->bad++;
}

void
store_history_read(struct store *store,
    void (*entry)(const json_t *, void *ctx), void *ctx, size_t *skipped)
{
	struct reading in = { .entry = entry, .ctx = ctx };

	store_lines_read(&store->history, on_line, &in, skipped);
	*skipped += in.bad;
}
