/* SPDX-License-Identifier: ISC */
/*
 * Parses the HTTP reply of a device piece by piece, and stops at anything that
 * a strict reader would not accept.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/http/httpmsg.h"

enum phase {
	IN_STATUS,
	IN_HEADER,
	IN_CHUNK_SIZE,
	IN_CHUNK_END,
	IN_TRAILER,
	IN_CHUNK,
	IN_LENGTH,
	IN_REST, /* the body ends where the connection does */
	AT_END,
	AT_FAULT,
};

struct bytes {
	char *data;
	size_t len;
	size_t room;
};

struct httpmsg {
	enum phase phase;
	struct bytes head; /* finished lines, a NUL after each */
	struct bytes body;
	size_t line;	/* where in head the present line begins */
	size_t framing; /* bytes that are not body; anew after the head */
	size_t left;	/* of the body or of this chunk */
	bool version_1_0;
	bool has_length;
	bool chunked;
	int status;
};

static void
add(struct bytes *to, const char *src, size_t len)
{
	if (to->room - to->len < len + 1) {
		to->room = 2 * (to->len + len + 1);
		to->data = xrealloc(to->data, to->room, 1);
	}
	memcpy(to->data + to->len, src, len);
	to->len += len;
	to->data[to->len] = '\0';
}

struct httpmsg *
httpmsg_new(void)
{
	struct httpmsg *msg = xcalloc(1, sizeof(*msg));

	add(&msg->head, "", 0);
	add(&msg->body, "", 0);
	return msg;
}

void
httpmsg_free(struct httpmsg *msg)
{
	if (msg == NULL)
		return;
	free(msg->head.data);
	free(msg->body.data);
	free(msg);
}

static bool
read_status(struct httpmsg *msg, const char *line, struct error *err)
{
	unsigned minor;

	if (!httpmsg_line_read_status(line, &msg->status, &minor))
		return error_set(err, EPROTO, "the reply is not HTTP/1");
	/*
	 * 100 Continue was not asked for; an endless row of them is an attack.
	 */
	if (msg->status < 200 || msg->status > 599)
		return error_set(
		    err, EPROTO, "the reply has status %d", msg->status);
	msg->version_1_0 = minor == 0;
	msg->phase = IN_HEADER;
	return true;
}

static bool
read_length(struct httpmsg *msg, const char *value, struct error *err)
{
	uint64_t length;

	if (msg->has_length)
		return error_set(err, EPROTO, "Content-Length comes twice");
	if (!text_number(value, 0, UINT64_MAX, &length))
		return error_set(err, EPROTO, "Content-Length is not a number");
	if (length > HTTPMSG_MAX_BODY)
		return error_set(err, EMSGSIZE,
		    "the body has more than %d bytes", HTTPMSG_MAX_BODY);
	msg->has_length = true;
	msg->left = (size_t)length;
	return true;
}

static bool
read_coding(struct httpmsg *msg, const char *value, struct error *err)
{
	if (msg->chunked || strcasecmp(value, "chunked") != 0)
		return error_set(
		    err, EPROTO, "Transfer-Encoding is not just chunked");
	msg->chunked = true;
	return true;
}

static bool
read_header(struct httpmsg *msg, const char *line, struct error *err)
{
	const char *value;

	if (!httpmsg_line_is_header(line))
		return error_set(err, EPROTO, "the reply has a bad header");
	if ((value = httpmsg_line_find_value(line, "Content-Length")) != NULL)
		return read_length(msg, value, err);
	if ((value = httpmsg_line_find_value(line, "Transfer-Encoding")) !=
	    NULL)
		return read_coding(msg, value, err);
	return true;
}

/* End the head, and find how the body ends (RFC 9112 section 6.3). */
static bool
end_head(struct httpmsg *msg, struct error *err)
{
	if (msg->chunked && (msg->has_length || msg->version_1_0))
		return error_set(
		    err, EPROTO, "the reply has two opinions on its length");
	msg->framing = 0;
	if (msg->status == 204 || msg->status == 304)
		msg->phase = AT_END;
	else if (msg->chunked)
		msg->phase = IN_CHUNK_SIZE;
	else if (msg->has_length)
		msg->phase = msg->left == 0 ? AT_END : IN_LENGTH;
	else
		msg->phase = IN_REST;
	return true;
}

static bool
read_chunk_size(struct httpmsg *msg, const char *line, struct error *err)
{
	uint32_t size;

	if (!httpmsg_line_read_chunk_size(line, &size))
		return error_set(err, EPROTO, "the reply has a bad chunk size");
	if (size > HTTPMSG_MAX_BODY - msg->body.len)
		return error_set(err, EMSGSIZE,
		    "the body has more than %d bytes", HTTPMSG_MAX_BODY);
	msg->left = size;
	msg->phase = size == 0 ? IN_TRAILER : IN_CHUNK;
	return true;
}

static bool
read_chunk_end(struct httpmsg *msg, const char *line, struct error *err)
{
	if (*line != '\0')
		return error_set(
		    err, EPROTO, "a chunk is longer than its size");
	msg->phase = IN_CHUNK_SIZE;
	return true;
}

static bool
read_line(struct httpmsg *msg, const char *line, struct error *err)
{
	switch (msg->phase) {
	case IN_STATUS:
		return read_status(msg, line, err);
	case IN_HEADER:
		if (*line == '\0')
			return end_head(msg, err);
		return read_header(msg, line, err);
	case IN_CHUNK_SIZE:
		return read_chunk_size(msg, line, err);
	case IN_CHUNK_END:
		return read_chunk_end(msg, line, err);
	default: /* IN_TRAILER: nobody needs what may be in it */
		if (*line == '\0')
			msg->phase = AT_END;
		return true;
	}
}

