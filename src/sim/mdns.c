/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/dns.h"
#include "sim/mdns.h"
#include "sim/model.h"
#include "sim/sim.h"
#include "sim/timer.h"

#define PORT	   5353
#define GROUP	   "224.0.0.251"
#define SERVICE	   "_ewelink._tcp.local"
#define SERVICES   "_services._dns-sd._udp.local"
#define TTL_HOST   120
#define TTL_OTHER  4500
#define LATE_MS	   5000
#define GOODBYE_MS 2000

struct mdns {
	struct sim *sim; /* borrowed */
	int fd;
	struct event *event;
};

/* What a message is made of. */
enum say {
	SAY_PTR = 1,
	SAY_REST = 2, /* SRV and TXT */
	SAY_ADDRESS = 4,
	SAY_SERVICE = 8,
	SAY_ALL = SAY_PTR | SAY_REST | SAY_ADDRESS,
};

struct voice {
	struct device *device; /* borrowed */
	struct event *timer;   /* of an answer that is due */
	struct event *quirk;   /* late, goodbye, seq-restart */
	unsigned due;
	bool silent; /* its first announcement is yet to come */
};

struct names {
	char instance[DNS_NAME_SIZE], host[DNS_NAME_SIZE];
};

static void
make_names(const struct device *d, struct names *n)
{
	char label[64];

	device_instance(d, label, sizeof(label));
	snprintf(n->instance, sizeof(n->instance), "%s." SERVICE, label);
	snprintf(n->host, sizeof(n->host), "%s.local", label);
}

static void
write_records(
    struct dns_writer *w, const struct device *d, unsigned say, bool alive)
{
	const struct fault_set *faults = &d->spec.faults;
	uint16_t port = (uint16_t)d->spec.port;
	unsigned char txt[MODEL_TXT_SIZE];
	struct names n;

	make_names(d, &n);
	if (fault_has(faults, FAULT_NO_PORT))
		port = 0;
	if (say & SAY_SERVICE)
		dns_add_ptr(w, SERVICES, TTL_OTHER, SERVICE);
	if (say & SAY_PTR)
		dns_add_ptr(w, SERVICE, alive ? TTL_OTHER : 0, n.instance);
	if (say & SAY_REST) {
		dns_add_srv(w, n.instance, alive ? TTL_HOST : 0, port, n.host);
		dns_add_txt(w, n.instance, alive ? TTL_OTHER : 0, txt,
		    model_txt(d, txt));
	}
	if ((say & SAY_ADDRESS) && !fault_has(faults, FAULT_NO_ADDRESS))
		dns_add_a(w, n.host, alive ? TTL_HOST : 0, d->told_address);
}

/* From the device's address and interface, by IP_PKTINFO (ip(7)). */
static void
send_from(
    const struct device *d, struct dns_writer *w, const struct sockaddr_in *to)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct iovec iov = { w->bytes, w->len };
	struct sockaddr_in dst = *to;
	struct msghdr msg = {
		.msg_name = &dst,
		.msg_namelen = sizeof(dst),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct in_pktinfo info = { .ipi_ifindex = (int)d->port.ifindex,
		.ipi_spec_dst = d->port.address };

	control.head.cmsg_level = IPPROTO_IP;
	control.head.cmsg_type = IP_PKTINFO;
	control.head.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.head), &info, sizeof(info));
	if (sendmsg(d->sim->mdns->fd, &msg, 0) < 0)
		device_say(d, "multicast: %s", strerror(errno));
}

static void
say(const struct device *d, unsigned what, bool alive)
{
	struct sockaddr_in group = { .sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr(GROUP) };
	struct dns_writer w;

	if (fault_has(&d->spec.faults, FAULT_MDNS_MUTE))
		return;
	dns_begin(&w, 0);
	write_records(&w, d, what, alive);
	send_from(d, &w, &group);
}

/* RFC 6762 6.7: to a resolver that is none of ours, with its question. */
static void
say_directly(const struct device *d, unsigned what, uint16_t id,
    const char *name, uint16_t type, const struct sockaddr_in *to)
{
	struct dns_writer w;

	dns_begin(&w, id);
	dns_add_question(&w, name, type);
	write_records(&w, d, what, true);
	send_from(d, &w, to);
}

void
voice_announce(struct voice *v)
{
	unsigned times;

	if (v == NULL || v->silent || !device_is_present(v->device))
		return;
	times = fault_has(&v->device->spec.faults, FAULT_DUPLICATES) ? 3 : 1;
	while (times-- > 0)
		say(v->device, SAY_ALL, true);
}

static void
on_answer(evutil_socket_t fd, short what, void *ctx)
{
	struct voice *v = ctx;

	(void)fd;
	(void)what;
	if (v->due != 0 && device_is_present(v->device))
		say(v->device, v->due, true);
	v->due = 0;
}

