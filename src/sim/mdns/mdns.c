/* SPDX-License-Identifier: ISC */
/* Receives mDNS queries for all devices, and lets the right ones answer. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/mdns/dns.h"
#include "sim/mdns/mdns.h"
#include "sim/mdns/voice.h"
#include "sim/sim.h"

struct mdns {
	struct sim *sim; /* borrowed */
	int fd;
	struct event *event;
};

/*
 * RFC 6762 6: answer after 20 to 120 ms, so that not all answer at once; a
 * thousand devices take longer, for no receiver takes so many.
 */
static unsigned
answer_delay(const struct sim *sim, size_t index)
{
	return (unsigned)(20 + index * 37 % (100 + 2 * sim->count));
}

static void
answer_question(struct mdns *m, const struct dns_query *q, const char *name,
    uint16_t type, const struct sockaddr_in *from)
{
	for (size_t i = 0; i < m->sim->count; i++) {
		struct voice *v = m->sim->devices[i]->voice;
		unsigned what = voice_match(v, name, type);

		if (what == 0 || !voice_is_answering(v))
			continue;
		if (ntohs(from->sin_port) == MDNS_PORT)
			voice_answer(v, what, answer_delay(m->sim, i));
		else
			voice_answer_directly(v, what, q->id, name, type, from);
	}
}

static void
take_query(struct mdns *m, const unsigned char *msg, size_t len,
    const struct sockaddr_in *from)
{
	char name[DNS_NAME_SIZE];
	struct dns_query q;
	uint16_t type;

	if (!dns_read_query(msg, len, &q))
		return;
	while (dns_read_question(msg, len, &q, name, &type))
		answer_question(m, &q, name, type, from);
	while (dns_read_answer(msg, len, &q, name))
		if (name[0] != '\0')
			for (size_t i = 0; i < m->sim->count; i++)
				voice_suppress(m->sim->devices[i]->voice, name);
}

static void
on_message(evutil_socket_t fd, short what, void *ctx)
{
	struct mdns *m = ctx;
	unsigned char msg[9000];
	struct sockaddr_in from;

	(void)what;
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(
		    fd, msg, sizeof(msg), 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			return;
		take_query(m, msg, (size_t)n, &from);
	}
}

static bool
prepare_socket(int fd, unsigned lower, struct error *err)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_port = htons(MDNS_PORT) };
	struct ip_mreqn group = { .imr_multiaddr.s_addr = inet_addr(MDNS_GROUP),
		.imr_ifindex = (int)lower };
	int one = 1, zero = 0, ttl = 255;

	/* One socket at the cable receives for all devices. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) <
		0 ||
	    setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &zero, sizeof(zero)) <
		0 ||
	    setsockopt(
		fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		return error_errno(err, errno, "multicast socket");
	return true;
}

struct mdns *
mdns_new(struct sim *sim, struct error *err)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct mdns *m;

	if (fd < 0) {
		error_errno(err, errno, "multicast socket");
		return NULL;
	}
	if (!prepare_socket(fd, sim->lan.lower, err)) {
		close(fd);
		return NULL;
	}
	m = xcalloc(1, sizeof(*m));
	m->sim = sim;
	m->fd = fd;
	m->event =
	    event_new(sim->base, fd, EV_READ | EV_PERSIST, on_message, m);
	event_add(m->event, NULL);
	return m;
}

void
mdns_free(struct mdns *m)
{
	if (m == NULL)
		return;
	event_free(m->event);
	close(m->fd);
	free(m);
}

int
mdns_socket(const struct mdns *m)
{
	return m->fd;
}
