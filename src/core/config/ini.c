/* SPDX-License-Identifier: ISC */
/* Splits a configuration file into sections, keys and values. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "core/config/ini.h"

#define BOM	   "\xef\xbb\xbf"
#define STRING(x)  #x
#define IN_TEXT(x) STRING(x)

struct parser {
	const char *file;      /* borrowed */
	unsigned line;	       /* the physical line at hand */
	unsigned start;	       /* where the logical line began */
	size_t used;	       /* bytes of a line to be continued; 0: none */
	bool in_section, lost; /* lost: below a heading that is broken */
	ini_cb *cb;
	void *ctx;		   /* borrowed */
	struct problems *problems; /* borrowed */
	char section[INI_MAX_LINE + 1];
	char text[INI_MAX_LINE + 1];
};

#define complain(parser, fmt, ...)                                             \
	problems_add((parser)->problems, "%s:%u: " fmt, (parser)->file,        \
	    (parser)->start, __VA_ARGS__)

static void
take_section(struct parser *parser, char *line)
{
	char shown[64], *end = strchr(line, ']');

	parser->in_section = true;
	parser->lost = true;
	text_escape(shown, sizeof(shown), line, strlen(line));
	if (end == NULL)
		complain(parser,
		    "%s: the ] after the section's name is missing; write for "
		    "example [Flash]",
		    shown);
	else if (end == line + 1)
		complain(parser,
		    "%s: the section has no name; write for example [Flash]",
		    shown);
	else if (end[1] != '\0')
		complain(parser,
		    "%s: nothing may follow the ]; a comment needs a line of "
		    "its own",
		    shown);
	else {
		*end = '\0';
		memmove(parser->section, line + 1, (size_t)(end - line));
		parser->lost = false;
		parser->cb(&(struct ini_entry){ .file = parser->file,
			       .line = parser->start,
			       .section = parser->section },
		    parser->ctx);
	}
}

static void
take_pair(struct parser *parser, char *line)
{
	char shown[64], *equals = strchr(line, '=');

	text_escape(shown, sizeof(shown), line, strlen(line));
	if (equals == NULL) {
		complain(parser,
		    "%s: neither [Section] nor Key=value; a comment begins "
		    "with #",
		    shown);
		return;
	}
	*equals = '\0';
	line = text_trim(line);
	if (*line == '\0')
		complain(parser,
		    "%s: there is no key before the =; write for example "
		    "Action=flash",
		    shown);
	else if (!parser->in_section)
		complain(parser,
		    "%s: outside of any section; put a line such as [Flash] "
		    "above it",
		    shown);
	else if (!parser->lost)
		parser->cb(&(struct ini_entry){ .file = parser->file,
			       .line = parser->start,
			       .section = parser->section,
			       .key = line,
			       .value = text_trim(equals + 1) },
		    parser->ctx);
}

/* Handle a complete logical line: a section or a pair. */
static void
take_line(struct parser *parser)
{
	char *line;

	parser->text[parser->used] = '\0';
	parser->used = 0;
	line = text_trim(parser->text);
	if (*line == '[')
		take_section(parser, line);
	else if (*line != '\0')
		take_pair(parser, line);
}

/*
 * Return true if the line goes on in the next one.  As in systemd, an even
 * number of backslashes at its end does not continue it.
 */
static bool
is_continued(const char *line, size_t len)
{
	size_t slashes = 0;

	while (slashes < len && line[len - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

static bool
is_text(const char *line, size_t len)
{
	json_t *string = json_stringn(line, len); /* NULL unless UTF-8 */

	json_decref(string);
	return string != NULL;
}

/* Return what is wrong with the bytes of a line, or NULL. */
static const char *
find_fault(const struct parser *parser, const char *line, size_t len)
{
	if (len > INI_MAX_LINE - parser->used)
		return "the line is longer than " IN_TEXT(
		    INI_MAX_LINE) " bytes";
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') ||
		    line[i] == 0x7f)
			return "there is a control character in the line; type "
			       "the line anew";
	if (!is_text(line, len))
		return "the line is not valid UTF-8; save the file as UTF-8";
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
take_physical_line(struct parser *parser, const char *line, size_t len)
{
	const char *fault;

	parser->line++;
	for (; len > 0 && is_blank(*line); line++)
		len--;
	while (len > 0 && is_blank(line[len - 1]))
		len--;
	if (len > 0 && (*line == '#' || *line == ';'))
		return;
	if (parser->used == 0)
		parser->start = parser->line;
	fault = find_fault(parser, line, len);
	if (fault != NULL) {
		complain(parser, "%s", fault);
		parser->used = 0;
		return;
	}
	memcpy(parser->text + parser->used, line, len);
	parser->used += len;
	if (is_continued(line, len))
		parser->text[parser->used - 1] = ' ';
	else
		take_line(parser);
}

void
ini_parse_below(const char *section, const char *text, size_t len,
    const char *file, ini_cb *cb, void *ctx, struct problems *problems)
{
	struct parser parser = {
		.file = file, .cb = cb, .ctx = ctx, .problems = problems
	};
	const char *nul = memchr(text, '\0', len), *end;

	if (section != NULL)
		parser.in_section =
		    text_copy(parser.section, sizeof(parser.section), section);
	if (nul != NULL) {
		problems_add(problems,
		    "%s:1: this is not a text file: there is a NUL byte at "
		    "offset %zu; save it as plain text",
		    file, (size_t)(nul - text));
		return;
	}
	if (len >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0) {
		text += strlen(BOM);
		len -= strlen(BOM);
	}
	for (; len > 0; text = end) {
		end = memchr(text, '\n', len);
		end = end == NULL ? text + len : end + 1;
		len -= (size_t)(end - text);
		take_physical_line(
		    &parser, text, (size_t)(end - text) - (end[-1] == '\n'));
	}
	if (parser.used > 0)
		complain(&parser, "%s",
		    "the last line ends in a \\, but no line follows; delete "
		    "the \\");
}

void
ini_parse(const char *text, size_t len, const char *file, ini_cb *cb, void *ctx,
    struct problems *problems)
{
	ini_parse_below(NULL, text, len, file, cb, ctx, problems);
}

static void
note_entry(const struct ini_entry *entry, void *ctx)
{
	(void)entry;
	*(bool *)ctx = true;
}

bool
ini_is_empty(const char *text, size_t len)
{
	struct problems problems = { 0 };
	bool meant = false, empty;

	ini_parse(text, len, "", note_entry, &meant, &problems);
	empty = !meant && problems.count == 0;
	problems_fini(&problems);
	return empty;
}
