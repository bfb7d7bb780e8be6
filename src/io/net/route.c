/* SPDX-License-Identifier: ISC */
/* Asks the kernel for addresses and routes, and when they change. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/net/route.h"

#define ROUTES "/proc/self/net/route"

/*
 * Find the local address of a route by connecting a datagram socket, which
 * looks up the route but sends nothing.
 */
bool
route_local_address(struct in_addr to, struct in_addr *local, struct error *err)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = to
	};
	socklen_t len = sizeof(name);
	char ip[INET_ADDRSTRLEN];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int code = 0;

	if (fd == -1)
		return error_errno(err, errno, "socket");
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) == -1)
		code = errno;
	close(fd);
	if (code != 0)
		return error_errno(err, code, "no route to %s",
		    inet_ntop(AF_INET, &to, ip, sizeof(ip)));
	*local = name.sin_addr;
	return true;
}

void
route_way(struct in_addr to, struct address_way *way)
{
	struct error err;

	way->is_there = route_local_address(to, &way->local, &err);
	way->is_known = way->is_there || err.code == ENETUNREACH ||
	    err.code == EHOSTUNREACH || err.code == ENETDOWN ||
	    err.code == EADDRNOTAVAIL || err.code == EACCES ||
	    err.code == EINVAL; /* a blackhole */
}

static struct in_addr
address_of(const struct sockaddr *name)
{
	struct sockaddr_in in;

	memcpy(&in, name, sizeof(in));
	return in.sin_addr;
}

static void
add_own(struct address_facts *facts, const struct ifaddrs *from)
{
	struct address_own *own;

	facts->own =
	    xrealloc(facts->own, facts->own_count + 1, sizeof(*facts->own));
	own = &facts->own[facts->own_count++];
	own->address = address_of(from->ifa_addr);
	own->netmask.s_addr = INADDR_NONE;
	if (from->ifa_netmask != NULL)
		own->netmask = address_of(from->ifa_netmask);
	/* The label "eth0:1" names an address of the interface eth0. */
	snprintf(own->interface, sizeof(own->interface), "%.*s",
	    (int)strcspn(from->ifa_name, ":"), from->ifa_name);
	own->is_running = (from->ifa_flags & IFF_UP) != 0 &&
	    (from->ifa_flags & IFF_RUNNING) != 0;
	own->is_off = (from->ifa_flags & IFF_UP) == 0;
}

static bool
load_own(struct address_facts *facts, struct error *err)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) == -1)
		return error_errno(err, errno, "own addresses");
	for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
		if (one->ifa_addr != NULL &&
		    one->ifa_addr->sa_family == AF_INET)
			add_own(facts, one);
	freeifaddrs(all);
	return true;
}

static void
add_gateway(struct address_facts *facts, const char *line)
{
	struct in_addr gateway = { 0 };
	unsigned flags;

	/* Addresses are in hex as they lie in memory: in network byte order. */
	if (sscanf(line, "%*s %*x %x %x", &gateway.s_addr, &flags) != 2 ||
	    (flags & RTF_GATEWAY) == 0 || gateway.s_addr == 0)
		return;
	facts->gateways = xrealloc(facts->gateways, facts->gateway_count + 1,
	    sizeof(*facts->gateways));
	facts->gateways[facts->gateway_count++] = gateway;
}

static bool
load_gateways(struct address_facts *facts, struct error *err)
{
	FILE *file = fopen(ROUTES, "re");
	char line[256];
	bool ok;

	if (file == NULL && errno == ENOENT)
		return error_set(err, ENOENT,
		    "%s is missing, so that reflashd does not know the "
		    "networks of this machine and asks no device but those of "
		    "AllowNetworks=; mount /proc (mount -t proc proc /proc)",
		    ROUTES);
	if (file == NULL)
		return error_errno(err, errno, "%s", ROUTES);
	while (fgets(line, sizeof(line), file) != NULL)
		add_gateway(facts, line);
	ok = !ferror(file) || error_errno(err, errno, "%s", ROUTES);
	fclose(file);
	return ok;
}

/* Open a socket that reports each change of addresses and routes, or -1. */
static int
listen_for_changes(void)
{
	const struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK,
		.nl_groups =
		    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE,
	};
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&groups, sizeof(groups)) == 0)
		return fd;
	close(fd);
	return -1;
}

int
route_fd(void)
{
	static int fd = -1; /* for as long as we live */

	if (fd == -1)
		fd = listen_for_changes();
	return fd;
}

/*
 * Read all waiting reports.  Returns true if there were any.  Reports that did
 * not fit (ENOBUFS) and any other error count as a change, too.
 */
static bool
drain(int fd)
{
	bool any = false;
	char ignored;

	while (recv(fd, &ignored, sizeof(ignored), 0) >= 0 ||
	    errno == ENOBUFS || errno == EINTR)
		any = true;
	return any || errno != EAGAIN;
}

bool
route_changed(void)
{
	static bool is_asked;
	bool was_asked = is_asked;

	is_asked = true;
	if (route_fd() == -1)
		return true;
	return drain(route_fd()) || !was_asked;
}

bool
route_load(struct address_facts *facts, struct error *err)
{
	*facts = (struct address_facts){ 0 };
	if (load_own(facts, err) && load_gateways(facts, err))
		return true;
	route_fini(facts);
	return false;
}

void
route_fini(struct address_facts *facts)
{
	free(facts->own);
	free(facts->gateways);
	*facts = (struct address_facts){ 0 };
}
