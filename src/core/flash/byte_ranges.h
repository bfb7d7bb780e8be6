/* SPDX-License-Identifier: ISC */
/*
 * byte_ranges -- which bytes of a file have been handed over, whatever the
 * order and however often.
 *
 * It never claims a byte that was not added.  A reader who jumps about so
 * much that more than BYTE_RANGES_MAX_PIECES islands would have to be kept is
 * told less than he fetched.
 */
#ifndef REFLASHD_BYTE_RANGES_H
#define REFLASHD_BYTE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTE_RANGES_MAX_PIECES 256

struct byte_ranges_piece {
	uint64_t first;
	uint64_t end; /* one behind the last byte */
};

/* Needs no init beyond = {0}. */
struct byte_ranges {
	struct byte_ranges_piece
	    *piece; /* owned; ascending, with gaps between */
	size_t count;
	size_t room;
};

void byte_ranges_fini(struct byte_ranges *); /* empty, and usable again */

/* A range that would not end in a uint64_t is cut there. */
void byte_ranges_add(struct byte_ranges *, uint64_t first, uint64_t len);

/* Different bytes so far: what a progress bar shows. */
uint64_t byte_ranges_bytes(const struct byte_ranges *);

/* Every byte of a file of that size; a file of no bytes is never whole. */
bool byte_ranges_is_whole(const struct byte_ranges *, uint64_t total);

#endif
