/* SPDX-License-Identifier: ISC */
/*
 * webreply -- how web servers answer: that of Tasmota, in chunks to whoever
 * speaks HTTP/1.1, and one that is none of ours.
 */
#ifndef REFLASHD_SIM_WEBREPLY_H
#define REFLASHD_SIM_WEBREPLY_H

#include <stdbool.h>

struct webreply {
	char *text;	   /* owned; NULL: closes without a word */
	unsigned delay_ms; /* before it is sent */
};

#define WEBREPLY_JSON "application/json"
#define WEBREPLY_HTML "text/html"

/*
 * server is the value of the header, "" for none; chunked is what the request
 * speaks.  status is "200 OK" and the like.
 */
void webreply_set(struct webreply *, const char *status, const char *type,
    const char *server, bool http11, const char *body);

/* The page that greets whoever installed nginx; 404 for the rest. */
void webreply_nginx(struct webreply *, const char *path);

#endif
