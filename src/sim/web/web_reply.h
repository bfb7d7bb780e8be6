/* SPDX-License-Identifier: ISC */
/*
 * web_reply -- how web servers answer: that of Tasmota, in chunks to a client
 * of HTTP/1.1, and an nginx.
 */
#ifndef REFLASHD_SIM_WEB_REPLY_H
#define REFLASHD_SIM_WEB_REPLY_H

#include <stdbool.h>

struct web_reply {
	char *text;	   /* owned; NULL: closes without an answer */
	unsigned delay_ms; /* before it is sent */
};

#define WEB_REPLY_JSON "application/json"
#define WEB_REPLY_HTML "text/html"

/*
 * Make a reply of Tasmota.  status is "200 OK" and the like; server is the
 * value of that header, "" for none; http11: the client takes chunks.
 */
void web_reply_set(struct web_reply *, const char *status, const char *type,
    const char *server, bool http11, const char *body);

/* Make the page of a new nginx; 404 for any other path. */
void web_reply_nginx(struct web_reply *, const char *path);

#endif
