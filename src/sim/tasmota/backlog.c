/* SPDX-License-Identifier: ISC */
/* Queues the commands of a Backlog, split as each version of Tasmota does. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sim/tasmota/backlog.h"

static size_t
count_char(const char *text, char c)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == c;
	return count;
}

static bool
is_balanced(const char *text)
{
	return count_char(text, '{') == count_char(text, '}');
}

/*
 * Put the semicolons back until the braces are balanced, with the mistakes of
 * the original: a piece that strtok cuts off is put back one round later, so
 * that from the third piece on the command after the closing brace is lost; and
 * a last command that stays unbalanced gets a semicolon.
 */
static void
join_pieces(char *first, char **rest)
{
	char *next = first + strlen(first) + 1;

	while (next != NULL && !is_balanced(first)) {
		next[-1] = ';';
		next = strtok_r(NULL, ";", rest);
	}
}

/* Trim blanks and tabs, since 10.0 all white space (Trim() in support.ino). */
static char *
trim_line(char *text, unsigned version)
{
	int (*is_space)(int) = version < 100000 ? isblank : isspace;
	char *end;

	while (*text != '\0' && is_space((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && is_space((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* Skip the word Backlog inside a Backlog, which has no effect. */
static char *
skip_backlog(char *text, unsigned version)
{
	static const char word[] = "Backlog";

	text = trim_line(text, version);
	while (strncasecmp(text, word, strlen(word)) == 0)
		text = trim_line(text + strlen(word), version);
	return text;
}

/*
 * Return true if there is room for another line.  Up to 13.3 a ring of 30 has
 * room for 29 lines, or for 28 at its start.
 */
static bool
has_room(const struct backlog *b, unsigned version)
{
	size_t stands = b->taken % BACKLOG_RING;

	return version >= 130400 || b->count < (size_t)(stands == 0 ? 28 : 29);
}

static void
add_line(struct backlog *b, const char *line)
{
	b->line = xrealloc(b->line, b->count + 1, sizeof(b->line[0]));
	b->line[b->count++] = xstrdup(line);
}

size_t
backlog_add(struct backlog *b, const char *text, unsigned version)
{
	size_t len = strlen(text), lost = 0;
	char *copy = xcalloc(1, len + 2), *rest, *piece, *line;
	bool counts = version >= 90500;

	memcpy(copy, text, len);
	for (piece = strtok_r(copy, ";", &rest); piece != NULL;
	    piece = strtok_r(NULL, ";", &rest)) {
		if (counts)
			join_pieces(piece, &rest);
		line = skip_backlog(piece, version);
		if (*line == '\0' ||
		    (counts && strncasecmp(line, "Reset", 5) == 0))
			continue;
		if (has_room(b, version))
			add_line(b, line);
		else
			lost++;
	}
	free(copy);
	return lost;
}

char *
backlog_take(struct backlog *b)
{
	char *line;

	if (b->count == 0)
		return NULL;
	line = b->line[0];
	memmove(b->line, b->line + 1, --b->count * sizeof(b->line[0]));
	b->taken++;
	return line;
}

void
backlog_clear(struct backlog *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->line[i]);
	free(b->line);
	b->line = NULL;
	b->taken += b->count;
	b->count = 0;
}
