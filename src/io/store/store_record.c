/* SPDX-License-Identifier: ISC */
/* Saves, loads and removes the records of devices. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/store/store.h"
#include "io/store/store_parts.h"

#define DAEMON "daemon.json"
#define LABELS "labels.json"
#define MARK   ".progress"

/* Enough bytes for the name of a device's file. */
#define FILE_NAME (STORE_MAX_ID + sizeof(MARK))

static bool
is_id(const char *id)
{
	static const char chars[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
	size_t len = strlen(id);

	return len > 0 && len <= STORE_MAX_ID && strspn(id, chars) == len;
}

/* Return the name of a device's file, or NULL if the id could not be one. */
static const char *
file_name(char dst[FILE_NAME], const char *id, const char *suffix)
{
	if (!is_id(id))
		return NULL;
	snprintf(dst, FILE_NAME, "%s%s", id, suffix);
	return dst;
}

static bool
refuse_id(const char *id, struct error *err)
{
	char shown[40];

	return error_set(err, EINVAL,
	    "%s is not an id that a file may be named by",
	    text_escape(shown, sizeof(shown), id, strlen(id)));
}

static bool
save(struct store_folder *folder, const char *name, const json_t *root,
    size_t max, struct error *err)
{
	char *text = json_is_object(root)
	    ? json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS)
	    : NULL;
	size_t len = text != NULL ? strlen(text) : 0;
	bool ok;

	if (text == NULL)
		return error_set(err, EINVAL, "%s: no JSON object", name);
	if (len > max)
		ok = error_set(
		    err, EFBIG, "%s would be larger than %zu bytes", name, max);
	else
		ok = store_folder_write(folder, name, text, len, err);
	free(text);
	return ok;
}

/* Parse a whole file into one JSON object. */
static json_t *
parse(const char *text, size_t len, struct error *err)
{
	char shown[JSON_ERROR_TEXT_LENGTH];
	json_error_t why;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	if (root == NULL)
		error_set(err, EPROTO, "not JSON: line %d: %s", why.line,
		    text_escape(
			shown, sizeof(shown), why.text, strlen(why.text)));
	else if (!json_is_object(root)) {
		error_set(err, EPROTO, "JSON, but no object");
		json_decref(root);
		root = NULL;
	}
	return root;
}

/* Load a file without setting it aside if it is bad.  ENOENT: there is none. */
static json_t *
load(const struct store_folder *folder, const char *name, size_t max,
    struct error *err)
{
	json_t *root;
	char *text;
	size_t len;

	if (!store_folder_read(folder, name, max, &text, &len, err))
		return NULL;
	root = parse(text, len, err);
	free(text);
	return root;
}

bool
store_save(struct store *store, const char *id, const json_t *record,
    struct error *err)
{
	char file[FILE_NAME];

	if (file_name(file, id, STORE_RECORD) == NULL)
		return refuse_id(id, err);
	return save(&store->devices, file, record, STORE_MAX_RECORD, err);
}

bool
store_remove(struct store *store, const char *id, struct error *err)
{
	char file[FILE_NAME];

	if (file_name(file, id, MARK) == NULL)
		return refuse_id(id, err);
	return store_marks_remove(store->marks, file, err) &&
	    store_folder_remove(
		&store->devices, file_name(file, id, STORE_RECORD), err);
}

static void
load_one(struct store *store, const char *file,
    const struct store_load_ops *ops, void *ctx)
{
	char id[STORE_MAX_ID + 1];
	struct error err = { 0 };
	json_auto_t *root = NULL;

	root = load(&store->devices, file, STORE_MAX_RECORD, &err);
	if (root == NULL && err.code == ENOENT)
		return;
	snprintf(id, sizeof(id), "%.*s",
	    (int)(strlen(file) - strlen(STORE_RECORD)), file);
	if (root != NULL && ops->loaded(id, root, ctx, &err))
		return;
	store_folder_set_aside(&store->devices, file, &err);
	ops->bad(file, err.text, ctx);
}

/* Return true if the name is that of a record: "ID.json". */
static bool
is_record(const char *file)
{
	size_t len = strlen(file) - strlen(STORE_RECORD);
	char id[STORE_MAX_ID + 1];

	return len < sizeof(id) &&
	    is_id(memcpy(memset(id, 0, sizeof(id)), file, len));
}

void
store_load(struct store *store, const struct store_load_ops *ops, void *ctx)
{
	for (size_t i = 0; i < store->records.count; i++)
		if (is_record(store->records.items[i]))
			load_one(store, store->records.items[i], ops, ctx);
	strlist_fini(&store->records);
}

void
store_progress(struct store *store, const char *id, uint64_t bytes)
{
	char file[FILE_NAME];

	if (file_name(file, id, MARK) != NULL)
		store_marks_set(store->marks, file, bytes);
}

uint64_t
store_progress_read(struct store *store, const char *id)
{
	char file[FILE_NAME];

	if (file_name(file, id, MARK) == NULL)
		return 0;
	return store_marks_get(store->marks, file);
}

bool
store_progress_end(struct store *store, const char *id, struct error *err)
{
	char file[FILE_NAME];

	return file_name(file, id, MARK) == NULL ||
	    store_marks_remove(store->marks, file, err);
}

bool
store_save_daemon(struct store *store, const json_t *root, struct error *err)
{
	return save(&store->top, DAEMON, root, STORE_MAX_RECORD, err);
}

/* Load a file beside the records, and set it aside if it is bad. */
static json_t *
load_top(struct store *store, const char *name, size_t max, struct error *err)
{
	json_t *root = load(&store->top, name, max, err);

	if (root != NULL || err->code == ENOENT)
		err->code = 0;
	else {
		if (err->code == EPROTO)
			error_prefix(err, "%s", name);
		store_folder_set_aside(&store->top, name, err);
	}
	return root;
}

json_t *
store_load_daemon(struct store *store, struct error *err)
{
	return load_top(store, DAEMON, STORE_MAX_RECORD, err);
}

bool
store_save_labels(struct store *store, const json_t *root, struct error *err)
{
	return save(&store->top, LABELS, root, STORE_MAX_LABELS, err);
}

json_t *
store_load_labels(struct store *store, struct error *err)
{
	return load_top(store, LABELS, STORE_MAX_LABELS, err);
}

/* Find the record of a device that was set aside last. */
static bool
find_aside(const struct store *store, const char *id, char aside[NAME_MAX + 1],
    struct error *err)
{
	char file[FILE_NAME];

	if (file_name(file, id, STORE_RECORD) == NULL)
		return refuse_id(id, err);
	return store_folder_last_aside(&store->devices, file, aside) ||
	    error_set(err, ENOENT, "nothing was set aside of %s", file);
}

json_t *
store_load_aside(struct store *store, const char *id, struct error *err)
{
	char aside[NAME_MAX + 1];

	return find_aside(store, id, aside, err)
	    ? load(&store->devices, aside, STORE_MAX_RECORD, err)
	    : NULL;
}

bool
store_drop_aside(struct store *store, const char *id, struct error *err)
{
	char aside[NAME_MAX + 1];

	return find_aside(store, id, aside, err) &&
	    store_folder_remove(&store->devices, aside, err);
}
