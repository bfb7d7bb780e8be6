/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/filereply.h"
#include "core/httpdate.h"

#define CONTENT_TYPE "application/octet-stream"

static const char *
reason_of(int status)
{
	switch (status) {
	case 206:
		return "Partial Content";
	case 304:
		return "Not Modified";
	case 412:
		return "Precondition Failed";
	case 416:
		return "Range Not Satisfiable";
	default:
		return "OK";
	}
}

static void add(struct filereply *, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
add(struct filereply *reply, const char *name, const char *fmt, ...)
{
	struct filereply_header *header = &reply->header[reply->header_count++];
	va_list ap;

	assert(reply->header_count <= FILEREPLY_MAX_HEADERS);
	header->name = name;
	va_start(ap, fmt);
	vsnprintf(header->value, sizeof(header->value), fmt, ap);
	va_end(ap);
}

static void
add_validators(struct filereply *reply, const struct filereply_file *file)
{
	char date[HTTPDATE_SIZE];

	add(reply, "ETag", "%s", file->is.etag);
	if (file->is.modified != 0)
		add(reply, "Last-Modified", "%s",
		    httpdate_format(date, file->is.modified));
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
add_whole(
    struct filereply *reply, const struct filereply_file *file, bool is_get)
{
	add(reply, "Content-Type", CONTENT_TYPE);
	add(reply, "Content-Length", "%" PRIu64, file->is.size);
	add(reply, "Accept-Ranges", "bytes");
	add_validators(reply, file);
	if (file->md5 != NULL)
		add(reply, "x-MD5", "%s", file->md5);
	if (is_get && file->is.size > 0) {
		reply->parts.part[0] = (struct range){ 0, file->is.size };
		reply->parts.count = 1;
	}
}

static void
add_parts(struct filereply *reply, const struct filereply_file *file)
{
	const struct range *part = &reply->parts.part[0];

	if (reply->parts.count > 1)
		add(reply, "Content-Type", "multipart/byteranges; boundary=%s",
		    file->boundary);
	else
		add(reply, "Content-Type", CONTENT_TYPE);
	add(reply, "Content-Length", "%" PRIu64, body_length(reply, file));
	/* RFC 9110 15.3.7.2: of several parts each has its own. */
	if (reply->parts.count == 1)
		add(reply, "Content-Range",
		    "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, part->first,
		    part->first + part->len - 1, file->is.size);
	add(reply, "Accept-Ranges", "bytes");
	add_validators(reply, file);
}

void
filereply_make(const struct filereply_file *file,
    const struct conditional_headers *headers, bool is_get,
    struct filereply *reply)
{
	reply->status =
	    conditional_status(&file->is, headers, is_get, &reply->parts);
	reply->reason = reason_of(reply->status);
	reply->header_count = 0;
	switch (reply->status) {
	case 206:
		add_parts(reply, file);
		break;
	case 304:
		add_validators(reply, file);
		break;
	case 412:
		add(reply, "Content-Length", "0");
		break;
	case 416:
		add(reply, "Content-Length", "0");
		add(reply, "Content-Range", "bytes */%" PRIu64, file->is.size);
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
