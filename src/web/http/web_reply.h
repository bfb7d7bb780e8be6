/* SPDX-License-Identifier: ISC */
/*
 * web_reply -- answers to browsers, all with the same headers of protection.
 *
 * Each of these is the last call for a request of a visit.
 */
#ifndef REFLASHD_WEB_REPLY_H
#define REFLASHD_WEB_REPLY_H

#include <jansson.h>
#include <stddef.h>

#include "web/http/web_server.h"

struct evbuffer;

/* Answer with a body of that type, which is copied. */
void web_reply_bytes(struct web_visit *, int status, const char *type,
    const void *body, size_t len);

/* The same with the bytes of a buffer, which is emptied. */
void web_reply_buffer(
    struct web_visit *, int status, const char *type, struct evbuffer *);

/* Answer with JSON, which is taken. */
void web_reply_json(struct web_visit *, int status, json_t *);

/*
 * Refuse with {"ok":false,"code":code,"error":sentence}, in the form of the
 * control protocol.
 */
void web_reply_refuse(
    struct web_visit *, int status, const char *code, const char *sentence);

/* Add a header to the answer that follows. */
void web_reply_header(struct web_visit *, const char *name, const char *value);

/*
 * Begin an answer that goes on and on, of the type text/event-stream; its parts
 * follow by evhttp_send_reply_chunk_with_cb().
 */
void web_reply_begin_stream(struct web_visit *);

#endif
