/* SPDX-License-Identifier: ISC */
/*
 * web_request -- reads a request to a web server: a path, arguments in the
 * query, and perhaps a password.
 */
#ifndef REFLASHD_SIM_WEB_REQUEST_H
#define REFLASHD_SIM_WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_REQUEST_MAX 8192

struct web_request {
	char path[128];	       /* without the query */
	char query[6144];      /* still encoded; "": none */
	char credentials[768]; /* "user:password" of Basic; "": none */
	char referer[128];     /* the page that it comes from; "": none */
	bool http11;	       /* takes a reply in chunks */
};

enum web_request_state {
	WEB_REQUEST_MORE,
	WEB_REQUEST_WHOLE,
	WEB_REQUEST_BROKEN
};

enum web_request_state
web_request_read(const char *data, size_t len, struct web_request *);

/* Copy a decoded argument; false: there is none, or it does not fit. */
bool web_request_arg(
    const struct web_request *, const char *name, char *dst, size_t size);

#endif
