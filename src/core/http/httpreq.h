/* SPDX-License-Identifier: ISC */
/*
 * httpreq -- the text of a small HTTP/1.1 request.
 *
 * The oldest known server in these devices looks for header names in exactly
 * this case and knows neither chunks nor Expect, so: Title-Case names, always
 * a Content-Length where there is a body, Connection: close, one block.
 */
#ifndef REFLASHD_HTTPREQ_H
#define REFLASHD_HTTPREQ_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct httpreq {
	const char *method; /* all borrowed */
	struct in_addr address;
	in_port_t port; /* host byte order */
	const char *path;
	const char *content_type;  /* NULL: no header */
	const char *authorization; /* NULL: no header */
	bool has_referer; /* send a Referer, as a page of its own would */
	const void *body; /* NULL: no body */
	size_t body_len;
};

/*
 * Build a request.  No string in it may hold a line break.  Freed with free().
 */
char *httpreq_build(const struct httpreq *, size_t *len);

#endif
