/* SPDX-License-Identifier: ISC */
/*
 * httpmsg -- an HTTP/1.x reply, read as it comes in, in any pieces.
 *
 * It is strict where that costs no real device (RFC 9112): lengths that do not
 * agree, a second length, an interim reply, a folded header or a byte past a
 * limit end it.  It accepts a bare LF, which small servers send.  How the bytes
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
	HTTPMSG_DONE, /* complete; later bytes are ignored */
	HTTPMSG_BAD,  /* and it stays bad; the error says why */
};

struct httpmsg;

struct httpmsg *httpmsg_new(void);
void httpmsg_free(struct httpmsg *); /* NULL is fine */

enum httpmsg_end
httpmsg_feed(struct httpmsg *, const void *, size_t len, struct error *);

/* The peer has closed.  DONE if the body ends that way, else BAD. */
enum httpmsg_end httpmsg_close(struct httpmsg *, struct error *);

/* Return true if not one byte has come. */
bool httpmsg_is_empty(const struct httpmsg *);

/* Return the status of a complete reply, in 200..599. */
int httpmsg_status(const struct httpmsg *);

/* Return the first header of that name in any case, without blanks, or NULL. */
const char *httpmsg_header(const struct httpmsg *, const char *name);

/* Return the body, chunks joined, with a NUL after it that does not count. */
const char *httpmsg_body(const struct httpmsg *, size_t *len);

/*
 * The single lines of an HTTP/1.x message (RFC 9112), without their ends.
 */

/* Read "HTTP/1.minor NNN ...": the status is any of 000..999. */
bool httpmsg_line_read_status(const char *, int *status, unsigned *minor);

/*
 * Return true for a name, a colon, and a value without control characters.  The
 * line must not be folded.
 */
bool httpmsg_line_is_header(const char *);

/* Return the borrowed value if this is the header of that name, or NULL. */
const char *httpmsg_line_find_value(const char *, const char *name);

/* Read up to eight hex digits, with nothing or an extension after. */
bool httpmsg_line_read_chunk_size(const char *, uint32_t *size);

#endif
