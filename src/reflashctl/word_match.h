/* SPDX-License-Identifier: ISC */
/*
 * word_match -- the known word that a person has typed, or its start, or
 * misspelled.
 */
#ifndef REFLASHD_REFLASHCTL_WORD_MATCH_H
#define REFLASHD_REFLASHCTL_WORD_MATCH_H

#include <stdbool.h>
#include <stddef.h>

struct word_match {
	const char *noun, *nouns; /* "device", "devices" */
	/* Where they are listed: "reflashctl devices"; NULL: list them here. */
	const char *look;
};

/*
 * Find the word that is typed, or the only one that starts so.  On false, which
 * words it could be, or was meant to be, is printed on stderr.
 */
bool word_match_find(const struct word_match *, const char *typed,
    const char *const words[], size_t count, size_t *found);

#endif
