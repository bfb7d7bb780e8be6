/* SPDX-License-Identifier: ISC */
/*
 * fuzz_range -- whatever Range and If-Range say, what is sent lies in the file
 * and is as long as announced.  The first two bytes are the file's size; then
 * come the headers, each to its line end: Range, If-Range, If-Match,
 * If-None-Match, If-Modified-Since, If-Unmodified-Since.
 */
#include "config.h"

#include <string.h>

#include "core/http/filereply.h"

#include "fuzz.h"

#define COUNT 6

/* An empty line is no header. */
static void
split(char *text, const char **value)
{
	for (size_t i = 0; i < COUNT && text != NULL; i++) {
		char *line = strsep(&text, "\n");

		value[i] = *line != '\0' ? line : NULL;
	}
}

static uint64_t
announced(const struct filereply *reply)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *found = strstr(reply->head.text, name);

	return found == NULL ? 0 : strtoull(found + strlen(name), NULL, 10);
}

static void
check(const struct filereply_file *file, const struct filereply *reply)
{
	char text[FILEREPLY_PART_SIZE];
	uint64_t sum = 0;

	HOLDS(reply->parts.count <= RANGE_MAX_PARTS);
	for (size_t i = 0; i < reply->parts.count; i++) {
		const struct range *part = &reply->parts.part[i];

		HOLDS(part->len > 0);
		HOLDS(part->first < file->is.size);
		HOLDS(part->len <= file->is.size - part->first);
		sum += part->len;
	}
	HOLDS(sum <= file->is.size);
	for (size_t i = 0; reply->parts.count > 1 && i <= reply->parts.count;
	    i++)
		sum += filereply_part(file, reply, i, text);
	HOLDS(announced(reply) == sum);
	HOLDS((reply->status == 206) <= (reply->parts.count > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filereply_file file = {
		.is.etag = "\"e\"", .is.modified = 784111777, .boundary = "b"
	};
	struct filereply reply;
	const char *value[COUNT] = { 0 };
	char *text;

	if (size < 2)
		return 0;
	file.is.size = (uint64_t)data[0] << 8 | data[1];
	text = strndup((const char *)data + 2, size - 2);
	HOLDS(text != NULL);
	split(text, value);
	filereply_prepare(&file);
	filereply_make(&file,
	    &(struct conditional_headers){
		value[0], value[1], value[2], value[3], value[4], value[5] },
	    true, &reply);
	check(&file, &reply);
	free(text);
	return 0;
}
