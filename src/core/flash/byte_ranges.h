/* SPDX-License-Identifier: ISC */
/*
 * byte_ranges -- which bytes of a file have been handed over, whatever the
 * order and however often.
 *
 * The ranges never claim a byte that was not added.  At most
 * BYTE_RANGES_MAX_PIECES separate pieces are kept: of a client that jumps about
 * more than that, fewer bytes are remembered than it fetched.
 */
#ifndef REFLASHD_BYTE_RANGES_H
#define REFLASHD_BYTE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTE_RANGES_MAX_PIECES 256

struct byte_ranges_piece {
	uint64_t first;
	uint64_t end; /* one after the last byte */
};

/* Initialize with = {0}; nothing else is needed. */
struct byte_ranges {
	struct byte_ranges_piece
	    *piece; /* owned; ascending, with gaps between */
	size_t count;
	size_t room;
};

void byte_ranges_fini(struct byte_ranges *); /* empty, and usable again */

/* Add a range.  A range that would not end in a uint64_t is cut there. */
void byte_ranges_add(struct byte_ranges *, uint64_t first, uint64_t len);

/* Return how many different bytes were added so far, for a progress bar. */
uint64_t byte_ranges_bytes(const struct byte_ranges *);

/* Return true if every byte of a file of that size (not 0) was added. */
bool byte_ranges_is_whole(const struct byte_ranges *, uint64_t total);

#endif
