/* SPDX-License-Identifier: ISC */
/*
 * Sweeps the network around an address, so that the kernel learns the MACs
 * there, and remembers which networks were swept, and when.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/net/neigh.h"
#include "io/timer.h"
#include "reflashd/net/reachable.h"
#include "reflashd/net/subnet.h"

/* The kernel asks each address three times, a second apart. */
#define ANSWER_MS 4000

/* When a network was swept last. */
struct swept {
	uint32_t first;
	uint64_t when_ms;
	struct swept *next;
};

struct subnet {
	struct subnet_parts parts;
	struct timer *answers; /* owned */
	struct swept *list;    /* owned */
};

static void
on_answers(void *ctx)
{
	struct subnet *subnet = ctx;

	subnet->parts.answered(subnet->parts.ctx);
}

struct subnet *
subnet_new(const struct subnet_parts *parts)
{
	struct subnet *subnet = xcalloc(1, sizeof(*subnet));

	subnet->parts = *parts;
	subnet->answers = timer_new(parts->base, on_answers, subnet);
	return subnet;
}

void
subnet_free(struct subnet *subnet)
{
	struct swept *swept, *next;

	if (subnet == NULL)
		return;
	LL_FOREACH_SAFE(subnet->list, swept, next)
	free(swept);
	timer_free(subnet->answers);
	free(subnet);
}

static struct swept *
find_swept(struct subnet *subnet, uint32_t first)
{
	struct swept *swept;

	LL_FOREACH(subnet->list, swept)
	if (swept->first == first)
		return swept;
	swept = xcalloc(1, sizeof(*swept));
	swept->first = first;
	LL_PREPEND(subnet->list, swept);
	return swept;
}

static bool
may_contact(struct in_addr address, void *ctx)
{
	return reachable_why_not(ctx, address, NULL) == NULL;
}

bool
subnet_sweep(struct subnet *subnet, struct in_addr address, uint64_t ms)
{
	struct reachable *reachable = subnet->parts.reachable;
	uint64_t now = clock_now_ms();
	struct swept *swept;
	uint32_t first, last;

	if (!reachable_neighbours(reachable, address, &first, &last))
		return false;
	swept = find_swept(subnet, first);
	if (swept->when_ms != 0 && now < swept->when_ms + ms)
		return false;
	swept->when_ms = now;
	neigh_sweep(first, last, may_contact, reachable);
	return true;
}

void
subnet_tell(struct subnet *subnet)
{
	timer_set(subnet->answers, ANSWER_MS);
}

void
subnet_ask(struct subnet *subnet, struct in_addr address)
{
	uint32_t host = ntohl(address.s_addr);

	neigh_sweep(host, host, may_contact, subnet->parts.reachable);
	subnet_tell(subnet);
}
