/* SPDX-License-Identifier: ISC */
/*
 * text -- the small things about strings that libc lacks.
 */
#ifndef REFLASHD_TEXT_H
#define REFLASHD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

#define TEXT_TIME_SIZE 32 /* room for text_time() */

/*
 * Copy a string that must fit.  Returns false, and an empty dst, if it does
 * not.
 */
bool text_copy(char *dst, size_t size, const char *src);

/*
 * Make foreign bytes fit for a log line, a terminal or a message: printable
 * ASCII stays, a backslash is doubled, everything else becomes \xNN.  What
 * does not fit is cut and ends in "...".  size is at least 4.  Returns dst.
 */
char *text_escape(char *dst, size_t size, const void *src, size_t len);

/*
 * Parse a whole decimal number within [min, max], without sign, blank or rest.
 */
bool text_number(const char *, uint64_t min, uint64_t max, uint64_t *out);

/* Write lower-case hex; dst has room for 2 * len + 1. */
char *text_hex(char *dst, const unsigned char *src, size_t len);

/* Return true if the string is exactly len hex digits of either case. */
bool text_is_hex(const char *, size_t len);

/* Cut blanks off both ends, in place.  Returns the first other character. */
char *text_trim(char *);

/*
 * Return the next blank-separated word at *rest, which is moved after it, or
 * NULL.  Writes into the string.
 */
char *text_word(char **rest);

/* Give each blank-separated word to take() until that returns false. */
bool text_each_word(const char *words,
    bool (*take)(void *ctx, const char *word, struct error *), void *ctx,
    struct error *);

/* Write a time in UTC as in RFC 3339: "2026-01-31T13:05:09Z".  Returns dst. */
char *text_time(char dst[TEXT_TIME_SIZE], time_t);

/* Write a local time for people: "14:30 on Tue 1 Dec".  Returns dst. */
char *text_clock(char dst[TEXT_TIME_SIZE], time_t);

/* Write a rough length of time for people: "90 s", "4 min", "3 h", "2 d". */
char *text_seconds(char *dst, size_t size, uint64_t seconds);

/* "90 s", "2 min 5 s", "2 h 10 min", "3 d 4 h": a length of time for people. */
char *text_duration(char *dst, size_t size, uint64_t seconds);

/*
 * Parse "90", "2min" or "1h 30 min", as in systemd.time(7); false if it is none
 * of these.
 */
bool text_read_seconds(const char *, uint64_t *total);

#endif
