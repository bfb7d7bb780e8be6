/* SPDX-License-Identifier: ISC */
/* Writes status lines and headers without the slow printf(3). */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "core/http/httphead.h"

static const char *
status_line(int status)
{
	switch (status) {
	case 206:
		return "HTTP/1.1 206 Partial Content\r\n";
	case 304:
		return "HTTP/1.1 304 Not Modified\r\n";
	case 400:
		return "HTTP/1.1 400 Bad Request\r\n";
	case 404:
		return "HTTP/1.1 404 Not Found\r\n";
	case 412:
		return "HTTP/1.1 412 Precondition Failed\r\n";
	case 416:
		return "HTTP/1.1 416 Range Not Satisfiable\r\n";
	default:
		assert(status == 200);
		return "HTTP/1.1 200 OK\r\n";
	}
}

static void
add(struct httphead *head, const char *text, size_t len)
{
	assert(len < sizeof(head->text) - head->len);
	memcpy(head->text + head->len, text, len + 1);
	head->len += len;
}

void
httphead_begin(struct httphead *head, int status)
{
	head->status = status;
	head->len = 0;
	httphead_text(head, status_line(status));
}

void
httphead_text(struct httphead *head, const char *text)
{
	add(head, text, strlen(text));
}

void
httphead_number(struct httphead *head, uint64_t number)
{
	char digits[21] = "", *p = digits + sizeof(digits) - 1;

	do
		*--p = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	add(head, p, (size_t)(digits + sizeof(digits) - 1 - p));
}

void
httphead_add(struct httphead *head, const char *name, const char *value)
{
	httphead_text(head, name);
	httphead_text(head, ": ");
	httphead_text(head, value);
	httphead_text(head, "\r\n");
}

void
httphead_add_number(struct httphead *head, const char *name, uint64_t number)
{
	httphead_text(head, name);
	httphead_text(head, ": ");
	httphead_number(head, number);
	httphead_text(head, "\r\n");
}
