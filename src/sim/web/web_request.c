/* SPDX-License-Identifier: ISC */
/* Parses requests to the web servers: path, query and credentials. */
#include "config.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sim/web/web_request.h"

static bool
copy_part(char *dst, size_t size, const char *src, size_t len)
{
	if (len >= size)
		return false;
	memcpy(dst, src, len);
	dst[len] = '\0';
	return true;
}

/* Parse "GET /cm?cmnd=... HTTP/1.1"; any method will do. */
static bool
read_line(const char *line, size_t len, struct web_request *r)
{
	const char *target = memchr(line, ' ', len), *end, *query;
	const char *stop = line + len;

	if (target == NULL || *++target != '/')
		return false;
	end = memchr(target, ' ', (size_t)(stop - target));
	if (end == NULL || stop - end != 9 || memcmp(end, " HTTP/1.", 8) != 0)
		return false;
	r->http11 = end[8] != '0';
	query = memchr(target, '?', (size_t)(end - target));
	if (query == NULL)
		return copy_part(
		    r->path, sizeof(r->path), target, (size_t)(end - target));
	return copy_part(r->path, sizeof(r->path), target,
		   (size_t)(query - target)) &&
	    copy_part(r->query, sizeof(r->query), query + 1,
		(size_t)(end - query - 1));
}

/* Find a header, whose name ends in ": ", and the length of its value. */
static const char *
find_header(const char *head, size_t len, const char *name, size_t *value_len)
{
	size_t name_len = strlen(name);

	for (const char *at = head; len > name_len; at++, len--) {
		if (*at != '\n' || strncasecmp(at + 1, name, name_len) != 0)
			continue;
		at += 1 + name_len;
		*value_len = strcspn(at, "\r\n");
		return at;
	}
	return NULL;
}

static void
read_credentials(const char *head, size_t len, struct web_request *r)
{
	unsigned char plain[sizeof(r->credentials)] = "";
	size_t n;
	const char *value = find_header(head, len, "Authorization: Basic ", &n);

	if (value == NULL || n / 4 * 3 >= sizeof(plain) ||
	    EVP_DecodeBlock(plain, (const unsigned char *)value, (int)n) < 0)
		return;
	text_copy(r->credentials, sizeof(r->credentials), (const char *)plain);
}

static void
read_referer(const char *head, size_t len, struct web_request *r)
{
	size_t n;
	const char *value = find_header(head, len, "Referer: ", &n);

	if (value != NULL)
		copy_part(r->referer, sizeof(r->referer), value, n);
}

enum web_request_state
web_request_read(const char *data, size_t len, struct web_request *r)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);
	const char *line;

	memset(r, 0, sizeof(*r));
	if (end == NULL)
		return len > WEB_REQUEST_MAX ? WEB_REQUEST_BROKEN
					     : WEB_REQUEST_MORE;
	line = memmem(data, len, "\r\n", 2);
	if (!read_line(data, (size_t)(line - data), r))
		return WEB_REQUEST_BROKEN;
	read_credentials(line, (size_t)(end + 2 - line), r);
	read_referer(line, (size_t)(end + 2 - line), r);
	return WEB_REQUEST_WHOLE;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = strchr(digits, tolower((unsigned char)c));

	return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* Decode "%20" and "+"; NULL if the text does not fit. */
static char *
decode_arg(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = src[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && i + 2 < len &&
		    hex_digit(src[i + 1]) >= 0 && hex_digit(src[i + 2]) >= 0) {
			c = (char)(hex_digit(src[i + 1]) * 16 +
			    hex_digit(src[i + 2]));
			i += 2;
		}
		if (n + 1 >= size)
			return NULL;
		dst[n++] = c;
	}
	dst[n] = '\0';
	return dst;
}

bool
web_request_arg(
    const struct web_request *r, const char *name, char *dst, size_t size)
{
	size_t name_len = strlen(name);

	for (const char *at = r->query; *at != '\0';) {
		size_t len = strcspn(at, "&");

		if (len > name_len && at[name_len] == '=' &&
		    strncmp(at, name, name_len) == 0)
			return decode_arg(dst, size, at + name_len + 1,
				   len - name_len - 1) != NULL;
		at += len + (at[len] == '&');
	}
	return false;
}
