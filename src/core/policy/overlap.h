/* SPDX-License-Identifier: ISC */
/*
 * overlap -- what two parts of [Match] have in common: is there anything at all
 * that fits, and does one fit everything that the other one fits?
 *
 * Where that cannot be told for certain, "covers" is false and "possible" true:
 * the answers serve only for warnings.
 */
#ifndef REFLASHD_OVERLAP_H
#define REFLASHD_OVERLAP_H

#include "base/strlist.h"
#include "core/config/network.h"
#include "core/config/version.h"

/* Return true if the pattern can fit an id of `len` digits with that start. */
bool
overlap_id_possible(const char *pattern, const char *start, unsigned digits);

/*
 * ..._possible: return true if a word of the list is left over after its
 * exclusions.  ..._cover: return true if the list fits all that inner fits.
 */
bool overlap_words_possible(const struct strlist *);
bool overlap_words_cover(const struct strlist *, const struct strlist *inner);

/* Return true if a version within [from, to) fits. */
bool overlap_versions_within(
    const struct versions *, const char *from, const char *to);
bool
overlap_versions_cover(const struct versions *, const struct versions *inner);

/* Return true if an address is in both lists. */
bool overlap_nets_meet(const struct networks *, const struct networks *);
bool overlap_nets_cover(const struct networks *, const struct networks *inner);

#endif
