/* SPDX-License-Identifier: ISC */
/* Parses requests to the stock firmware, and finds each strict deviation. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/stock/request.h"

#define HEAD_LIMIT 1024
#define LENGTH	   "\r\nContent-Length: "

static const char *
find_text(const char *data, size_t len, const char *what)
{
	return memmem(data, len, what, strlen(what));
}

/* Copy the word before a blank or the end of the line. */
static bool
copy_word(char *dst, size_t size, const char **at, const char *end)
{
	size_t len = 0;

	while (*at + len < end && (*at)[len] != ' ' && (*at)[len] != '\r')
		len++;
	if (len == 0 || len >= size)
		return false;
	memcpy(dst, *at, len);
	dst[len] = '\0';
	*at += len + 1;
	return true;
}

enum request_state
request_read(const char *data, size_t len, struct request *r)
{
	const char *end = find_text(data, len, "\r\n\r\n"), *at = data, *length;

	memset(r, 0, sizeof(*r));
	if (end == NULL)
		return len > REQUEST_MAX ? REQUEST_BROKEN : REQUEST_MORE;
	r->head_len = (size_t)(end - data) + 4;
	if (!copy_word(r->method, sizeof(r->method), &at, end) ||
	    !copy_word(r->path, sizeof(r->path), &at, end))
		return REQUEST_BROKEN;
	length = find_text(data, r->head_len, LENGTH);
	r->body = data + r->head_len;
	if (length != NULL)
		r->body_len = strtoul(length + strlen(LENGTH), NULL, 10);
	if (r->body_len > REQUEST_MAX)
		return REQUEST_BROKEN;
	return len >= r->head_len + r->body_len ? REQUEST_WHOLE : REQUEST_BODY;
}

/* Return true for Content-Type and so on: each word begins in upper case. */
static bool
is_title_case(const char *name, size_t len)
{
	bool first = true;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (isalpha(c) && (isupper(c) != 0) != first)
			return false;
		first = c == '-';
	}
	return true;
}

static bool
is_named(const char *line, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(line, name, len) == 0;
}

/* Check one header line, without its end. */
static void
check_line(const char *line, size_t len, struct problems *out)
{
	const char *colon = memchr(line, ':', len);
	size_t name = colon != NULL ? (size_t)(colon - line) : len;

	if (colon == NULL || line[0] == ' ' || line[0] == '\t')
		problems_add(out, "header line without a name");
	else if (!is_title_case(line, name))
		problems_add(out, "header name %.*s is not in Title-Case",
		    (int)name, line);
	else if (len < name + 3 || colon[1] != ' ' || colon[2] == ' ')
		problems_add(out, "header %.*s: not one blank after the colon",
		    (int)name, line);
	if (is_named(line, name, "Expect"))
		problems_add(out, "Expect: a device does not know it");
	if (is_named(line, name, "Transfer-Encoding"))
		problems_add(out, "Transfer-Encoding: a device knows none");
}

static unsigned
count_header(const char *head, size_t len, const char *name)
{
	unsigned count = 0;
	const char *at = head;

	while (
	    (at = find_text(at, len - (size_t)(at - head), "\r\n")) != NULL) {
		at += 2;
		if (len - (size_t)(at - head) > strlen(name) &&
		    strncasecmp(at, name, strlen(name)) == 0)
			count++;
	}
	return count;
}

static void
check_head(const char *data, const struct request *r, struct problems *out)
{
	const char *line = find_text(data, r->head_len, "\r\n");
	const char *end = data + r->head_len - 2;

	if (line < data + 9 || memcmp(line - 9, " HTTP/1.1", 9) != 0)
		problems_add(out, "not HTTP/1.1");
	if (count_header(data, r->head_len, "Content-Length:") != 1)
		problems_add(out, "not exactly one Content-Length");
	if (count_header(data, r->head_len, "Host:") != 1)
		problems_add(out, "not exactly one Host");
	if (r->head_len >= HEAD_LIMIT)
		problems_add(out, "header of %zu bytes", r->head_len);
	for (line += 2; line < end;) {
		const char *next =
		    find_text(line, (size_t)(end - line) + 2, "\r\n");

		check_line(line, (size_t)(next - line), out);
		line = next + 2;
	}
}

void
request_check(
    const char *data, size_t len, const struct request *r, struct problems *out)
{
	if (strcmp(r->method, "POST") != 0)
		problems_add(out, "%s instead of POST", r->method);
	if (strncmp(r->path, "/zeroconf/", 10) != 0)
		problems_add(out, "path %s is not of the API", r->path);
	check_head(data, r, out);
	if (len > r->head_len + r->body_len)
		problems_add(out, "%zu bytes after the body",
		    len - r->head_len - r->body_len);
}
