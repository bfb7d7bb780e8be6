/* SPDX-License-Identifier: ISC */
/*
 * Sends a question to all that speak multicast DNS, and listens for anything
 * that others say.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "reflashctl/doctor/mdns_ask.h"

#define PORT	   5353
#define GROUP	   "224.0.0.251"
#define MAX_PACKET 9000
#define MAX_OTHERS 64
#define AGAIN_MS   1000 /* a question may be lost */

/* Which services are there, and which Sonoff devices? RFC 6763 9. */
static const unsigned char question[] = "\0\0\0\0\0\2\0\0\0\0\0\0"
					"\x09_services\x07_dns-sd\x04_udp"
					"\x05local\0\0\x0c\0\1"
					"\x08_ewelink\x04_tcp\x05local\0"
					"\0\x0c\0\1";

/* The answers that are heard, and from whom. */
struct hearing {
	int fd;
	struct mdns_heard *heard;
	struct in_addr others[MAX_OTHERS];
};

static bool
is_own(struct in_addr address)
{
	struct ifaddrs *entries = NULL;
	bool is = false;

	if (getifaddrs(&entries) != 0)
		return false;
	for (const struct ifaddrs *entry = entries; entry != NULL && !is;
	    entry = entry->ifa_next) {
		struct sockaddr_in own;

		if (entry->ifa_addr == NULL ||
		    entry->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&own, entry->ifa_addr, sizeof(own));
		is = own.sin_addr.s_addr == address.s_addr;
	}
	freeifaddrs(entries);
	return is;
}

static int
open_socket(struct error *err)
{
	const struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr = { htonl(INADDR_ANY) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, ttl = 255;

	if (fd == -1) {
		error_errno(err, errno, "socket");
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0)
		return fd;
	error_errno(err, errno, "UDP port %d", PORT);
	close(fd);
	return -1;
}

static void
join(int fd, const struct lan_interface *one)
{
	struct ip_mreqn group = { .imr_address = one->address,
		.imr_ifindex = (int)if_nametoindex(one->name) };

	inet_pton(AF_INET, GROUP, &group.imr_multiaddr);
	setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group));
}

static void
send_question(int fd, const struct lan_interface *one)
{
	struct ip_mreqn from = { .imr_address = one->address,
		.imr_ifindex = (int)if_nametoindex(one->name) };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(PORT) };
	ssize_t n;

	inet_pton(AF_INET, GROUP, &to.sin_addr);
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof(from));
	/* A question that cannot be sent is not answered, which is noticed. */
	n = sendto(fd, question, sizeof(question) - 1, 0,
	    (const struct sockaddr *)&to, sizeof(to));
	(void)n;
}

static void
note(struct hearing *hearing, struct in_addr from)
{
	struct mdns_heard *heard = hearing->heard;

	for (unsigned i = 0; i < heard->others; i++)
		if (hearing->others[i].s_addr == from.s_addr)
			return;
	if (is_own(from))
		heard->self = true;
	else if (heard->others < MAX_OTHERS)
		hearing->others[heard->others++] = from;
}

/* Take all packets that have come. */
static void
take(struct hearing *hearing)
{
	unsigned char packet[MAX_PACKET];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	while (recvfrom(hearing->fd, packet, sizeof(packet), 0,
		   (struct sockaddr *)&from, &len) >= 0) {
		if (len == sizeof(from) && from.sin_family == AF_INET)
			note(hearing, from.sin_addr);
		len = sizeof(from);
	}
}

static void
listen_for(struct hearing *hearing, const struct lan_interface *list,
    size_t count, unsigned ms)
{
	uint64_t now = clock_now_ms(), until = now + ms, again = now;

	while (now < until && hearing->heard->others == 0) {
		struct pollfd fd = { .fd = hearing->fd, .events = POLLIN };
		uint64_t next;

		for (size_t i = 0; now >= again && i < count; i++)
			send_question(hearing->fd, &list[i]);
		if (now >= again)
			again = now + AGAIN_MS;
		next = again < until ? again : until;
		if (poll(&fd, 1, (int)(next - now)) > 0)
			take(hearing);
		now = clock_now_ms();
	}
}

bool
mdns_ask(const struct lan_interface *list, size_t count, unsigned ms,
    struct mdns_heard *heard, struct error *err)
{
	struct hearing hearing = { .heard = heard };

	*heard = (struct mdns_heard){ .self = false };
	hearing.fd = open_socket(err);
	if (hearing.fd == -1)
		return false;
	for (size_t i = 0; i < count; i++)
		join(hearing.fd, &list[i]);
	listen_for(&hearing, list, count, ms);
	close(hearing.fd);
	return true;
}
