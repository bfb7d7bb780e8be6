/* SPDX-License-Identifier: ISC */
/* Configures interfaces, addresses and routes by netlink, for lan.c. */
#include "config.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "sim/lan/netlink.h"

/* With the default of 1000, ARP requests to a thousand devices get lost. */
#define BROADCAST_QUEUE 65536

/* A message that is being written; no message here comes near the limit. */
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
append_room(struct message *m, size_t len)
{
	void *at = (char *)m + NLMSG_ALIGN(m->head.nlmsg_len);

	m->head.nlmsg_len =
	    (__u32)(NLMSG_ALIGN(m->head.nlmsg_len) + NLMSG_ALIGN(len));
	return at;
}

static void
begin_message(struct message *m, unsigned type, unsigned flags,
    const void *body, size_t len)
{
	memset(m, 0, sizeof(*m));
	m->head.nlmsg_len = NLMSG_HDRLEN;
	m->head.nlmsg_type = (__u16)type;
	m->head.nlmsg_flags = (__u16)(NLM_F_REQUEST | NLM_F_ACK | flags);
	memcpy(append_room(m, len), body, len);
}

static struct rtattr *
put_attribute(struct message *m, unsigned type, const void *data, size_t len)
{
	struct rtattr *a = append_room(m, RTA_LENGTH(len));

	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len > 0)
		memcpy(RTA_DATA(a), data, len);
	return a;
}

static void
put_text(struct message *m, unsigned type, const char *text)
{
	put_attribute(m, type, text, strlen(text) + 1);
}

/* End an attribute that contains everything which was put after its start. */
static void
end_nest(struct message *m, struct rtattr *a)
{
	a->rta_len =
	    (unsigned short)((char *)m + m->head.nlmsg_len - (char *)a);
}

static bool
ask_kernel(int nl, struct message *m, struct error *err)
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

	begin_message(
	    &m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	put_text(&m, IFLA_IFNAME, name);
	link = put_attribute(&m, IFLA_LINKINFO, NULL, 0);
	put_text(&m, IFLA_INFO_KIND, "veth");
	data = put_attribute(&m, IFLA_INFO_DATA, NULL, 0);
	other = put_attribute(&m, VETH_INFO_PEER, NULL, 0);
	memcpy(append_room(&m, sizeof(info)), &info, sizeof(info));
	put_text(&m, IFLA_IFNAME, peer);
	put_attribute(&m, IFLA_ADDRESS, peer_mac, 6);
	put_attribute(&m, IFLA_NET_NS_PID, &pid, sizeof(pid));
	end_nest(&m, other);
	end_nest(&m, data);
	end_nest(&m, link);
	return ask_kernel(nl, &m, err) || error_prefix(err, "veth %s", name);
}

bool
netlink_add_macvlan(int nl, const char *name, unsigned lower,
    const unsigned char mac[6], struct error *err)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	unsigned mode = MACVLAN_MODE_BRIDGE, queue = BROADCAST_QUEUE;
	struct rtattr *link, *data;
	struct message m;

	begin_message(
	    &m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	put_text(&m, IFLA_IFNAME, name);
	put_attribute(&m, IFLA_ADDRESS, mac, 6);
	put_attribute(&m, IFLA_LINK, &lower, sizeof(lower));
	link = put_attribute(&m, IFLA_LINKINFO, NULL, 0);
	put_text(&m, IFLA_INFO_KIND, "macvlan");
	data = put_attribute(&m, IFLA_INFO_DATA, NULL, 0);
	put_attribute(&m, IFLA_MACVLAN_MODE, &mode, sizeof(mode));
	put_attribute(&m, IFLA_MACVLAN_BC_QUEUE_LEN, &queue, sizeof(queue));
	end_nest(&m, data);
	end_nest(&m, link);
	return ask_kernel(nl, &m, err) || error_prefix(err, "macvlan %s", name);
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

	begin_message(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	put_attribute(&m, IFLA_ADDRESS, mac, 6);
	return ask_kernel(nl, &m, err) ||
	    error_prefix(err, "MAC of interface %u", ifindex);
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

	begin_message(&m, RTM_NEWLINK, 0, &info, sizeof(info));
	return ask_kernel(nl, &m, err) ||
	    error_prefix(err, "interface %u", ifindex);
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

	begin_message(&m, add ? RTM_NEWADDR : RTM_DELADDR,
	    add ? NLM_F_CREATE | NLM_F_EXCL : 0, &info, sizeof(info));
	put_attribute(&m, IFA_LOCAL, &address, sizeof(address));
	put_attribute(&m, IFA_ADDRESS, &address, sizeof(address));
	return ask_kernel(nl, &m, err) ||
	    error_prefix(err, "address of interface %u", ifindex);
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

	begin_message(&m, RTM_NEWROUTE, NLM_F_CREATE, &info, sizeof(info));
	if (prefix > 0)
		put_attribute(&m, RTA_DST, &dst, sizeof(dst));
	if (via.s_addr != 0)
		put_attribute(&m, RTA_GATEWAY, &via, sizeof(via));
	put_attribute(&m, RTA_OIF, &ifindex, sizeof(ifindex));
	return ask_kernel(nl, &m, err) || error_prefix(err, "route");
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

	begin_message(&m, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &info,
	    sizeof(info));
	put_attribute(&m, NDA_DST, &address, sizeof(address));
	put_attribute(&m, NDA_LLADDR, mac, 6);
	return ask_kernel(nl, &m, err) || error_prefix(err, "neighbour");
}
