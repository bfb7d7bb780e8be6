/* SPDX-License-Identifier: ISC */
/*
 * Writes the head of a reply to a request for an image, with the spelling that
 * stock updaters search for.
 */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/http/filereply.h"
#include "core/http/httpdate.h"

#define CONTENT_TYPE "application/octet-stream"

void
filereply_prepare(struct filereply_file *file)
{
	char date[HTTPDATE_SIZE];
	int n;

	n = snprintf(file->validators, sizeof(file->validators), "ETag: %s\r\n",
	    file->is.etag);
	if (file->is.modified != 0)
		n += snprintf(file->validators + n,
		    sizeof(file->validators) - (size_t)n,
		    "Last-Modified: %s\r\n",
		    httpdate_format(date, file->is.modified));
	assert(n > 0 && (size_t)n < sizeof(file->validators));
}

static uint64_t
body_length(const struct filereply *reply, const struct filereply_file *file)
{
	char text[FILEREPLY_PART_SIZE];
	uint64_t sum = 0;

	for (size_t i = 0; i < reply->parts.count; i++)
		sum += reply->parts.part[i].len;
	for (size_t i = 0; reply->parts.count > 1 && i <= reply->parts.count;
	    i++)
		sum += filereply_part(file, reply, i, text);
	return sum;
}

static void
add_range(struct httphead *head, const struct range *part, uint64_t size)
{
	httphead_text(head, "Content-Range: bytes ");
	httphead_number(head, part->first);
	httphead_text(head, "-");
	httphead_number(head, part->first + part->len - 1);
	httphead_text(head, "/");
	httphead_number(head, size);
	httphead_text(head, "\r\n");
}

static void
add_whole(
    struct filereply *reply, const struct filereply_file *file, bool is_get)
{
	struct httphead *head = &reply->head;

	httphead_add(head, "Content-Type", CONTENT_TYPE);
	httphead_add_number(head, "Content-Length", file->is.size);
	httphead_add(head, "Accept-Ranges", "bytes");
	httphead_text(head, file->validators);
	if (file->md5 != NULL)
		httphead_add(head, "x-MD5", file->md5);
	if (is_get && file->is.size > 0) {
		reply->parts.part[0] = (struct range){ 0, file->is.size };
		reply->parts.count = 1;
	}
}

static void
add_parts(struct filereply *reply, const struct filereply_file *file)
{
	struct httphead *head = &reply->head;

	/* RFC 9110 15.3.7.2: each part has its own Content-Range. */
	if (reply->parts.count > 1) {
		httphead_text(
		    head, "Content-Type: multipart/byteranges; boundary=");
		httphead_text(head, file->boundary);
		httphead_text(head, "\r\n");
	} else {
		httphead_add(head, "Content-Type", CONTENT_TYPE);
	}
	httphead_add_number(head, "Content-Length", body_length(reply, file));
	if (reply->parts.count == 1)
		add_range(head, &reply->parts.part[0], file->is.size);
	httphead_add(head, "Accept-Ranges", "bytes");
	httphead_text(head, file->validators);
}

void
filereply_make(const struct filereply_file *file,
    const struct conditional_headers *headers, bool is_get,
    struct filereply *reply)
{
	struct httphead *head = &reply->head;

	reply->status =
	    conditional_status(&file->is, headers, is_get, &reply->parts);
	httphead_begin(head, reply->status);
	switch (reply->status) {
	case 206:
		add_parts(reply, file);
		break;
	case 304:
		httphead_text(head, file->validators);
		break;
	case 412:
		httphead_add_number(head, "Content-Length", 0);
		break;
	case 416:
		httphead_add_number(head, "Content-Length", 0);
		httphead_text(head, "Content-Range: bytes */");
		httphead_number(head, file->is.size);
		httphead_text(head, "\r\n");
		break;
	default:
		add_whole(reply, file, is_get);
	}
}

size_t
filereply_part(const struct filereply_file *file, const struct filereply *reply,
    size_t i, char dst[FILEREPLY_PART_SIZE])
{
	const struct range *part = &reply->parts.part[i];
	int n;

	if (i >= reply->parts.count)
		n = snprintf(
		    dst, FILEREPLY_PART_SIZE, "\r\n--%s--\r\n", file->boundary);
	else
		n = snprintf(dst, FILEREPLY_PART_SIZE,
		    "\r\n--%s\r\nContent-Type: " CONTENT_TYPE
		    "\r\nContent-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64
		    "\r\n\r\n",
		    file->boundary, part->first, part->first + part->len - 1,
		    file->is.size);
	assert(n > 0 && n < FILEREPLY_PART_SIZE);
	return (size_t)n;
}
