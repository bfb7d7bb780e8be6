/* SPDX-License-Identifier: ISC */
/* Keeps for each network of a device whether this machine can reach it. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/memory.h"
#include "core/net/connectivity.h"

#define GUESS 24	 /* bits of a network behind a router */
#define HELD  UINT64_MAX /* its clock stands until the hold is released */

void
connectivity_fini(struct connectivity *connectivity)
{
	struct connectivity_net *net, *next;

	LL_FOREACH_SAFE(connectivity->nets, net, next)
	free(net);
	connectivity->nets = NULL;
}

/* Return the network of an address. bits must be at least 1. */
static struct in_addr
net_of(struct in_addr address, unsigned bits)
{
	uint32_t mask = UINT32_MAX << (32 - bits);

	return (struct in_addr){ htonl(ntohl(address.s_addr) & mask) };
}

struct connectivity_net *
connectivity_find(const struct connectivity *connectivity,
    struct in_addr address, unsigned prefix)
{
	unsigned bits = prefix > 0 ? prefix : GUESS;
	struct connectivity_net *net;

	LL_FOREACH(connectivity->nets, net)
	if (net->prefix == bits && net->is_routed == (prefix == 0) &&
	    net->net.s_addr == net_of(address, bits).s_addr)
		return net;
	return NULL;
}

unsigned
connectivity_prefix(
    const struct connectivity *connectivity, struct in_addr address)
{
	const struct connectivity_net *net;
	unsigned prefix = 0;

	LL_FOREACH(connectivity->nets, net)
	if (!net->is_routed && net->prefix > prefix &&
	    net->net.s_addr == net_of(address, net->prefix).s_addr)
		prefix = net->prefix;
	return prefix;
}

struct connectivity_net *
connectivity_add(
    struct connectivity *connectivity, struct in_addr address, unsigned prefix)
{
	struct connectivity_net *net = xcalloc(1, sizeof(*net));

	net->prefix = prefix > 0 ? prefix : GUESS;
	net->net = net_of(address, net->prefix);
	net->example = address;
	net->is_routed = prefix == 0;
	LL_PREPEND(connectivity->nets, net);
	return net;
}

char *
connectivity_name(const struct connectivity_net *net, char *dst, size_t size)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &net->net, text, sizeof(text));
	snprintf(dst, size, "%s/%u", text, net->prefix);
	return dst;
}

/* Return until when, at most now, the clock of the network has stood last. */
static uint64_t
stood_until(const struct connectivity_net *net, uint64_t now_ms)
{
	if (net->out_ms == 0)
		return 0;
	return net->why[0] == '\0' && net->settled_ms < now_ms ? net->settled_ms
							       : now_ms;
}

/* Return for how long the network was out of reach, and settled. */
static uint64_t
stood_ms(const struct connectivity_net *net, uint64_t now_ms)
{
	return net->lost_ms + (stood_until(net, now_ms) - net->out_ms);
}

uint64_t
connectivity_lost(const struct connectivity_net *net, uint64_t now_ms)
{
	return stood_ms(net, now_ms) + net->missed_alone_ms;
}

/* Stop the clock of the network from now on, even if it stood already. */
static void
stop_clock(struct connectivity_net *net, uint64_t now_ms)
{
	net->lost_ms = stood_ms(net, now_ms);
	net->out_ms = now_ms;
}

enum connectivity_news
connectivity_note(
    struct connectivity_net *net, const char *why, uint64_t now_ms)
{
	bool was_out = net->why[0] != '\0';

	if (why != NULL && !was_out)
		stop_clock(net, now_ms);
	else if (why == NULL && was_out)
		net->settled_ms = now_ms + CONNECTIVITY_SETTLE_MS;
	snprintf(net->why, sizeof(net->why), "%s", why != NULL ? why : "");
	if (why != NULL)
		memcpy(net->last, net->why, sizeof(net->last));
	if (was_out == (why != NULL))
		return CONNECTIVITY_SAME;
	return was_out ? CONNECTIVITY_BACK : CONNECTIVITY_OUT;
}