static void
on_quirk(evutil_socket_t fd, short what, void *ctx)
{
	struct voice *v = ctx;

	(void)fd;
	(void)what;
	if (v->silent) {
		v->silent = false;
		voice_announce(v);
	} else if (v->device->seq > 850) {
		v->device->seq = 1;
		voice_announce(v);
	} else if (device_is_present(v->device)) {
		say(v->device, SAY_ALL, false);
	}
}

void
voice_come(struct voice *v)
{
	const struct fault_set *faults;

	if (v == NULL)
		return;
	faults = &v->device->spec.faults;
	v->due = 0;
	v->silent = fault_has(faults, FAULT_ANNOUNCE_LATE);
	if (v->silent) {
		timer_set(v->quirk, LATE_MS);
	} else if (fault_has(faults, FAULT_SEQ_RESTART)) {
		v->device->seq = 853;
		timer_set(v->quirk, GOODBYE_MS);
	} else if (fault_has(faults, FAULT_FALSE_GOODBYE)) {
		timer_set(v->quirk, GOODBYE_MS);
	}
	voice_announce(v);
}

void
voice_leave(struct voice *v)
{
	if (v == NULL)
		return;
	event_del(v->timer);
	event_del(v->quirk);
	if (fault_has(&v->device->spec.faults, FAULT_GOODBYE))
		say(v->device, SAY_ALL, false);
}

struct voice *
voice_new(struct device *d)
{
	struct voice *v;

	if (d->sim->mdns == NULL)
		return NULL;
	v = xcalloc(1, sizeof(*v));
	v->device = d;
	v->timer = evtimer_new(d->sim->base, on_answer, v);
	v->quirk = evtimer_new(d->sim->base, on_quirk, v);
	return v;
}

void
voice_free(struct voice *v)
{
	if (v == NULL)
		return;
	event_free(v->timer);
	event_free(v->quirk);
	free(v);
}

/* Which records of a device a question is about. */
static unsigned
match_question(const struct device *d, const char *name, uint16_t type)
{
	struct names n;

	make_names(d, &n);
	if (strcasecmp(name, SERVICES) == 0)
		return type == DNS_PTR || type == DNS_ANY ? SAY_SERVICE : 0;
	if (strcasecmp(name, SERVICE) == 0)
		return type == DNS_PTR || type == DNS_ANY ? SAY_ALL : 0;
	if (strcasecmp(name, n.instance) == 0)
		return type == DNS_SRV || type == DNS_TXT || type == DNS_ANY
		    ? SAY_REST | SAY_ADDRESS
		    : 0;
	if (strcasecmp(name, n.host) == 0)
		return type == DNS_A || type == DNS_ANY ? SAY_ADDRESS : 0;
	return 0;
}

/*
 * RFC 6762 6: 20 to 120 ms, so that not all speak at once.  A thousand would
 * not get through the air in that time, and overrun every ear.
 */
static uint64_t
answer_delay(const struct sim *sim, size_t index)
{
	return 20 + index * 37 % (100 + 2 * sim->count);
}

static void
answer_question(struct mdns *m, const struct dns_query *q, const char *name,
    uint16_t type, const struct sockaddr_in *from)
{
	for (size_t i = 0; i < m->sim->count; i++) {
		struct device *d = m->sim->devices[i];
		unsigned what = match_question(d, name, type);

		if (what == 0 || !device_is_present(d) || d->voice->silent ||
		    fault_has(&d->spec.faults, FAULT_MDNS_MUTE) ||
		    fault_has(&d->spec.faults, FAULT_QUERY_MUTE))
			continue;
		if (ntohs(from->sin_port) != PORT) {
			say_directly(d, what, q->id, name, type, from);
			continue;
		}
		if (d->voice->due == 0)
			timer_set(d->voice->timer, answer_delay(m->sim, i));
		d->voice->due |= what;
	}
}

/* RFC 6762 7.1: what the other side knows need not be said. */
static void
suppress_known(struct mdns *m, const char *target)
{
	for (size_t i = 0; i < m->sim->count; i++) {
		struct device *d = m->sim->devices[i];
		struct names n;

		make_names(d, &n);
		if (strcasecmp(n.instance, target) == 0 &&
		    d->voice->due == SAY_ALL)
			d->voice->due = 0;
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
			suppress_known(m, name);
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
		.sin_port = htons(PORT) };
	struct ip_mreqn group = { .imr_multiaddr.s_addr = inet_addr(GROUP),
		.imr_ifindex = (int)lower };
	int one = 1, zero = 0, ttl = 255;

	/* One ear for all: the cable itself hears what is multicast. */
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
