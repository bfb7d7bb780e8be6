/* SPDX-License-Identifier: ISC */
/*
 * utf8 -- the characters of UTF-8 text, and which of them a person can see.
 */
#ifndef REFLASHD_UTF8_H
#define REFLASHD_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Return the length of the character at s, and put its number into *out; 0:
 * the bytes there are no character (RFC 3629), or the text ends.
 */
size_t utf8_char(const char *s, uint32_t *out);

/*
 * Return false for control characters, for marks that reorder text and for
 * those without a width: with them, two texts that differ can look alike.
 */
bool utf8_is_visible(uint32_t);

/*
 * Return true if the text is UTF-8 of at most max characters, all of which are
 * visible.  Otherwise the error is a sentence that begins with what the text
 * is: "a label is longer than 64 characters".
 */
bool utf8_check(const char *what, const char *text, size_t max, struct error *);

#endif
