/* SPDX-License-Identifier: ISC */
/*
 * overlap -- what two parts of [Match] have in common: is there anything at all
 * that fits, and does one fit whatever the other one does?
 *
 * Where that cannot be told for certain, "covers" is false and "possible" true:
 * what is said by it are only doubts.
 */
#ifndef REFLASHD_OVERLAP_H
#define REFLASHD_OVERLAP_H

#include "core/config/match.h"

/* Can the pattern fit any id of so many hexadecimal digits that begins so? */
bool
overlap_id_possible(const char *pattern, const char *start, unsigned digits);

/* Is there anything left of the words that none of them takes out again? */
bool overlap_words_possible(const struct strlist *);
bool overlap_words_cover(const struct strlist *, const struct strlist *inner);

/* Is there a version within [from, to) that fits? */
bool overlap_versions_within(
    const struct match_versions *, const char *from, const char *to);
bool overlap_versions_cover(
    const struct match_versions *, const struct match_versions *inner);

/* Is there an address that is in both? */
bool overlap_nets_meet(const struct match_nets *, const struct match_nets *);
bool
overlap_nets_cover(const struct match_nets *, const struct match_nets *inner);

#endif
