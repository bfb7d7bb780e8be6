/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/backlog.h"

/* The length up to the semicolon that ends the command. */
static size_t
span(const char *text)
{
	size_t i = 0;
	int depth = 0;

	for (; text[i] != '\0'; i++) {
		if (text[i] == '{')
			depth++;
		else if (text[i] == '}' && depth > 0)
			depth--;
		else if (text[i] == ';' && depth == 0)
			break;
	}
	return i;
}

/* False: no room. */
static bool
add_one(struct backlog *b, const char *text, size_t len)
{
	char *copy = xstrndup(text, len);
	const char *line = text_trim(copy);
	bool blank = line[0] == '\0', room = b->count < BACKLOG_MAX;

	if (!blank && room)
		b->line[b->count++] = xstrdup(line);
	free(copy);
	return blank || room;
}

size_t
backlog_add(struct backlog *b, const char *text)
{
	size_t lost = 0;

	for (;;) {
		size_t len = span(text);

		lost += !add_one(b, text, len);
		if (text[len] == '\0')
			return lost;
		text += len + 1;
	}
}

char *
backlog_take(struct backlog *b)
{
	char *line;

	if (b->count == 0)
		return NULL;
	line = b->line[0];
	memmove(b->line, b->line + 1, --b->count * sizeof(b->line[0]));
	return line;
}

void
backlog_fini(struct backlog *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->line[i]);
	b->count = 0;
}
