/* SPDX-License-Identifier: ISC */
/*
 * httpline -- the single lines of an HTTP/1.x message (RFC 9112), without
 * their ends.
 */
#ifndef REFLASHD_HTTPLINE_H
#define REFLASHD_HTTPLINE_H

#include <stdbool.h>
#include <stdint.h>

/* "HTTP/1.minor NNN ...": the status is any of 000..999. */
bool httpline_read_status(const char *, int *status, unsigned *minor);

/* A name, a colon, a value without control characters; never folded. */
bool httpline_is_header(const char *);

/* The value, borrowed, if it is the header of that name, else NULL. */
const char *httpline_find_value(const char *, const char *name);

/* Up to eight hex digits, then nothing or an extension. */
bool httpline_read_chunk_size(const char *, uint32_t *size);

#endif
