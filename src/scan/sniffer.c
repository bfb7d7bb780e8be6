/* SPDX-License-Identifier: ISC */
/*
 * Listens to multicast DNS besides the stack, to learn the sender of an
 * announcement that has no address in it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/mdns/dnsscan.h"
#include "scan/alarm_timer.h"
#include "scan/browser.h"
#include "scan/options.h"
#include "scan/sniffer.h"

#define MDNS_PORT	  5353
#define MDNS_GROUP	  "224.0.0.251"
#define MAX_PACKET	  9000 /* RFC 6762 17 */
#define PACKETS_PER_ROUND 128
#define BUFFER_BYTES	  (1 << 20) /* a LAN may answer as one; see socket(7) */
#define RETRY_MS	  30000

struct sniffer {
	const AvahiPoll *poll;	       /* borrowed */
	const struct options *options; /* borrowed */
	struct browser *browser;       /* borrowed */
	struct alarm_timer *retry;
	AvahiWatch *watch;
	int fd; /* -1 = port 5353 is not to be shared */
};

static int
interface_of(struct msghdr *msg)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	    c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			return info.ipi_ifindex;
		}
	return 0;
}

/*
 * Return true for an address of this machine: its own questions come back to
 * it.
 */
static bool
is_own(struct in_addr address)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) == -1)
		return true;
	for (const struct ifaddrs *one = all; one != NULL;
	    one = one->ifa_next) {
		struct sockaddr_in name;

		if (one->ifa_addr == NULL ||
		    one->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&name, one->ifa_addr, sizeof(name));
		found |= name.sin_addr.s_addr == address.s_addr;
	}
	freeifaddrs(all);
	return found;
}

static bool
read_packet(struct sniffer *s)
{
	unsigned char packet[MAX_PACKET];
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct sockaddr_in from;
	struct iovec iov = { packet, sizeof(packet) };
	struct msghdr msg = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct dnsscan_hit hits[DNSSCAN_HITS];
	ssize_t len = recvmsg(s->fd, &msg, MSG_DONTWAIT);
	size_t count;

	if (len < 0)
		return false;
	if (ntohs(from.sin_port) != MDNS_PORT) /* RFC 6762 6 */
		return true;
	if (browser_heard(s->browser) != SCAN_HEARD_OTHERS &&
	    !is_own(from.sin_addr))
		browser_set_heard(s->browser, SCAN_HEARD_OTHERS);
	count = dnsscan_find(packet, (size_t)len, s->options->services,
	    s->options->service_count, hits);
	for (size_t i = 0; i < count; i++)
		browser_hear(
		    s->browser, interface_of(&msg), &hits[i], from.sin_addr);
	return true;
}

static void
on_packet(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
	(void)watch;
	(void)fd;
	(void)event;
	for (int i = 0; i < PACKETS_PER_ROUND; i++)
		if (!read_packet(ctx))
			return;
}

/*
 * Open a socket for the multicast group.  Bound to the group, it takes no
 * unicast answer away from other programs on the port.  It joins no group: what
 * any process of this machine has joined, as the stack in use has, comes to
 * every such socket (ip(7), IP_MULTICAST_ALL).
 */
static int
open_socket(void)
{
	const struct sockaddr_in group = { .sin_family = AF_INET,
		.sin_port = htons(MDNS_PORT),
		.sin_addr = { inet_addr(MDNS_GROUP) } };
	const int on = 1;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	setsockopt(
	    fd, SOL_SOCKET, SO_RCVBUF, &(int){ BUFFER_BYTES }, sizeof(int));
	if (bind(fd, (const struct sockaddr *)&group, sizeof(group)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
on_retry(void *ctx)
{
	struct sniffer *s = ctx;

	s->fd = open_socket();
	if (s->fd == -1) {
		alarm_timer_set(s->retry, RETRY_MS);
		return;
	}
	browser_set_heard(s->browser, SCAN_HEARD_NOBODY);
	s->watch =
	    s->poll->watch_new(s->poll, s->fd, AVAHI_WATCH_IN, on_packet, s);
}

struct sniffer *
sniffer_new(const AvahiPoll *poll, const struct options *options,
    struct browser *browser)
{
	struct sniffer *s = xcalloc(1, sizeof(*s));

	s->poll = poll;
	s->options = options;
	s->browser = browser;
	s->fd = -1;
	s->retry = alarm_timer_new(poll, on_retry, s);
	on_retry(s);
	return s;
}

void
sniffer_free(struct sniffer *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1) {
		s->poll->watch_free(s->watch);
		close(s->fd);
	}
	alarm_timer_free(s->retry);
	free(s);
}
