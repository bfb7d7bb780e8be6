/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/lan/netlink.h"

/* The kernel's 1000 drop ARP where a thousand devices are spoken to at once. */
#define BROADCAST_QUEUE 65536

/* A message under construction; no attribute here comes near the limit. */
struct message {
	struct nlmsghdr head;
	char body[1024];
};

int
netlink_open(struct error *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		error_errno(err, errno, "netlink");
	return fd;
}

static void *
append(struct message *m, size_t len)
{
	void *at = (char *)m + NLMSG_ALIGN(m->head.nlmsg_len);

	m->head.nlmsg_len =
	    (__u32)(NLMSG_ALIGN(m->head.nlmsg_len) + NLMSG_ALIGN(len));
	return at;
}

static void
begin(struct message *m, unsigned type, unsigned flags, const void *body,
    size_t len)
{
	memset(m, 0, sizeof(*m));
	m->head.nlmsg_len = NLMSG_HDRLEN;
	m->head.nlmsg_type = (__u16)type;
	m->head.nlmsg_flags = (__u16)(NLM_F_REQUEST | NLM_F_ACK | flags);
	memcpy(append(m, len), body, len);
}

static struct rtattr *
put(struct message *m, unsigned type, const void *data, size_t len)
{
	struct rtattr *a = append(m, RTA_LENGTH(len));

	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len > 0)
		memcpy(RTA_DATA(a), data, len);
	return a;
}

static void
put_text(struct message *m, unsigned type, const char *text)
{
	put(m, type, text, strlen(text) + 1);
}

/* Everything put since the attribute was begun is inside of it. */
static void
end_nest(struct message *m, struct rtattr *a)
{
	a->rta_len =
	    (unsigned short)((char *)m + m->head.nlmsg_len - (char *)a);
}

static bool
talk(int nl, struct message *m, struct error *err)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[2048];
	} answer;

	if (send(nl, m, m->head.nlmsg_len, 0) < 0)
		return error_errno(err, errno, "netlink");
	if (recv(nl, &answer, sizeof(answer), 0) <
	    (ssize_t)(NLMSG_HDRLEN + sizeof(answer.error)))
		return error_set(err, EIO, "netlink: short answer");
	if (answer.error.error != 0)
		return error_errno(err, -answer.error.error, "netlink");
	return true;
}

bool
netlink_add_veth(int nl, const char *name, const char *peer,
    const unsigned char peer_mac[6], pid_t pid, struct error *err)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct rtattr *link, *data, *other;
	struct message m;

	begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	put_text(&m, IFLA_IFNAME, name);
	link = put(&m, IFLA_LINKINFO, NULL, 0);
	put_text(&m, IFLA_INFO_KIND, "veth");
	data = put(&m, IFLA_INFO_DATA, NULL, 0);
	other = put(&m, VETH_INFO_PEER, NULL, 0);
	memcpy(append(&m, sizeof(info)), &info, sizeof(info));
	put_text(&m, IFLA_IFNAME, peer);
	put(&m, IFLA_ADDRESS, peer_mac, 6);
	put(&m, IFLA_NET_NS_PID, &pid, sizeof(pid));
	end_nest(&m, other);
	end_nest(&m, data);
	end_nest(&m, link);
	if (!talk(nl, &m, err))
		return error_prefix(err, "veth %s", name);
	return true;
}

bool
netlink_add_macvlan(int nl, const char *name, unsigned lower,
    const unsigned char mac[6], struct error *err)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	unsigned mode = MACVLAN_MODE_BRIDGE, queue = BROADCAST_QUEUE;
	struct rtattr *link, *data;
	struct message m;

	begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	put_text(&m, IFLA_IFNAME, name);
	put(&m, IFLA_ADDRESS, mac, 6);
	put(&m, IFLA_LINK, &lower, sizeof(lower));
	link = put(&m, IFLA_LINKINFO, NULL, 0);
	put_text(&m, IFLA_INFO_KIND, "macvlan");
	data = put(&m, IFLA_INFO_DATA, NULL, 0);
	put(&m, IFLA_MACVLAN_MODE, &mode, sizeof(mode));
	put(&m, IFLA_MACVLAN_BC_QUEUE_LEN, &queue, sizeof(queue));
	end_nest(&m, data);
	end_nest(&m, link);
	if (!talk(nl, &m, err))
		return error_prefix(err, "macvlan %s", name);
	return true;
}

bool
netlink_set_mac(
    int nl, unsigned ifindex, const unsigned char mac[6], struct error *err)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)ifindex,
	};
	struct message m;

	begin(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	put(&m, IFLA_ADDRESS, mac, 6);
	if (!talk(nl, &m, err))
		return error_prefix(err, "MAC of interface %u", ifindex);
	return true;
}

bool
netlink_set_link(int nl, unsigned ifindex, bool up, struct error *err)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)ifindex,
		.ifi_flags = up ? IFF_UP : 0,
		.ifi_change = IFF_UP,
	};
	struct message m;

	begin(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	if (!talk(nl, &m, err))
		return error_prefix(err, "interface %u", ifindex);
	return true;
}

bool
netlink_set_address(int nl, unsigned ifindex, struct in_addr address,
    unsigned prefix, bool add, struct error *err)
{
	struct ifaddrmsg info = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = (unsigned char)prefix,
		.ifa_index = ifindex,
	};
	struct message m;

	begin(&m, add ? RTM_NEWADDR : RTM_DELADDR,
	    add ? NLM_F_CREATE | NLM_F_EXCL : 0, &info, sizeof(info));
	put(&m, IFA_LOCAL, &address, sizeof(address));
	put(&m, IFA_ADDRESS, &address, sizeof(address));
	if (!talk(nl, &m, err))
		return error_prefix(err, "address of interface %u", ifindex);
	return true;
}

bool
netlink_add_route(int nl, unsigned ifindex, struct in_addr dst, unsigned prefix,
    struct in_addr via, struct error *err)
{
	struct rtmsg info = {
		.rtm_family = AF_INET,
		.rtm_dst_len = (unsigned char)prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope =
		    via.s_addr != 0 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct message m;

	begin(&m, RTM_NEWROUTE, NLM_F_CREATE, &info, sizeof(info));
	if (prefix > 0)
		put(&m, RTA_DST, &dst, sizeof(dst));
	if (via.s_addr != 0)
		put(&m, RTA_GATEWAY, &via, sizeof(via));
	put(&m, RTA_OIF, &ifindex, sizeof(ifindex));
	if (!talk(nl, &m, err))
		return error_prefix(err, "route");
	return true;
}

bool
netlink_add_neighbour(int nl, unsigned ifindex, struct in_addr address,
    const unsigned char mac[6], struct error *err)
{
	struct ndmsg info = {
		.ndm_family = AF_INET,
		.ndm_ifindex = (int)ifindex,
		.ndm_state = NUD_PERMANENT,
	};
	struct message m;

	begin(&m, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &info,
	    sizeof(info));
	put(&m, NDA_DST, &address, sizeof(address));
	put(&m, NDA_LLADDR, mac, 6);
	if (!talk(nl, &m, err))
		return error_prefix(err, "neighbour");
	return true;
}
