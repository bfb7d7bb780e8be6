/* SPDX-License-Identifier: ISC */
/*
 * Collects the records of one service on one interface, and decides when there
 * is something to report.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "scan/service_entry.h"

#define SETTLE_NEW_MS	 100  /* records of one packet come together */
#define SETTLE_CHANGE_MS 1000 /* a cached address is flushed after 1 s */
#define INCOMPLETE_MS	 3000 /* announcements without A: SonoffLAN#1871 */
#define LEAVE_MS	 2000 /* most farewells are taken back at once */
#define REPEAT_MS	 2000 /* one change is multicast several times */
#define HEARD_MS	 200  /* further records are on their way */

struct service_entry_key
service_entry_make_key(
    int ifindex, size_t service, const void *instance, size_t len)
{
	const unsigned char *name = instance;
	struct service_entry_key key;

	memset(&key, 0, sizeof(key));
	key.ifindex = ifindex;
	key.service = (uint8_t)service;
	key.len = (uint8_t)len;
	for (size_t i = 0; i < len && i < sizeof(key.name); i++)
		key.name[i] = (unsigned char)tolower(name[i]);
	return key;
}

struct service_entry *
service_entry_new(const struct service_entry_key *key, const char *service,
    const void *instance, const char *interface, int64_t now)
{
	struct service_entry *e = xcalloc(1, sizeof(*e));

	e->key = *key;
	e->seen.service = service;
	memcpy(e->seen.instance, instance, key->len);
	e->seen.instance_len = key->len;
	snprintf(e->seen.interface, sizeof(e->seen.interface), "%s", interface);
	e->born_ms = e->alive_ms = now;
	e->due_ms = now + INCOMPLETE_MS;
	return e;
}

void
service_entry_free(struct service_entry *e)
{
	free(e->txt);
	free(e);
}

/* Return true if all is known that a line can hold. */
static bool
is_complete(const struct service_entry *e)
{
	return e->seen.has_host && e->seen.has_txt && e->address_count > 0;
}

static void
come_due(struct service_entry *e, int64_t when)
{
	if (e->due_ms == 0 || when < e->due_ms)
		e->due_ms = when;
}

/* Note a change, and when to report it. */
static void
change(struct service_entry *e, int64_t now)
{
	if (e->is_leaving)
		return;
	if (!e->was_complete && is_complete(e))
		come_due(e, now + SETTLE_NEW_MS);
	else if (e->was_told)
		come_due(e, now + SETTLE_CHANGE_MS);
}

void
service_entry_list(struct service_entry *e, int64_t now)
{
	e->alive_ms = now;
	if (!e->is_leaving)
		return;
	e->is_leaving = false;
	come_due(e, now + SETTLE_CHANGE_MS);
}

void
service_entry_unlist(struct service_entry *e, int64_t now)
{
	e->is_leaving = true;
	e->due_ms = now + LEAVE_MS;
}

void
service_entry_take_srv(
    struct service_entry *e, const void *data, size_t len, int64_t now)
{
	const unsigned char *p = data;
	struct dnsname host;
	size_t pos = 6;
	uint16_t port;

	if (len < 7 || !dnsname_read(&host, data, len, &pos))
		return;
	port = (uint16_t)(p[4] << 8 | p[5]);
	if (!e->seen.has_host || e->seen.host.len != host.len ||
	    memcmp(e->seen.host.wire, host.wire, host.len) != 0) {
		e->seen.host = host;
		e->is_new_host = true;
		e->address_count = 0;
	} else if (port == e->seen.port)
		return;
	e->seen.has_host = true;
	e->seen.has_port = port != 0;
	e->seen.port = port;
	change(e, now);
}

void
service_entry_take_txt(
    struct service_entry *e, const void *data, size_t len, int64_t now)
{
	if (len > SCANLINE_TXT)
		len = SCANLINE_TXT;
	if (e->seen.has_txt && len == e->seen.txt_len &&
	    memcmp(e->txt, data, len) == 0)
		return;
	e->txt = xrealloc(e->txt, 1, len + 1);
	memcpy(e->txt, data, len);
	e->seen.txt = e->txt;
	e->seen.txt_len = len;
	e->seen.has_txt = true;
	change(e, now);
}

static void
remove_address(struct service_entry *e, size_t i)
{
	e->address_count--;
	memmove(&e->addresses[i], &e->addresses[i + 1],
	    (e->address_count - i) * sizeof(e->addresses[0]));
}

void
service_entry_take_a(struct service_entry *e, const void *data, size_t len,
    bool is_gone, int64_t now)
{
	struct in_addr address;
	size_t i = 0;

	if (len != sizeof(address))
		return;
	memcpy(&address, data, sizeof(address));
	while (i < e->address_count && e->addresses[i].s_addr != address.s_addr)
		i++;
	/* If the only address is gone, keep it: it is better than none. */
	if (is_gone && (i == e->address_count || e->address_count == 1))
		return;
	if (!is_gone && i + 1 == e->address_count)
		return; /* the newest already */
	if (i < e->address_count)
		remove_address(e, i);
	else if (e->address_count == SERVICE_ENTRY_ADDRESSES)
		remove_address(e, 0);
	if (!is_gone)
		e->addresses[e->address_count++] = address;
	change(e, now);
}

/*
 * Take in a packet that has all records of the service: there is nothing to
 * wait for.
 */
static void
take_whole(struct service_entry *e, bool is_new, int64_t now)
{
	e->whole_ms = now;
	if (is_new && !e->is_leaving)
		come_due(e, now);
}

void
service_entry_hear(struct service_entry *e, const struct dnsscan_hit *hit,
    struct in_addr from, int64_t now)
{
	bool is_same = e->has_hint && e->hint.s_addr == from.s_addr;
	bool is_new = !e->was_complete;

	service_entry_list(e, now);
	e->has_hint = true;
	e->hint = from;
	service_entry_take_srv(e, hit->srv, hit->srv_len, now);
	if (hit->txt_len > 0)
		service_entry_take_txt(e, hit->txt, hit->txt_len, now);
	service_entry_take_a(e, hit->a, hit->a_len, false, now);
	if (hit->srv_len > 0 && hit->txt_len > 0 && hit->a_len > 0)
		take_whole(e, is_new, now);
	if (!is_same)
		change(e, now);
	else if (e->was_told && now - e->told_ms >= REPEAT_MS)
		come_due(e, now + HEARD_MS);
}

void
service_entry_repeat(struct service_entry *e, int64_t now)
{
	if (e->was_told && !e->is_leaving)
		come_due(e, now);
}

/*
 * Choose the address to report: of those in the records the sender's, which is
 * in use, else the newest; if there are none, the sender's.
 */
static void
choose_address(struct service_entry *e)
{
	struct sighting *s = &e->seen;

	s->has_address = e->address_count > 0 || e->has_hint;
	s->address_is_hint = e->address_count == 0;
	s->address = e->hint;
	for (size_t i = 0; e->has_hint && i < e->address_count; i++)
		if (e->addresses[i].s_addr == e->hint.s_addr)
			return;
	if (e->address_count > 0)
		s->address = e->addresses[e->address_count - 1];
}

char *
service_entry_tell(struct service_entry *e, int64_t now)
{
	e->due_ms = 0;
	if (e->is_leaving)
		return scanline_gone(&e->seen);
	choose_address(e);
	e->was_told = true;
	e->was_complete = is_complete(e);
	e->told_ms = now;
	return scanline_seen(&e->seen);
}
