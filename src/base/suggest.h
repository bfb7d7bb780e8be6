/* SPDX-License-Identifier: ISC */
/*
 * suggest -- "did you mean": the word that a mistyped one was meant to be.
 */
#ifndef REFLASHD_SUGGEST_H
#define REFLASHD_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Return how many single-character slips (one missing, one too many, one wrong,
 * two swapped) lie between two words; case does not count.  Words longer than
 * SUGGEST_MAX are compared by their first SUGGEST_MAX characters.
 */
#define SUGGEST_MAX 32
size_t suggest_distance(const char *, const char *);

/*
 * Return the closest of the words, or NULL if none is close enough to be meant:
 * one slip for each three characters, two at least.  A tie is no suggestion.
 */
const char *
suggest_word(const char *typed, const char *const words[], size_t count);

/* Find the closest words.  Returns how many; found has the first max. */
size_t suggest_words(const char *typed, const char *const words[], size_t count,
    const char *found[], size_t max);

/*
 * Return how many of the words start with typed (case does not count); *found
 * is one of them.  A word that is typed in full counts alone.
 */
size_t suggest_complete(
    const char *typed, const char *const words[], size_t count, size_t *found);

#endif
