/* SPDX-License-Identifier: ISC */
/* Checks JSON from strangers before jansson spends memory on it. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/json/strictjson.h"

/* Return true if the nesting is shallow.  Brackets in strings are text. */
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

/* Replace a byte that JSON does not allow, or that is not ASCII. */
static char
printable(unsigned char c)
{
	return (char)(c < 0x20 ? ' ' : c < 0x7f ? c : '?');
}

static char *
copy_printable(const char *text, size_t len)
{
	char *copy = xcalloc(len + 1, 1);

	for (size_t i = 0; i < len; i++)
		copy[i] = printable((unsigned char)text[i]);
	return copy;
}

static bool
is_too_long(size_t len, size_t max, struct error *err)
{
	if (len <= max)
		return false;
	error_set(err, EMSGSIZE, "more than %zu bytes of JSON", max);
	return true;
}

/* Return a plainer sentence than the parser's, or NULL. */
static const char *
recognize(const char *copy, size_t len)
{
	size_t i = 0;

	while (i < len && copy[i] == ' ')
		i++;
	if (i == len)
		return "nothing at all";
	return copy[i] == '<' ? "a web page" : NULL;
}

static json_t *
parse(const char *copy, size_t len, size_t flags, struct error *err)
{
	json_error_t why;
	json_t *root = NULL;

	if (!is_shallow(copy, len))
		error_set(err, EPROTO, "more than %d levels deep",
		    STRICTJSON_MAX_DEPTH);
	else if (recognize(copy, len) != NULL)
		error_set(
		    err, EPROTO, "not JSON, but %s", recognize(copy, len));
	else if ((root = json_loadb(copy, len, flags, &why)) == NULL)
		error_set(err, EPROTO, "not JSON: %s", why.text);
	else if (!json_is_object(root)) {
		error_set(err, EPROTO, "JSON, but no object");
		json_decref(root);
		root = NULL;
	}
	return root;
}

static json_t *
load(const char *text, size_t len, size_t max, size_t flags, struct error *err)
{
	json_t *root;
	char *copy;

	if (is_too_long(len, max, err))
		return NULL;
	copy = copy_printable(text, len);
	root = parse(copy, len, flags, err);
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

#define WIDEST 6 /* bytes that one becomes: "\\u001b" */

/*
 * Write the byte as the character of that number, in JSON.  Returns its length.
 */
static size_t
put_wide(char *to, unsigned char c)
{
	if (c < 0x20)
		return (size_t)sprintf(to, "\\u%04x", c);
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	to[0] = (char)(0xc0 | c >> 6);
	to[1] = (char)(0x80 | (c & 0x3f));
	return 2;
}

static char *
widen(const char *text, size_t len, bool has_escapes, size_t *wide_len)
{
	char *wide = xcalloc(len * WIDEST + 1, 1), *to = wide;
	bool quoted = false, escaped = false;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!quoted) {
			*to++ = printable(c);
			quoted = c == '"';
			continue;
		}
		if (c == '\\' && !has_escapes)
			*to++ = '\\';
		to += put_wide(to, c);
		quoted = c != '"' || escaped;
		escaped = c == '\\' && has_escapes && !escaped;
	}
	*wide_len = (size_t)(to - wide);
	return wide;
}

json_t *
strictjson_load_bytes(const char *text, size_t len, size_t max,
    bool has_escapes, struct error *err)
{
	json_t *root;
	size_t wide_len;
	char *wide;

	if (is_too_long(len, max, err))
		return NULL;
	if (memchr(text, '\0', len) != NULL) {
		error_set(err, EPROTO, "not JSON: a zero byte");
		return NULL;
	}
	wide = widen(text, len, has_escapes, &wide_len);
	root = parse(wide, wide_len, 0, err);
	free(wide);
	return root;
}

/*
 * Turn the characters of a string back into bytes.  A character beyond 255
 * cannot have been a byte, so it stays.
 */
char *
strictjson_bytes(const json_t *string)
{
	const char *text = json_string_value(string);
	char *bytes, *to;

	if (text == NULL)
		return NULL;
	bytes = to = xcalloc(strlen(text) + 1, 1);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == 0xc2 || c == 0xc3) {
			unsigned char next = (unsigned char)*++text;

			*to++ = (char)((c & 3) << 6 | (next & 0x3f));
		} else
			*to++ = (char)c;
	}
	return bytes;
}
