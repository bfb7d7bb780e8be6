/* SPDX-License-Identifier: ISC */
/*
 * Reads the kernel's neighbour table over netlink to find which MAC has which
 * address, and makes the kernel ask for more.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/net/neigh.h"

#define MAC_LEN 6
#define REACHED                                                                \
	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)
#define DUMP_SIZE                                                              \
	32768 /* the kernel fills one buffer at a time, up to this             \
	       */

typedef void visit_fn(const struct neigh *, void *ctx);

struct walk {
	visit_fn *visit;
	void *ctx;
	const struct in_addr *only; /* NULL: every one */
};

static bool
ask(int fd, struct error *err)
{
	struct {
		struct nlmsghdr head;
		struct ndmsg body;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
		    .nlmsg_type = RTM_GETNEIGH,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .ndm_family = AF_INET },
	};

	if (send(fd, &request, sizeof(request), 0) == -1)
		return error_errno(err, errno, "neighbour table");
	return true;
}

static void
read_mac(const unsigned char *raw, char mac[NEIGH_MAC_SIZE])
{
	static const unsigned char none[MAC_LEN];

	if (memcmp(raw, none, MAC_LEN) != 0)
		snprintf(mac, NEIGH_MAC_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x",
		    raw[0], raw[1], raw[2], raw[3], raw[4], raw[5]);
}

static void
read_neighbour(struct nlmsghdr *msg, const struct walk *walk)
{
	struct ndmsg *body = NLMSG_DATA(msg);
	struct rtattr *attr = (struct rtattr *)(body + 1);
	unsigned left = NLMSG_PAYLOAD(msg, sizeof(*body));
	const unsigned char *mac = NULL;
	struct neigh found = { .stale = body->ndm_state == NUD_STALE };

	if (body->ndm_family != AF_INET || (body->ndm_state & REACHED) == 0)
		return;
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		if (attr->rta_type == NDA_DST &&
		    RTA_PAYLOAD(attr) == sizeof(found.address))
			memcpy(&found.address, RTA_DATA(attr),
			    sizeof(found.address));
		else if (attr->rta_type == NDA_LLADDR &&
		    RTA_PAYLOAD(attr) == MAC_LEN)
			mac = RTA_DATA(attr);
	}
	/* The address first: formatting the MAC takes longest. */
	if (mac == NULL ||
	    (walk->only != NULL && walk->only->s_addr != found.address.s_addr))
		return;
	read_mac(mac, found.mac);
	if (found.mac[0] != '\0')
		walk->visit(&found, walk->ctx);
}

/* Read one buffer of the dump; *more becomes false after the last. */
static bool
read_part(int fd, const struct walk *walk, bool *more, struct error *err)
{
	_Alignas(struct nlmsghdr) char part[DUMP_SIZE];
	struct nlmsghdr *msg = (struct nlmsghdr *)part;
	ssize_t n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
	unsigned left = n > 0 ? (unsigned)n : 0;

	if (n == -1)
		return error_errno(err, errno, "neighbour table");
	for (; NLMSG_OK(msg, left); msg = NLMSG_NEXT(msg, left)) {
		if (msg->nlmsg_type == NLMSG_ERROR)
			return error_set(err, EIO, "neighbour table: refused");
		if (msg->nlmsg_type == NLMSG_DONE) {
			*more = false;
			return true;
		}
		if (msg->nlmsg_type == RTM_NEWNEIGH)
			read_neighbour(msg, walk);
	}
	return true;
}

/*
 * Read the whole table.  This never waits: the kernel writes each part when the
 * one before is read.
 */
static bool
walk_table(const struct walk *walk, struct error *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	bool more = true, ok;

	if (fd == -1)
		return error_errno(err, errno, "neighbour table");
	ok = ask(fd, err);
	while (ok && more)
		ok = read_part(fd, walk, &more, err);
	close(fd);
	return ok;
}

struct choice {
	struct neigh best;
	bool torn; /* between two that are as good */
};

static void
choose(const struct neigh *found, void *ctx)
{
	struct choice *choice = ctx;
	struct neigh *best = &choice->best;

	if (best->mac[0] == '\0' || (best->stale && !found->stale))
		*choice = (struct choice){ .best = *found };
	else if (best->stale == found->stale &&
	    strcmp(best->mac, found->mac) != 0)
		choice->torn = true;
}

bool
neigh_find_mac(
    struct in_addr address, char mac[NEIGH_MAC_SIZE], struct error *err)
{
	struct choice choice = { .torn = false };
	const struct walk walk = {
		.visit = choose, .ctx = &choice, .only = &address
	};
	char ip[INET_ADDRSTRLEN];

	mac[0] = '\0';
	if (!walk_table(&walk, err))
		return false;
	inet_ntop(AF_INET, &address, ip, sizeof(ip));
	if (choice.best.mac[0] == '\0')
		return error_set(
		    err, ENOENT, "%s: not in the neighbour table", ip);
	if (choice.torn)
		return error_set(
		    err, ENOENT, "%s: two MACs in the neighbour table", ip);
	memcpy(mac, choice.best.mac, sizeof(choice.best.mac));
	return true;
}

static void
add_row(const struct neigh *found, void *ctx)
{
	struct neigh_table *table = ctx;

	if (table->count == table->room) {
		table->room = table->room > 0 ? 2 * table->room : 64;
		table->rows =
		    xrealloc(table->rows, table->room, sizeof(*table->rows));
	}
	table->rows[table->count++] = *found;
}

static int
by_mac(const void *a, const void *b)
{
	return strcasecmp(
	    ((const struct neigh *)a)->mac, ((const struct neigh *)b)->mac);
}

bool
neigh_load(struct neigh_table *table, struct error *err)
{
	const struct walk walk = { .visit = add_row, .ctx = table };

	*table = (struct neigh_table){ 0 };
	if (!walk_table(&walk, err)) {
		neigh_fini(table);
		return false;
	}
	if (table->count > 0)
		qsort(table->rows, table->count, sizeof(*table->rows), by_mac);
	return true;
}

void
neigh_fini(struct neigh_table *table)
{
	free(table->rows);
	*table = (struct neigh_table){ 0 };
}

/* Return the first row that does not come before the MAC. */
static size_t
first_of(const struct neigh_table *table, const char *mac)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(table->rows[middle].mac, mac) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t
neigh_find_addresses(const struct neigh_table *table, const char *mac,
    struct in_addr *found, size_t max)
{
	size_t count = 0;

	for (size_t i = first_of(table, mac); i < table->count && count < max &&
	    strcasecmp(table->rows[i].mac, mac) == 0;
	    i++)
		found[count++] = table->rows[i].address;
	return count;
}

#define DISCARD_PORT 9 /* RFC 863; it may be closed */

void
neigh_sweep(uint32_t first, uint32_t last,
    bool (*may)(struct in_addr, void *ctx), void *ctx)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return;
	for (uint64_t host = first; host <= last; host++) {
		struct sockaddr_in to = {
			.sin_family = AF_INET,
			.sin_port = htons(DISCARD_PORT),
			.sin_addr.s_addr = htonl((uint32_t)host),
		};

		if (may(to.sin_addr, ctx))
			sendto(
			    fd, "", 0, 0, (struct sockaddr *)&to, sizeof(to));
	}
	close(fd);
}