/*
 * Read the line at the end of head.  Keep it there if it belongs to the head.
 */
static bool
finish_line(struct httpmsg *msg, struct error *err)
{
	struct bytes *head = &msg->head;
	bool keep = msg->phase == IN_STATUS || msg->phase == IN_HEADER;
	char *line = head->data + msg->line;
	size_t len = head->len - msg->line - 1;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (memchr(line, '\0', len) != NULL || memchr(line, '\r', len) != NULL)
		return error_set(err, EPROTO, "the reply has a bad byte");
	/* A line of blanks would be a folded header (RFC 9112 5.2). */
	while (len > 1 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	line[len] = '\0';
	head->len = msg->line + len;
	if (!read_line(msg, line, err))
		return false;
	if (keep)
		add(head, "", 1);
	else
		head->len = msg->line;
	msg->line = head->len;
	return true;
}

/* Take the input up to the end of the line.  Returns how much it was. */
static size_t
take_line(struct httpmsg *msg, const char *src, size_t len, struct error *err)
{
	const char *end = memchr(src, '\n', len);

	if (end != NULL)
		len = (size_t)(end - src) + 1;
	if (len > HTTPMSG_MAX_HEAD - msg->framing) {
		error_set(err, EMSGSIZE, "the head has more than %d bytes",
		    HTTPMSG_MAX_HEAD);
		msg->phase = AT_FAULT;
		return len;
	}
	msg->framing += len;
	add(&msg->head, src, len);
	if (end != NULL && !finish_line(msg, err))
		msg->phase = AT_FAULT;
	return len;
}

static size_t
take_rest(struct httpmsg *msg, const char *src, size_t len, struct error *err)
{
	if (len > HTTPMSG_MAX_BODY - msg->body.len) {
		error_set(err, EMSGSIZE, "the body has more than %d bytes",
		    HTTPMSG_MAX_BODY);
		msg->phase = AT_FAULT;
	} else {
		add(&msg->body, src, len);
	}
	return len;
}

/*
 * Take the part that belongs to a body or chunk of known length, whose size was
 * checked before.  Returns how much it was.
 */
static size_t
take_body(struct httpmsg *msg, const char *src, size_t len)
{
	if (len > msg->left)
		len = msg->left;
	add(&msg->body, src, len);
	msg->left -= len;
	if (msg->left == 0)
		msg->phase = msg->phase == IN_CHUNK ? IN_CHUNK_END : AT_END;
	return len;
}

enum httpmsg_end
httpmsg_feed(
    struct httpmsg *msg, const void *data, size_t len, struct error *err)
{
	const char *src = data;
	size_t used;

	if (msg->phase == AT_FAULT)
		error_set(err, EPROTO, "the reply was bad already");
	for (; len > 0 && msg->phase < AT_END; src += used, len -= used) {
		if (msg->phase == IN_REST)
			used = take_rest(msg, src, len, err);
		else if (msg->phase == IN_LENGTH || msg->phase == IN_CHUNK)
			used = take_body(msg, src, len);
		else
			used = take_line(msg, src, len, err);
	}
	if (msg->phase == AT_FAULT)
		return HTTPMSG_BAD;
	return msg->phase == AT_END ? HTTPMSG_DONE : HTTPMSG_MORE;
}

enum httpmsg_end
httpmsg_close(struct httpmsg *msg, struct error *err)
{
	if (msg->phase == IN_REST)
		msg->phase = AT_END;
	if (msg->phase == AT_END)
		return HTTPMSG_DONE;
	error_set(err, EPROTO, "the reply is %s",
	    httpmsg_is_empty(msg) ? "empty" : "cut short");
	msg->phase = AT_FAULT;
	return HTTPMSG_BAD;
}

bool
httpmsg_is_empty(const struct httpmsg *msg)
{
	return msg->phase == IN_STATUS && msg->framing == 0;
}

int
httpmsg_status(const struct httpmsg *msg)
{
	return msg->status;
}

const char *
httpmsg_header(const struct httpmsg *msg, const char *name)
{
	const char *line = msg->head.data;
	const char *end = line + msg->line, *value;

	for (; line < end; line += strlen(line) + 1)
		if ((value = httpmsg_line_find_value(line, name)) != NULL)
			return value;
	return NULL;
}

const char *
httpmsg_body(const struct httpmsg *msg, size_t *len)
{
	*len = msg->body.len;
	return msg->body.data;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
httpmsg_line_read_status(const char *line, int *status, unsigned *minor)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) ||
	    line[8] != ' ')
		return false;
	*minor = (unsigned)(line[7] - '0');
	*status = 0;
	line += 9;
	for (int i = 0; i < 3; i++, line++) {
		if (!is_digit(*line))
			return false;
		*status = *status * 10 + (*line - '0');
	}
	return *line == ' ' || *line == '\0';
}

static bool
is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) &&
		    strchr("!#$%&'*+-.^_`|~", s[i]) == NULL)
			return false;
	return len > 0;
}

static bool
is_text(const char *s)
{
	for (; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s) && *s != '\t')
			return false;
	return true;
}

bool
httpmsg_line_is_header(const char *line)
{
	size_t name = strcspn(line, ":");

	return line[name] == ':' && is_token(line, name) && is_text(line);
}

const char *
httpmsg_line_find_value(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

bool
httpmsg_line_read_chunk_size(const char *line, uint32_t *size)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");

	if (digits == 0 || digits > 8 || !is_text(line) ||
	    strchr(" \t;", line[digits]) == NULL)
		return false;
	*size = (uint32_t)strtoul(line, NULL, 16);
	return true;
}
