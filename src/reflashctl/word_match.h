/* SPDX-License-Identifier: ISC */
/*
 * word_match -- which of the words that there are a person has typed: one of
 * them, the start of one, or a slip.
 */
#ifndef REFLASHD_REFLASHCTL_WORD_MATCH_H
#define REFLASHD_REFLASHCTL_WORD_MATCH_H

#include <stdbool.h>
#include <stddef.h>

struct word_match {
	const char *noun, *nouns; /* "device", "devices" */
	const char *look; /* where they are listed: "reflashctl devices" */
};

/*
 * True with its index where typed is one of the words or only one of them
 * starts so.  Else tells on stderr which ones it could be, or may have been
 * meant.
 */
bool word_match_find(const struct word_match *, const char *typed,
    const char *const words[], size_t count, size_t *found);

#endif
