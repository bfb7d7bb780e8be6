/* SPDX-License-Identifier: ISC */
/*
 * Builds the virtual LAN from namespaces, with an interface for each device.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/lan/lan.h"
#include "sim/lan/netlink.h"

#define CABLE_SIM    "lan0"
#define CABLE_SERVER "eth0"

/* A locally administered MAC, for the machine that runs COMMAND. */
static const unsigned char server_mac[6] = { 0x02, 0x52, 0x46, 0, 0, 1 };

static bool
write_file(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);
	bool ok = fd >= 0 && write(fd, text, (size_t)len) == len;

	if (!ok)
		error_errno(err, errno, "%s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
enter_as_user(struct error *err)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "0 %u 1", (unsigned)geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return error_errno(err, errno, "a user namespace");
	/* user_namespaces(7): gid_map can be written once setgroups is off. */
	return write_file("/proc/self/setgroups", "deny", err) &&
	    write_file("/proc/self/uid_map", uids, err) &&
	    write_file("/proc/self/gid_map", gids, err);
}

bool
lan_enter(struct error *err)
{
	if (unshare(CLONE_NEWNET) == 0)
		return true;
	if (errno != EPERM)
		return error_errno(err, errno, "a network namespace");
	return enter_as_user(err);
}

void
lan_init(struct lan *lan, unsigned devices, bool loopback)
{
	bool many = devices > 100;

	*lan = (struct lan){ .loopback = loopback, .netlink = -1 };
	lan->prefix = loopback ? 8 : many ? 16 : 24;
	lan->server.s_addr = inet_addr(loopback ? "127.0.0.1"
		: many				? "10.77.0.1"
						: "192.168.77.1");
	lan->first = ntohl(lan->server.s_addr) +
	    (loopback	   ? 1
		    : many ? 255
			   : 9);
}

/*
 * All devices live in one namespace, so each interface has to answer for its
 * own address only (Documentation/networking/ip-sysctl.rst, arp_ignore).
 */
static bool
separate_interfaces(struct error *err)
{
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", err);
	return write_file("/proc/sys/net/ipv4/conf/all/arp_ignore", "1", err) &&
	    write_file("/proc/sys/net/ipv4/conf/all/arp_announce", "2", err) &&
	    write_file("/proc/sys/net/ipv4/conf/all/arp_notify", "1", err) &&
	    write_file("/proc/sys/net/ipv4/conf/all/rp_filter", "0", err) &&
	    write_file("/proc/sys/net/ipv4/conf/default/rp_filter", "0", err);
}

bool
lan_connect(struct lan *lan, pid_t server, struct error *err)
{
	if (lan->loopback)
		return true;
	if (!separate_interfaces(err))
		return false;
	lan->netlink = netlink_open(err);
	if (lan->netlink < 0 ||
	    !netlink_add_veth(
		lan->netlink, CABLE_SIM, CABLE_SERVER, server_mac, server, err))
		return false;
	lan->lower = if_nametoindex(CABLE_SIM);
	return netlink_set_link(
		   lan->netlink, if_nametoindex("lo"), true, err) &&
	    netlink_set_link(lan->netlink, lan->lower, true, err);
}

static bool
setup_routes(int nl, unsigned eth, struct error *err)
{
	struct in_addr none = { 0 }, group = { inet_addr("224.0.0.0") };

	/* The default route leads nowhere, but programs look for one. */
	return netlink_add_route(nl, eth, none, 0, none, err) &&
	    netlink_add_route(nl, eth, group, 4, none, err);
}

bool
lan_setup_server(const struct lan *lan, struct error *err)
{
	int nl = netlink_open(err);
	unsigned eth = if_nametoindex(CABLE_SERVER);
	bool ok;

	if (nl < 0)
		return false;
	ok = netlink_set_link(nl, if_nametoindex("lo"), true, err) &&
	    netlink_set_address(nl, eth, lan->server, lan->prefix, true, err) &&
	    netlink_set_link(nl, eth, true, err) && setup_routes(nl, eth, err);
	close(nl);
	return ok;
}

struct in_addr
lan_next_address(struct lan *lan)
{
	struct in_addr a = { htonl(lan->first + lan->handed++) };

	return a;
}

