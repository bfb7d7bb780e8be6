/* SPDX-License-Identifier: ISC */
/* Puts real names in the place of the words that the tables have for them. */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/state/advice_words.h"

/* A word of the tables, and what stands for it. */
struct word {
	const char *word, *name;
};

static bool
is_inside_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '$';
}

/* Return true if this word begins at text[at], and ends with it. */
static bool
stands_at(const char *text, size_t at, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text + at, word, len) == 0 &&
	    (at == 0 || !is_inside_word(word[0]) ||
		!is_inside_word(text[at - 1])) &&
	    (!is_inside_word(word[len - 1]) || !is_inside_word(text[at + len]));
}

/* Return the row for what stands at text[at], or NULL. */
static const struct word *
find_word(const struct word *rows, size_t count, const char *text, size_t at)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].name != NULL && rows[i].name[0] != '\0' &&
		    stands_at(text, at, rows[i].word))
			return &rows[i];
	return NULL;
}

char *
advice_fill(char *dst, size_t size, const char *advice,
    const struct advice_words *words)
{
	const struct word rows[] = { { "ID", words->device },
		{ "<id>", words->id }, { "ADDRESS", words->address },
		{ "POLICY", words->policy },
		{ "tasmota-...", words->access_point },
		{ "PORT", words->port } };
	size_t used = 0;

	for (size_t at = 0; advice[at] != '\0' && used + 1 < size;) {
		const struct word *row =
		    find_word(rows, sizeof(rows) / sizeof(rows[0]), advice, at);
		size_t room = size - used;
		int n = row != NULL
		    ? snprintf(dst + used, room, "%s", row->name)
		    : snprintf(dst + used, room, "%c", advice[at]);

		used += (size_t)n < room ? (size_t)n : room - 1;
		at += row != NULL ? strlen(row->word) : 1;
	}
	dst[used] = '\0';
	return dst;
}
