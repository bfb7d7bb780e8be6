/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/neigh.h"

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
	struct neigh found = { 0 };

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
	/* Writing a MAC takes longer than all the rest. */
	if (mac == NULL ||
	    (walk->only != NULL && walk->only->s_addr != found.address.s_addr))
		return;
	read_mac(mac, found.mac);
	if (found.mac[0] != '\0')
		walk->visit(&found, walk->ctx);
}

/* One buffer of the dump; *more is false behind the last. */
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

/* The kernel writes each part when the one before is read: no waiting. */
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

bool
neigh_walk(visit_fn *visit, void *ctx, struct error *err)
{
	return walk_table(&(struct walk){ .visit = visit, .ctx = ctx }, err);
}

static void
take_mac(const struct neigh *found, void *ctx)
{
	memcpy(ctx, found->mac, sizeof(found->mac));
}

bool
neigh_find_mac(
    struct in_addr address, char mac[NEIGH_MAC_SIZE], struct error *err)
{
	const struct walk walk = {
		.visit = take_mac, .ctx = mac, .only = &address
	};
	char ip[INET_ADDRSTRLEN];

	mac[0] = '\0';
	if (!walk_table(&walk, err)) {
		mac[0] = '\0';
		return false;
	}
	if (mac[0] == '\0')
		return error_set(err, ENOENT, "%s: not in the neighbour table",
		    inet_ntop(AF_INET, &address, ip, sizeof(ip)));
	return true;
}

struct search {
	const char *mac;
	struct in_addr *found;
	size_t max;
	size_t count;
};

static void
match_mac(const struct neigh *found, void *ctx)
{
	struct search *search = ctx;

	if (search->count < search->max &&
	    strcasecmp(found->mac, search->mac) == 0)
		search->found[search->count++] = found->address;
}

bool
neigh_find_addresses(const char *mac, struct in_addr *found, size_t max,
    size_t *count, struct error *err)
{
	struct search search = { .mac = mac, .found = found, .max = max };
	bool ok = neigh_walk(match_mac, &search, err);

	*count = search.count;
	return ok;
}
