/* SPDX-License-Identifier: ISC */
/* Finds the word that a person meant, for verbs, options, ids and policies. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "reflashctl/ctl.h"
#include "reflashctl/out/term.h"
#include "reflashctl/word_match.h"

#define MAX_LISTED    10 /* words that are named */
#define MAX_SUGGESTED 5

/* Join "one, two or three", with last before the last word; yours. */
static char *
join_words(const char *const words[], size_t count, const char *last)
{
	char *text = NULL, *clean;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out != NULL && i < count; i++)
		fprintf(out, "%s%s",
		    i == 0		 ? ""
			: i == count - 1 ? last
					 : ", ",
		    words[i]);
	if (out != NULL)
		fclose(out);
	clean = term_text(text);
	free(text);
	return clean;
}

static void
tell_ambiguous(const struct word_match *kind, const char *typed,
    const char *const words[], size_t count)
{
	const char *fits[MAX_LISTED] = { 0 };
	size_t n = 0;
	char *list;

	for (size_t i = 0; i < count; i++) {
		if (strncasecmp(words[i], typed, strlen(typed)) != 0)
			continue;
		if (n < MAX_LISTED)
			fits[n] = words[i];
		n++;
	}
	list = join_words(fits, n < MAX_LISTED ? n : MAX_LISTED, ", ");
	if (n > MAX_LISTED)
		complain("%s matches %zu %s: %s and %zu more", typed, n,
		    kind->nouns, list, n - MAX_LISTED);
	else
		complain("%s matches %zu %s: %s", typed, n, kind->nouns, list);
	free(list);
}

static void
tell_unknown(const struct word_match *kind, const char *typed,
    const char *const words[], size_t count)
{
	const char *close[MAX_SUGGESTED];
	size_t n = suggest_words(typed, words, count, close, MAX_SUGGESTED);
	char *list;

	if ((n == 0 || n > MAX_SUGGESTED) && kind->look == NULL) {
		list = join_words(words, count, " and ");
		complain(
		    "%s: no such %s; there are: %s", typed, kind->noun, list);
		free(list);
		return;
	}
	if (n == 0 || n > MAX_SUGGESTED) {
		complain(
		    "%s: no such %s; see: %s", typed, kind->noun, kind->look);
		return;
	}
	list = join_words(close, n, " or ");
	complain("%s: no such %s; did you mean %s?", typed, kind->noun, list);
	free(list);
}

bool
word_match_find(const struct word_match *kind, const char *typed,
    const char *const words[], size_t count, size_t *found)
{
	size_t fits =
	    typed[0] != '\0' ? suggest_complete(typed, words, count, found) : 0;

	if (typed[0] == '\0')
		complain("the %s is empty%s%s", kind->noun,
		    kind->look != NULL ? "; see: " : "",
		    kind->look != NULL ? kind->look : "");
	else if (fits > 1)
		tell_ambiguous(kind, typed, words, count);
	else if (fits == 0)
		tell_unknown(kind, typed, words, count);
	return fits == 1;
}
