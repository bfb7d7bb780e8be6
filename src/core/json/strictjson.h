/* SPDX-License-Identifier: ISC */
/*
 * strictjson -- JSON from a stranger.
 *
 * Small and shallow before it is parsed, as jansson needs up to 92 times the
 * memory of its input; an object, in which no key comes twice, as the last of
 * two would win.  Bytes that are not printable ASCII are replaced first: the
 * name of a Wi-Fi network comes as the bytes that its owner chose, often not
 * UTF-8, and must not make the rest unreadable.
 */
#ifndef REFLASHD_STRICTJSON_H
#define REFLASHD_STRICTJSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

#define STRICTJSON_MAX_DEPTH 8

/* The caller's, or NULL and why. */
json_t *
strictjson_load(const char *text, size_t len, size_t max, struct error *);

/* The same for a Tasmota, whose replies may have a key twice: the last wins. */
json_t *
strictjson_load_lax(const char *text, size_t len, size_t max, struct error *);

/*
 * The same, and each byte of a string is kept, be it a control character or no
 * UTF-8: strictjson_bytes() gives them back.  Without has_escapes a backslash
 * is a character as any other.
 */
json_t *strictjson_load_bytes(
    const char *text, size_t len, size_t max, bool has_escapes, struct error *);

/* NULL for what is no string.  Freed with free(). */
char *strictjson_bytes(const json_t *);

#endif
