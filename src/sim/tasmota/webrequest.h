/* SPDX-License-Identifier: ISC */
/*
 * webrequest -- reads what a web page or a program asks of the web server of
 * Tasmota: a path, arguments in the query and, perhaps, a password.
 */
#ifndef REFLASHD_SIM_WEBREQUEST_H
#define REFLASHD_SIM_WEBREQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define WEBREQUEST_MAX 8192

struct webrequest {
	char path[128];	       /* without the query */
	char query[6144];      /* still encoded; "": none */
	char credentials[768]; /* "user:password" of Basic; "": none */
	char referer[128];     /* the page that it comes from; "": none */
	bool http11;	       /* takes a reply in chunks */
};

enum webrequest_state { WEBREQUEST_MORE, WEBREQUEST_WHOLE, WEBREQUEST_BROKEN };

enum webrequest_state
webrequest_read(const char *data, size_t len, struct webrequest *);

/* A decoded argument; false if there is none, or it does not fit. */
bool webrequest_arg(
    const struct webrequest *, const char *name, char *dst, size_t size);

/* "%20" and "+"; NULL if it does not fit.  Returns dst. */
char *web_decode(char *dst, size_t size, const char *src, size_t len);

#endif
