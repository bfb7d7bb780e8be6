/* SPDX-License-Identifier: ISC */
/* Writes a small HTTP request in the spelling that old devices look for. */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "core/http/httpreq.h"

static size_t
add(char *dst, size_t used, size_t size, const char *name, const char *value)
{
	int n;

	if (value == NULL)
		return used;
	assert(strpbrk(value, "\r\n") == NULL);
	n = snprintf(dst + used, size - used, "%s%s\r\n", name, value);
	assert(n >= 0 && (size_t)n < size - used);
	return used + (size_t)n;
}

static size_t
length(const char *s)
{
	return s == NULL ? 0 : strlen(s);
}

char *
httpreq_build(const struct httpreq *req, size_t *len)
{
	size_t size = 256 + strlen(req->method) + strlen(req->path) +
	    length(req->content_type) + length(req->authorization) +
	    req->body_len;
	char *text = xcalloc(1, size);
	char ip[INET_ADDRSTRLEN], host[32], count[24], referer[48];
	size_t used;

	assert(strpbrk(req->path, " \r\n") == NULL);
	used = (size_t)snprintf(
	    text, size, "%s %s HTTP/1.1\r\n", req->method, req->path);
	inet_ntop(AF_INET, &req->address, ip, sizeof(ip));
	snprintf(host, sizeof(host), "%s:%u", ip, (unsigned)req->port);
	snprintf(count, sizeof(count), "%zu", req->body_len);
	snprintf(referer, sizeof(referer), "http://%s/",
	    req->port == 80 ? ip : host);

	used = add(text, used, size, "Host: ", req->port == 80 ? ip : host);
	used = add(text, used, size, "Content-Type: ", req->content_type);
	used = add(text, used, size,
	    "Content-Length: ", req->body == NULL ? NULL : count);
	used = add(text, used, size, "Authorization: ", req->authorization);
	used = add(
	    text, used, size, "Referer: ", req->has_referer ? referer : NULL);
	used = add(text, used, size, "Connection: close\r\n", "");
	if (req->body != NULL)
		memcpy(text + used, req->body, req->body_len);
	*len = used + req->body_len;
	return text;
}
