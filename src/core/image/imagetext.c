/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/image/imagetext.h"

#define GUESSED "its version is told by the day it was built"

char *
image_report_what(char *dst, size_t size, const struct image_report *report)
{
	snprintf(dst, size, "%s%s%s%s%s",
	    report->kind == IMAGE_UNKNOWN ? "unknown firmware"
					  : image_kind_name(report->kind),
	    *report->version != '\0' ? " " : "", report->version,
	    *report->variant != '\0' ? " " : "", report->variant);
	return dst;
}

/* Put a line behind text, which is taken. */
static char *
add_line(char *text, const char *line)
{
	char *longer = xasprintf("%s    %s\n", text, line);

	free(text);
	return longer;
}

static char *
first_line(const char *file, const struct image_report *report)
{
	static const char *const words[] = {
		[IMAGE_ACCEPT] = "accepted",
		[IMAGE_WARN] = "accepted with a warning",
	};
	char name[300], what[80];

	text_escape(name, sizeof(name), file, strlen(file));
	image_report_what(what, sizeof(what), report);
	if (report->verdict == IMAGE_REFUSE)
		return xasprintf("%s: refused (%s): %s\n", name,
		    reason_token(report->reason), report->text);
	return xasprintf("%s: %s: %s, %zu bytes\n", name,
	    words[report->verdict], what, report->size);
}

char *
image_report_text(const char *file, const struct image_report *report)
{
	char *text = first_line(file, report);

	for (size_t i = 0; i < report->note_count; i++)
		text = add_line(text, report->notes[i]);
	if (report->version_guessed)
		text = add_line(text, GUESSED);
	if (report->verdict == IMAGE_REFUSE)
		text = add_line(text, reason_advice(report->reason));
	return text;
}

static json_t *
notes_json(const struct image_report *report)
{
	json_t *notes = json_array();

	if (report->verdict == IMAGE_REFUSE)
		json_array_append_new(notes, json_string(report->text));
	for (size_t i = 0; i < report->note_count; i++)
		json_array_append_new(notes, json_string(report->notes[i]));
	if (report->version_guessed)
		json_array_append_new(notes, json_string(GUESSED));
	if (*report->variant != '\0')
		json_array_append_new(notes,
		    json_sprintf("it is the %s variant", report->variant));
	return notes;
}

/* A file name need not be UTF-8; what JSON cannot hold is escaped. */
static json_t *
name_json(const char *file)
{
	json_t *name = json_string(file);
	char escaped[4096];

	if (name != NULL)
		return name;
	return json_string(
	    text_escape(escaped, sizeof(escaped), file, strlen(file)));
}

json_t *
image_report_json(
    const char *file, const char *sha256, const struct image_report *report)
{
	return json_pack("{s:o, s:I, s:s?, s:s?, s:s?, s:s, s:s?, s:o}", "file",
	    name_json(file), "size", (json_int_t)report->size, "sha256",
	    *sha256 != '\0' ? sha256 : NULL, "kind",
	    report->kind != IMAGE_UNKNOWN ? image_kind_name(report->kind)
					  : NULL,
	    "version", *report->version != '\0' ? report->version : NULL,
	    "verdict", image_verdict_name(report->verdict), "reason",
	    reason_token(report->reason), "notes", notes_json(report));
}
