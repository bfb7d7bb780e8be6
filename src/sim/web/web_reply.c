/* SPDX-License-Identifier: ISC */
/* Makes the replies of web servers: of Tasmota, ESPHome and nginx. */
#include "config.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/web/web_reply.h"

#define CHUNK 512 /* about what Tasmota's buffer holds */

static void
add_chunked(struct evbuffer *out, const char *body)
{
	size_t left = strlen(body);

	while (left > 0) {
		size_t n = left < CHUNK ? left : CHUNK;

		evbuffer_add_printf(out, "%zx\r\n", n);
		evbuffer_add(out, body, n);
		evbuffer_add(out, "\r\n", 2);
		body += n;
		left -= n;
	}
	evbuffer_add_printf(out, "0\r\n\r\n");
}

static void
take_text(struct web_reply *r, struct evbuffer *from)
{
	evbuffer_add(from, "", 1);
	free(r->text);
	r->text = xstrdup((const char *)evbuffer_pullup(from, -1));
	evbuffer_free(from);
}

void
web_reply_set(struct web_reply *r, const char *status, const char *type,
    const char *server, bool http11, const char *body)
{
	struct evbuffer *out = evbuffer_new();

	evbuffer_add_printf(
	    out, "HTTP/1.%d %s\r\nContent-Type: %s\r\n", http11, status, type);
	if (server[0] != '\0')
		evbuffer_add_printf(out, "Server: %s\r\n", server);
	evbuffer_add_printf(out,
	    "Cache-Control: no-cache, no-store, must-revalidate\r\n"
	    "Pragma: no-cache\r\nExpires: -1\r\n");
	if (strncmp(status, "401", 3) == 0 && strcmp(type, WEB_REPLY_HTML) == 0)
		evbuffer_add_printf(
		    out, "WWW-Authenticate: Basic realm=\"\"\r\n");
	if (http11)
		evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n");
	evbuffer_add_printf(out, "Connection: close\r\n\r\n");
	if (http11)
		add_chunked(out, body);
	else
		evbuffer_add_printf(out, "%s", body);
	take_text(r, out);
}

void
web_reply_nginx(struct web_reply *r, const char *path)
{
	bool root = strcmp(path, "/") == 0;
	const char *body = root
	    ? "<html><head><title>Welcome to nginx!</title></head></html>\n"
	    : "<html><head><title>404 Not Found</title></head>"
	      "<body><center>nginx/1.22.1</center></body></html>\n";

	free(r->text);
	r->text = xasprintf("HTTP/1.1 %s\r\nServer: nginx/1.22.1\r\n"
			    "Content-Type: text/html\r\nContent-Length: %zu\r\n"
			    "Connection: close\r\n\r\n%s",
	    root ? "200 OK" : "404 Not Found", strlen(body), body);
}
