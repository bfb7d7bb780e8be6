/* SPDX-License-Identifier: ISC */
/* Announces one device by mDNS and answers queries for it. */
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

#include "base/memory.h"
#include "sim/booted.h"
#include "sim/device.h"
#include "sim/esphome/esphome.h"
#include "sim/mdns/dns.h"
#include "sim/mdns/mdns.h"
#include "sim/mdns/voice.h"
#include "sim/stock/model.h"
#include "sim/sim.h"
#include "sim/timer.h"

#define SERVICE	   "_ewelink._tcp.local"
#define SERVICES   "_services._dns-sd._udp.local"
#define TTL_HOST   120
#define TTL_OTHER  4500
#define LATE_MS	   5000
#define GOODBYE_MS 2000

struct voice {
	struct device *device; /* borrowed */
	struct event *timer;   /* when the answer is sent */
	struct event *quirk;   /* late, goodbye, seq-restart */
	unsigned due;
	bool silent; /* the first announcement is still to come */
};

struct names {
	const char *service;
	char instance[DNS_NAME_SIZE], host[DNS_NAME_SIZE];
};

static void
make_names(const struct device *d, struct names *n)
{
	char label[64];

	n->service = SERVICE;
	if (booted_is_esphome(d->after)) {
		n->service = esphome_service(d);
		esphome_instance(d, label, sizeof(label));
	} else {
		device_instance(d, label, sizeof(label));
	}
	snprintf(n->instance, sizeof(n->instance), "%s.%s", label, n->service);
	snprintf(n->host, sizeof(n->host), "%s.local", label);
}

/*
 * Return false if the name cannot belong to the device.  This is asked for each
 * device and each of thousands of names, so it builds no text.
 */
static bool
may_be_named(const struct device *d, const char *name)
{
	size_t at = strlen(d->spec.prefix), len = strlen(d->spec.id);

	return booted_is_esphome(d->after) ||
	    (strlen(name) > at + len &&
		strncasecmp(name + at, d->spec.id, len) == 0);
}

/* Return true if the device is on the LAN and its firmware announces itself. */
static bool
is_heard(const struct device *d)
{
	return device_is_present(d) ||
	    (booted_is_esphome(d->after) && booted_is_on_lan(d->after));
}

static void
add_rest(struct dns_writer *w, const struct device *d, const struct names *n,
    bool alive)
{
	bool esphome = booted_is_esphome(d->after);
	uint16_t port = esphome ? esphome_port(d) : (uint16_t)d->spec.port;
	unsigned char txt[MODEL_TXT_SIZE];
	size_t len = esphome ? esphome_txt(d, txt) : model_txt(d, txt);

	if (fault_has(&d->spec.faults, FAULT_NO_PORT))
		port = 0;
	dns_add_srv(w, n->instance, alive ? TTL_HOST : 0, port, n->host);
	dns_add_txt(w, n->instance, alive ? TTL_OTHER : 0, txt, len);
}

static void
write_records(
    struct dns_writer *w, const struct device *d, unsigned say, bool alive)
{
	const struct fault_set *faults = &d->spec.faults;
	struct names n;

	make_names(d, &n);
	if (say & SAY_SERVICE)
		dns_add_ptr(w, SERVICES, TTL_OTHER, n.service);
	if (say & SAY_PTR)
		dns_add_ptr(w, n.service, alive ? TTL_OTHER : 0, n.instance);
	if (say & SAY_REST)
		add_rest(w, d, &n, alive);
	if ((say & SAY_ADDRESS) && !fault_has(faults, FAULT_NO_ADDRESS))
		dns_add_a(w, n.host, alive ? TTL_HOST : 0, d->told_address);
}

/* Send from the address and interface of the device, by IP_PKTINFO (ip(7)). */
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
	if (sendmsg(mdns_socket(d->sim->mdns), &msg, 0) < 0)
		device_say(d, "multicast: %s", strerror(errno));
}

static void
send_records(const struct device *d, unsigned what, bool alive)
{
	struct sockaddr_in group = { .sin_family = AF_INET,
		.sin_port = htons(MDNS_PORT),
		.sin_addr.s_addr = inet_addr(MDNS_GROUP) };
	struct dns_writer w;

	if (fault_has(&d->spec.faults, FAULT_MDNS_MUTE))
		return;
	dns_begin(&w, 0);
	write_records(&w, d, what, alive);
	send_from(d, &w, &group);
}

void
voice_answer_directly(struct voice *v, unsigned what, uint16_t id,
    const char *name, uint16_t type, const struct sockaddr_in *to)
{
	struct dns_writer w;

	dns_begin(&w, id);
	dns_add_question(&w, name, type);
	write_records(&w, v->device, what, true);
	send_from(v->device, &w, to);
}

void
voice_answer(struct voice *v, unsigned what, unsigned delay_ms)
{
	if (v->due == 0)
		timer_set(v->timer, delay_ms);
	v->due |= what;
}

bool
voice_is_answering(const struct voice *v)
{
	const struct fault_set *faults = &v->device->spec.faults;

	return is_heard(v->device) && !v->silent &&
	    !fault_has(faults, FAULT_MDNS_MUTE) &&
	    !fault_has(faults, FAULT_QUERY_MUTE);
}

void
voice_suppress(struct voice *v, const char *instance)
{
	struct names n;

	if (v->due != SAY_ALL || !may_be_named(v->device, instance))
		return;
	make_names(v->device, &n);
	if (strcasecmp(n.instance, instance) == 0)
		v->due = 0;
}

void
voice_announce(struct voice *v)
{
	unsigned times;

	if (v == NULL || v->silent || !is_heard(v->device))
		return;
	times = fault_has(&v->device->spec.faults, FAULT_DUPLICATES) ? 3 : 1;
	while (times-- > 0)
		send_records(v->device, SAY_ALL, true);
}

static void
on_answer(evutil_socket_t fd, short what, void *ctx)
{
	struct voice *v = ctx;

	(void)fd;
	(void)what;
	if (v->due != 0 && is_heard(v->device))
		send_records(v->device, v->due, true);
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
	} else if (is_heard(v->device)) {
		send_records(v->device, SAY_ALL, false);
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
		send_records(v->device, SAY_ALL, false);
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

unsigned
voice_match(const struct voice *v, const char *name, uint16_t type)
{
	const struct device *d = v->device;
	const char *service =
	    booted_is_esphome(d->after) ? esphome_service(d) : SERVICE;
	struct names n;

	if (strcasecmp(name, SERVICES) == 0)
		return type == DNS_PTR || type == DNS_ANY ? SAY_SERVICE : 0;
	if (strcasecmp(name, service) == 0)
		return type == DNS_PTR || type == DNS_ANY ? SAY_ALL : 0;
	if (!may_be_named(d, name))
		return 0;
	make_names(d, &n);
	if (strcasecmp(name, n.instance) == 0)
		return type == DNS_SRV || type == DNS_TXT || type == DNS_ANY
		    ? SAY_REST | SAY_ADDRESS
		    : 0;
	if (strcasecmp(name, n.host) == 0)
		return type == DNS_A || type == DNS_ANY ? SAY_ADDRESS : 0;
	return 0;
}
