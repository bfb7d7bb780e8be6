/* SPDX-License-Identifier: ISC */
/*
 * web -- a small web server at the address of a device: it reads a request,
 * lets its owner answer, and closes the connection.
 */
#ifndef REFLASHD_SIM_WEB_H
#define REFLASHD_SIM_WEB_H

#include <stdbool.h>

#include "base/error.h"

struct device;
struct web;
struct web_reply;
struct web_request;

/*
 * Fill in the reply.  The request is NULL if the bytes are none.  The function
 * must not close the server before it returns.
 */
typedef void
web_answer_fn(void *ctx, const struct web_request *, struct web_reply *);

/* Make a server that is closed at first; device and ctx are borrowed. */
struct web *web_new(struct device *, web_answer_fn *, void *ctx);
void web_free(struct web *); /* NULL is fine */

/* Listen at the web port of the device; stop, and drop all connections. */
bool web_open(struct web *, struct error *);
void web_close(struct web *);

#endif
