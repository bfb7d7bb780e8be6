/* SPDX-License-Identifier: ISC */
/*
 * httpmsg -- an HTTP/1.x reply, read as it comes in, in any pieces.
 *
 * Strict where strictness costs no real device (RFC 9112): lengths that do
 * not agree, a second length, an interim reply, a folded header or a byte
 * past a limit end it.  Small servers are forgiven a bare LF.  How the bytes
 * are cut into pieces never changes the outcome.
 */
#ifndef REFLASHD_HTTPMSG_H
#define REFLASHD_HTTPMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HTTPMSG_MAX_HEAD 8192  /* status line and headers, or chunk framing */
#define HTTPMSG_MAX_BODY 16384 /* Tasmota's "Status 0" has about 4000 */

enum httpmsg_end {
	HTTPMSG_MORE, /* not whole yet */
	HTTPMSG_DONE, /* whole; what comes after is not looked at */
	HTTPMSG_BAD,  /* and it stays bad; the error says why */
};

struct httpmsg;

struct httpmsg *httpmsg_new(void);
void httpmsg_free(struct httpmsg *); /* NULL is fine */

enum httpmsg_end
httpmsg_feed(struct httpmsg *, const void *, size_t len, struct error *);

/* The peer has closed: done, if that is how the body ends, or bad. */
enum httpmsg_end httpmsg_close(struct httpmsg *, struct error *);

/* Not one byte has come. */
bool httpmsg_is_empty(const struct httpmsg *);

/* Of a reply that is done.  The status is in 200..599. */
int httpmsg_status(const struct httpmsg *);

/* The first header of that name in any case, without blanks, or NULL. */
const char *httpmsg_header(const struct httpmsg *, const char *name);

/* The body, chunks joined, with a NUL behind it that does not count. */
const char *httpmsg_body(const struct httpmsg *, size_t *len);

/*
 * The single lines of an HTTP/1.x message (RFC 9112), without their ends.
 */

/* "HTTP/1.minor NNN ...": the status is any of 000..999. */
bool httpmsg_line_read_status(const char *, int *status, unsigned *minor);

/* A name, a colon, a value without control characters; never folded. */
bool httpmsg_line_is_header(const char *);

/* The value, borrowed, if it is the header of that name, else NULL. */
const char *httpmsg_line_find_value(const char *, const char *name);

/* Up to eight hex digits, then nothing or an extension. */
bool httpmsg_line_read_chunk_size(const char *, uint32_t *size);

#endif
