/* SPDX-License-Identifier: ISC */
/*
 * Remembers which byte ranges of an image a device has fetched, so that the job
 * knows when it has all of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/flash/byte_ranges.h"

void
byte_ranges_fini(struct byte_ranges *cov)
{
	free(cov->piece);
	*cov = (struct byte_ranges){ 0 };
}

static void
insert(struct byte_ranges *cov, size_t at, struct byte_ranges_piece new)
{
	if (cov->count == BYTE_RANGES_MAX_PIECES)
		return;
	if (cov->count == cov->room) {
		cov->room = cov->room == 0 ? 4 : cov->room * 2;
		cov->piece =
		    xrealloc(cov->piece, cov->room, sizeof(*cov->piece));
	}
	memmove(&cov->piece[at + 1], &cov->piece[at],
	    (cov->count - at) * sizeof(*cov->piece));
	cov->piece[at] = new;
	cov->count++;
}

/* Replace the pieces [from, to), each of which touches `new`, by one. */
static void
merge(struct byte_ranges *cov, size_t from, size_t to,
    struct byte_ranges_piece new)
{
	if (cov->piece[from].first < new.first)
		new.first = cov->piece[from].first;
	if (cov->piece[to - 1].end > new.end)
		new.end = cov->piece[to - 1].end;
	cov->piece[from] = new;
	memmove(&cov->piece[from + 1], &cov->piece[to],
	    (cov->count - to) * sizeof(*cov->piece));
	cov->count -= to - from - 1;
}

void
byte_ranges_add(struct byte_ranges *cov, uint64_t first, uint64_t len)
{
	struct byte_ranges_piece new = { first, first + len };
	size_t from, to;

	if (new.end < first)
		new.end = UINT64_MAX;
	if (new.end == first)
		return;
	for (from = 0; from < cov->count && cov->piece[from].end < first;)
		from++;
	for (to = from; to < cov->count && cov->piece[to].first <= new.end;)
		to++;
	if (from == to)
		insert(cov, from, new);
	else
		merge(cov, from, to, new);
}

uint64_t
byte_ranges_bytes(const struct byte_ranges *cov)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < cov->count; i++)
		sum += cov->piece[i].end - cov->piece[i].first;
	return sum;
}

bool
byte_ranges_is_whole(const struct byte_ranges *cov, uint64_t total)
{
	return total > 0 && cov->count > 0 && cov->piece[0].first == 0 &&
	    cov->piece[0].end >= total;
}