uint64_t
connectivity_outage_ms(const struct connectivity_net *net)
{
	return net->settled_ms - CONNECTIVITY_SETTLE_MS - net->out_ms;
}

void
connectivity_slept(struct connectivity *connectivity, uint64_t now_ms)
{
	struct connectivity_net *net;

	LL_FOREACH(connectivity->nets, net)
	if (net->why[0] == '\0') {
		stop_clock(net, now_ms);
		net->settled_ms = now_ms + CONNECTIVITY_SETTLE_MS;
	}
}

void
connectivity_missed(
    struct connectivity *connectivity, uint64_t due_ms, uint64_t now_ms)
{
	struct connectivity_net *net;

	if (due_ms < connectivity->missed_until_ms)
		due_ms = connectivity->missed_until_ms;
	connectivity->missed_until_ms = now_ms;
	if (due_ms >= now_ms)
		return;
	LL_FOREACH(connectivity->nets, net)
	{
		uint64_t stood = stood_until(net, now_ms);
		uint64_t from = due_ms > net->out_ms ? due_ms : net->out_ms;

		net->missed_ms += now_ms - due_ms;
		net->missed_alone_ms +=
		    now_ms - due_ms - (stood > from ? stood - from : 0);
	}
}

void
connectivity_hold(struct connectivity *connectivity, uint64_t now_ms)
{
	struct connectivity_net *net;

	LL_FOREACH(connectivity->nets, net)
	if (net->why[0] == '\0' && net->settled_ms != HELD) {
		stop_clock(net, now_ms);
		net->settled_ms = HELD;
	}
}

void
connectivity_release(struct connectivity *connectivity, uint64_t now_ms)
{
	struct connectivity_net *net;

	LL_FOREACH(connectivity->nets, net)
	if (net->settled_ms == HELD)
		net->settled_ms = now_ms + CONNECTIVITY_SETTLE_MS;
}

void
connectivity_heard(struct connectivity_clock *clock, uint64_t now_ms)
{
	clock->heard_ms = now_ms;
}

/*
 * Return for how long the clock has stood since it was last looked at.  What
 * settles does not matter to a device that was heard since; that nobody looked
 * for it does.
 */
static uint64_t
stood_since(const struct connectivity_clock *clock,
    const struct connectivity_net *net, uint64_t now_ms)
{
	uint64_t stood = stood_ms(net, now_ms) - clock->stood_ms;
	uint64_t before;

	if (net->why[0] != '\0' || net->settled_ms == 0 ||
	    clock->heard_ms < net->settled_ms - CONNECTIVITY_SETTLE_MS)
		return stood + (net->missed_alone_ms - clock->missed_alone_ms);
	before = clock->heard_ms > clock->last_ms
	    ? clock->heard_ms - clock->last_ms
	    : 0;
	return (stood < before ? stood : before) +
	    (net->missed_ms - clock->missed_ms);
}

uint64_t
connectivity_clock(struct connectivity_clock *clock,
    const struct connectivity_net *net, uint64_t now_ms)
{
	uint64_t passed = now_ms - clock->last_ms;

	if (net != NULL && clock->last_ms != 0 && net == clock->net) {
		uint64_t stood = stood_since(clock, net, now_ms);

		passed -= stood < passed ? stood : passed;
	}
	*clock = (struct connectivity_clock){ .net = net,
		.last_ms = now_ms,
		.value_ms = clock->value_ms + passed,
		.heard_ms = clock->heard_ms };
	if (net != NULL) {
		clock->stood_ms = stood_ms(net, now_ms);
		clock->missed_ms = net->missed_ms;
		clock->missed_alone_ms = net->missed_alone_ms;
	}
	return clock->value_ms;
}