bool
lan_add_port(struct lan *lan, const unsigned char mac[6], struct lan_port *port,
    struct error *err)
{
	port->address = lan_next_address(lan);
	memcpy(port->mac, mac, 6);
	port->ifindex = 0;
	snprintf(port->name, sizeof(port->name), "d%u", lan->created++);
	if (lan->loopback)
		return true;
	if (!netlink_add_macvlan(
		lan->netlink, port->name, lan->lower, mac, err))
		return false;
	port->ifindex = if_nametoindex(port->name);
	return netlink_set_address(
	    lan->netlink, port->ifindex, port->address, lan->prefix, true, err);
}

/*
 * Enter the server and the group as permanent neighbours: a thousand devices
 * that look for them would fill the kernel's one table (gc_thresh3, 1024).
 */
static bool
know_neighbours(
    const struct lan *lan, const struct lan_port *port, struct error *err)
{
	static const unsigned char group_mac[6] = { 1, 0, 0x5e, 0, 0, 0xfb };
	struct in_addr group = { inet_addr("224.0.0.251") };

	return netlink_add_neighbour(
		   lan->netlink, port->ifindex, lan->server, server_mac, err) &&
	    netlink_add_neighbour(
		lan->netlink, port->ifindex, group, group_mac, err);
}

bool
lan_set_up(
    struct lan *lan, const struct lan_port *port, bool up, struct error *err)
{
	if (lan->loopback)
		return true;
	return netlink_set_link(lan->netlink, port->ifindex, up, err) &&
	    (!up || know_neighbours(lan, port, err));
}

bool
lan_repeat(struct lan *lan, const struct lan_port *port, bool repeated,
    struct error *err)
{
	unsigned char mac[6];

	if (lan->loopback)
		return true;
	memcpy(mac, port->mac, sizeof(mac));
	if (repeated)
		mac[0] ^= 2; /* locally administered */
	return netlink_set_mac(lan->netlink, port->ifindex, mac, err);
}

bool
lan_move(struct lan *lan, struct lan_port *port, struct in_addr to,
    struct error *err)
{
	if (!lan_set_up(lan, port, false, err))
		return false;
	if (!lan->loopback &&
	    (!netlink_set_address(lan->netlink, port->ifindex, port->address,
		 lan->prefix, false, err) ||
		!netlink_set_address(
		    lan->netlink, port->ifindex, to, lan->prefix, true, err)))
		return false;
	port->address = to;
	return true;
}

int
lan_socket(
    const struct lan_port *at, int type, uint16_t port, struct error *err)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = at->address };
	int one = 1;
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    (at->ifindex == 0 ||
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, at->name,
		    (socklen_t)strlen(at->name)) == 0) &&
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
		return fd;
	error_errno(err, errno, "%s port %u", inet_ntoa(at->address), port);
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
lan_plug(struct lan *lan, bool in, struct error *err)
{
	if (lan->loopback)
		return error_set(err, ENOTSUP, "there is no cable");
	return netlink_set_link(lan->netlink, lan->lower, in, err);
}

void
lan_close(struct lan *lan)
{
	if (lan->netlink >= 0)
		close(lan->netlink);
	lan->netlink = -1;
}

/* In a child, make the smallest LAN, with both ends in one namespace. */
static bool
try_all(struct error *err)
{
	static const unsigned char mac[6] = { 0x5c, 0xcf, 0x7f, 0, 0, 1 };
	struct lan_port port;
	struct lan lan;

	lan_init(&lan, 1, false);
	return lan_enter(err) && lan_connect(&lan, getpid(), err) &&
	    lan_setup_server(&lan, err) &&
	    lan_add_port(&lan, mac, &port, err) &&
	    lan_set_up(&lan, &port, true, err);
}

bool
lan_probe(struct error *err)
{
	struct error found = { 0 };
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return error_errno(err, errno, "a process");
	if (pid == 0) {
		bool ok = try_all(&found);

		if (!ok && write(ends[1], &found, sizeof(found)) > 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &found, sizeof(found)) < 0)
		found.code = errno;
	close(ends[0]);
	if (waitpid(pid, &status, 0) == pid && status == 0)
		return true;
	*err = found;
	return false;
}
