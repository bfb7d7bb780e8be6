/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/net/neigh.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/subnet.h"

/* A network that has been swept. */
struct swept {
	uint32_t first;
	uint64_t when_ms;
	struct swept *next;
};

struct subnet {
	struct swept *list; /* owned */
};

struct subnet *
subnet_new(void)
{
	return xcalloc(1, sizeof(struct subnet));
}

void
subnet_free(struct subnet *subnet)
{
	struct swept *swept, *next;

	if (subnet == NULL)
		return;
	LL_FOREACH_SAFE(subnet->list, swept, next)
	free(swept);
	free(subnet);
}

static struct swept *
get(struct subnet *subnet, uint32_t first)
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
subnet_sweep(struct daemon *daemon, struct in_addr address, uint64_t ms)
{
	uint64_t now = clock_now_ms();
	struct swept *swept;
	uint32_t first, last;

	if (!reachable_neighbours(daemon->reachable, address, &first, &last))
		return false;
	swept = get(daemon->around, first);
	if (swept->when_ms != 0 && now < swept->when_ms + ms)
		return false;
	swept->when_ms = now;
	neigh_sweep(first, last, may_contact, daemon->reachable);
	return true;
}

void
subnet_ask(struct daemon *daemon, struct in_addr address)
{
	const struct timeval answer = { SUBNET_ANSWER_SEC, 0 };
	uint32_t host = ntohl(address.s_addr);

	neigh_sweep(host, host, may_contact, daemon->reachable);
	evtimer_add(daemon->swept, &answer);
}
