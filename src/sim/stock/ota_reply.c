/* SPDX-License-Identifier: ISC */
/* Checks the file server's answer to a range as the oldest client would. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/stock/ota_reply.h"

#define STATUS "HTTP/1.1 206 Partial Content\r\n"

static const char *
find_text(const char *data, size_t len, const char *what)
{
	return memmem(data, len, what, strlen(what));
}

/* Find a header whose name is written exactly so, and copy its value. */
static bool
find_header(const char *head, size_t len, const char *name, char value[64])
{
	char key[40];
	const char *at, *end;

	snprintf(key, sizeof(key), "\r\n%s: ", name);
	at = find_text(head, len, key);
	if (at == NULL)
		return false;
	at += strlen(key);
	end = find_text(at, len - (size_t)(at - head), "\r\n");
	if (end == NULL || end - at >= 64)
		return false;
	memcpy(value, at, (size_t)(end - at));
	value[end - at] = '\0';
	return true;
}

static bool
check_status(const char *head, size_t len, struct error *err)
{
	char line[80];
	size_t n = strcspn(head, "\r\n");

	if (len >= strlen(STATUS) && memcmp(head, STATUS, strlen(STATUS)) == 0)
		return true;
	text_escape(line, sizeof(line), head, n < len ? n : len);
	return error_set(err, EPROTO,
	    "status line \"%s\" instead of \"HTTP/1.1 206 Partial Content\"",
	    line);
}

static bool
check_length(
    const char *head, size_t len, struct ota_reply *r, struct error *err)
{
	char value[64];
	uint64_t n;

	if (find_header(head, len, "Transfer-Encoding", value) ||
	    find_header(head, len, "transfer-encoding", value))
		return error_set(err, EPROTO, "Transfer-Encoding: %s", value);
	if (!find_header(head, len, "Content-Length", value))
		return error_set(
		    err, EPROTO, "no \"Content-Length: \" written exactly so");
	if (!text_number(value, 1, OTA_CHUNK, &n))
		return error_set(err, EPROTO,
		    "Content-Length %s: not from 1 to %d", value, OTA_CHUNK);
	r->body_len = n;
	return true;
}

static bool
check_range(const char *head, size_t len, uint64_t first, uint64_t last,
    struct ota_reply *r, struct error *err)
{
	uint64_t from, to;
	char value[64], again[64];

	if (!find_header(head, len, "Content-Range", value))
		return error_set(
		    err, EPROTO, "no \"Content-Range: \" written exactly so");
	if (sscanf(value, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &from, &to,
		&r->total) != 3 ||
	    snprintf(again, sizeof(again),
		"bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, from, to,
		r->total) < 0 ||
	    strcmp(value, again) != 0)
		return error_set(err, EPROTO, "Content-Range: %s", value);
	if (r->total > 0 && last >= r->total)
		last = r->total - 1;
	if (from != first || to != last)
		return error_set(err, EPROTO,
		    "Content-Range: %s for bytes=%" PRIu64 "-%" PRIu64, value,
		    first, last);
	if (r->body_len != to - from + 1)
		return error_set(err, EPROTO,
		    "Content-Length %zu does not fit %s", r->body_len, value);
	return true;
}

static bool
check_head(const char *head, size_t len, uint64_t first, uint64_t last,
    struct ota_reply *r, struct error *err)
{
	if (!check_status(head, len, err) || !check_length(head, len, r, err) ||
	    !check_range(head, len, first, last, r, err))
		return false;
	/* Header and body share a buffer of 5120 bytes. */
	if (len >= OTA_HEADER_MAX)
		return error_set(err, EPROTO, "header of %zu bytes", len);
	return true;
}

enum ota_reply_state
ota_reply_read(const char *data, size_t len, uint64_t first, uint64_t last,
    struct ota_reply *r, struct error *err)
{
	const char *end = find_text(data, len, "\r\n\r\n");

	memset(r, 0, sizeof(*r));
	if (end == NULL) {
		if (len < OTA_HEADER_MAX)
			return OTA_REPLY_MORE;
		error_set(err, EPROTO, "header of more than %zu bytes", len);
		return OTA_REPLY_BAD;
	}
	r->head_len = (size_t)(end - data) + 4;
	if (!check_head(data, r->head_len, first, last, r, err))
		return OTA_REPLY_BAD;
	if (len > r->head_len + r->body_len) {
		error_set(err, EPROTO, "%zu bytes after the body",
		    len - r->head_len - r->body_len);
		return OTA_REPLY_BAD;
	}
	return len == r->head_len + r->body_len ? OTA_REPLY_WHOLE
						: OTA_REPLY_MORE;
}
