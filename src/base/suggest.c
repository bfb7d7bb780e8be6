/* SPDX-License-Identifier: ISC */
/* Finds the word that a mistyped one was meant to be, for "did you mean". */
#include "config.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"

static bool
is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t min = a < b ? a : b;

	return min < c ? min : c;
}

/*
 * Return the distance by optimal string alignment: row i of the table is for
 * the first i characters of a.
 */
size_t
suggest_distance(const char *a, const char *b)
{
	size_t table[SUGGEST_MAX + 1][SUGGEST_MAX + 1];
	size_t rows = strnlen(a, SUGGEST_MAX),
	       columns = strnlen(b, SUGGEST_MAX);

	for (size_t j = 0; j <= columns; j++)
		table[0][j] = j;
	for (size_t i = 1; i <= rows; i++) {
		table[i][0] = i;
		for (size_t j = 1; j <= columns; j++) {
			size_t wrong = !is_same(a[i - 1], b[j - 1]);

			table[i][j] = least(table[i - 1][j] + 1,
			    table[i][j - 1] + 1, table[i - 1][j - 1] + wrong);
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
			    is_same(a[i - 2], b[j - 1]))
				table[i][j] = least(table[i][j],
				    table[i - 2][j - 2] + 1, SIZE_MAX);
		}
	}
	return table[rows][columns];
}

size_t
suggest_words(const char *typed, const char *const words[], size_t count,
    const char *found[], size_t max)
{
	size_t allowed = strlen(typed) / 3, best, fits = 0;

	if (allowed < 2)
		allowed = 2;
	best = allowed;
	for (size_t i = 0; i < count; i++) {
		size_t distance = suggest_distance(typed, words[i]);

		/* With as many slips as letters any word would fit. */
		if (distance >= strlen(typed) || distance > best)
			continue;
		if (distance < best)
			fits = 0;
		best = distance;
		if (fits < max)
			found[fits] = words[i];
		fits++;
	}
	return fits;
}

const char *
suggest_word(const char *typed, const char *const words[], size_t count)
{
	const char *found = NULL;

	return suggest_words(typed, words, count, &found, 1) == 1 ? found
								  : NULL;
}

size_t
suggest_complete(
    const char *typed, const char *const words[], size_t count, size_t *found)
{
	size_t len = strlen(typed), fits = 0;

	for (size_t i = 0; i < count; i++) {
		if (strncasecmp(words[i], typed, len) != 0)
			continue;
		*found = i;
		if (words[i][len] == '\0')
			return 1;
		fits++;
	}
	return fits;
}
