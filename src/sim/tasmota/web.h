/* SPDX-License-Identifier: ISC */
/*
 * web -- a small web server at the address of a device: reads a request, has
 * it answered, closes.
 */
#ifndef REFLASHD_SIM_WEB_H
#define REFLASHD_SIM_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct device;
struct web;
struct webreply;
struct webrequest;

/*
 * Fill in the reply.  request is NULL for what is none.  What comes about by
 * it must not close the server before it has returned.
 */
typedef void
web_answer_fn(void *ctx, const struct webrequest *, struct webreply *);

/* Closed at first.  port 0: that of web servers; device, ctx are borrowed. */
struct web *web_new(struct device *, uint16_t port, web_answer_fn *, void *ctx);
void web_free(struct web *); /* NULL is fine */

/* Listen; stop that, and drop all connections. */
bool web_open(struct web *, struct error *);
void web_close(struct web *);

#endif
