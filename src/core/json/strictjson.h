/* SPDX-License-Identifier: ISC */
/*
 * strictjson -- JSON from a stranger.
 *
 * The text must be small and shallow before it is parsed, as jansson needs up
 * to 92 times the memory of its input.  It must be an object in which no key
 * comes twice, as the last of two would win.  Bytes that are not printable
 * ASCII are replaced first: the name of a Wi-Fi network comes as the bytes that
 * its owner chose, often not UTF-8, and must not make the rest unreadable.
 */
#ifndef REFLASHD_STRICTJSON_H
#define REFLASHD_STRICTJSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

#define STRICTJSON_MAX_DEPTH 8

/* Parse the text.  The caller owns the result; NULL and why on failure. */
json_t *
strictjson_load(const char *text, size_t len, size_t max, struct error *);

/*
 * Parse the reply of a Tasmota, which may have a key twice: the last one wins.
 */
json_t *
strictjson_load_lax(const char *text, size_t len, size_t max, struct error *);

/*
 * Parse likewise, but keep each byte of a string, even a control character or a
 * byte that is no UTF-8: strictjson_bytes() gives them back.  Without
 * has_escapes a backslash is a character like any other.
 */
json_t *strictjson_load_bytes(
    const char *text, size_t len, size_t max, bool has_escapes, struct error *);

/* Return the bytes of a string; NULL if it is no string.  Freed with free(). */
char *strictjson_bytes(const json_t *);

#endif
