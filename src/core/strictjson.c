/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/strictjson.h"
#include "base/memory.h"

/* Brackets within brackets; those in strings are text. */
static bool
is_shallow(const char *text, size_t len)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted && text[i] == '\\')
			i++;
		else if (!quoted && strchr("[{", text[i]) != NULL)
			depth++;
		else if (!quoted && strchr("]}", text[i]) != NULL)
			depth--;
		if (depth > STRICTJSON_MAX_DEPTH)
			return false;
	}
	return true;
}

static char *
copy_printable(const char *text, size_t len)
{
	char *copy = xcalloc(len + 1, 1);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		copy[i] = (char)(c < 0x20 ? ' ' : c < 0x7f ? c : '?');
	}
	return copy;
}

static json_t *
load(const char *text, size_t len, size_t max, size_t flags, struct error *err)
{
	json_error_t why;
	json_t *root = NULL;
	char *copy;

	if (len > max) {
		error_set(err, EMSGSIZE, "more than %zu bytes of JSON", max);
		return NULL;
	}
	copy = copy_printable(text, len);
	if (!is_shallow(copy, len))
		error_set(err, EPROTO, "more than %d levels deep",
		    STRICTJSON_MAX_DEPTH);
	else if ((root = json_loadb(copy, len, flags, &why)) == NULL)
		error_set(err, EPROTO, "not JSON: %s", why.text);
	else if (!json_is_object(root)) {
		error_set(err, EPROTO, "JSON, but no object");
		json_decref(root);
		root = NULL;
	}
	free(copy);
	return root;
}

json_t *
strictjson_load(const char *text, size_t len, size_t max, struct error *err)
{
	return load(text, len, max, JSON_REJECT_DUPLICATES, err);
}

json_t *
strictjson_load_lax(const char *text, size_t len, size_t max, struct error *err)
{
	return load(text, len, max, 0, err);
}
