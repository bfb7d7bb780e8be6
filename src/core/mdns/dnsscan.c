/* SPDX-License-Identifier: ISC */
/*
 * Finds in one multicast DNS packet the services that it announces, for
 * reflash-scan, which hears packets besides the mDNS stack.
 */
#include "config.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/mdns/dnsscan.h"

#define HEADER_SIZE   12
#define FLAG_RESPONSE 0x8000
#define MASK_OPCODE   0x7800
#define CLASS_IN      1
#define CACHE_FLUSH   0x8000u
#define TYPE_A	      1
#define TYPE_PTR      12
#define TYPE_TXT      16
#define TYPE_SRV      33
#define MAX_QUESTIONS 64  /* a packet with more is not a device's */
#define MAX_RECORDS   256 /* no more of a packet are read */

struct record {
	struct dnsname owner;
	unsigned type, class;
	uint32_t ttl;
	size_t data, data_len; /* where in the packet */
};

static unsigned
read16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static bool
skip_questions(const unsigned char *packet, size_t len, size_t *pos)
{
	unsigned count = read16(packet + 4);
	struct dnsname name;

	if (count > MAX_QUESTIONS)
		return false;
	while (count-- > 0) {
		if (!dnsname_read(&name, packet, len, pos) || len - *pos < 4)
			return false;
		*pos += 4;
	}
	return true;
}

static bool
read_record(
    const unsigned char *packet, size_t len, size_t *pos, struct record *r)
{
	const unsigned char *p;

	if (!dnsname_read(&r->owner, packet, len, pos) || len - *pos < 10)
		return false;
	p = packet + *pos;
	r->type = read16(p);
	r->class = read16(p + 2) & ~CACHE_FLUSH;
	r->ttl = (uint32_t)read16(p + 4) << 16 | read16(p + 6);
	r->data_len = read16(p + 8);
	r->data = *pos + 10;
	if (r->data_len > len - r->data)
		return false;
	*pos = r->data + r->data_len;
	return true;
}

static struct dnsscan_hit *
find_hit(struct dnsscan_hit *hits, size_t count, const struct dnsscan_hit *hit)
{
	for (size_t i = 0; i < count; i++)
		if (hits[i].service == hit->service &&
		    hits[i].len == hit->len &&
		    memcmp(hits[i].instance, hit->instance, hit->len) == 0)
			return &hits[i];
	return NULL;
}

/* Find the service of which the name is an instance.  False: none. */
static bool
classify(const struct dnsname *name, const char *const services[], size_t count,
    struct dnsscan_hit *hit)
{
	const unsigned char *label;
	char suffix[DNSNAME_WIRE + 1];

	for (size_t i = 0; i < count; i++) {
		snprintf(suffix, sizeof(suffix), "%s.local", services[i]);
		if (!dnsname_is_under(name, suffix))
			continue;
		*hit = (struct dnsscan_hit){ .service = i };
		label = dnsname_label(name, 0, &hit->len);
		memcpy(hit->instance, label, hit->len);
		return true;
	}
	return false;
}

/* Read the name that a record announces.  False: another kind of record. */
static bool
read_subject(
    const unsigned char *packet, const struct record *r, struct dnsname *name)
{
	size_t pos = r->data;

	if (r->ttl == 0 || r->class != CLASS_IN)
		return false;
	if (r->type == TYPE_PTR)
		return dnsname_read(name, packet, r->data + r->data_len, &pos);
	*name = r->owner;
	return r->type == TYPE_SRV || r->type == TYPE_TXT;
}

static void
take_srv(struct dnsscan_hit *hit, const unsigned char *packet,
    const struct record *r)
{
	size_t pos = r->data + 6, end = r->data + r->data_len;
	struct dnsname host;

	if (hit->srv_len > 0 || r->data_len < 7 ||
	    !dnsname_read(&host, packet, end, &pos) || pos != end)
		return;
	memcpy(hit->srv, packet + r->data, 6);
	memcpy(hit->srv + 6, host.wire, host.len);
	hit->srv_len = 6 + host.len;
}

static void
take_record(struct dnsscan_hit *hit, const unsigned char *packet,
    const struct record *r)
{
	if (r->type == TYPE_SRV)
		take_srv(hit, packet, r);
	if (r->type == TYPE_TXT && hit->txt_len == 0) {
		hit->txt = packet + r->data;
		hit->txt_len = r->data_len;
	}
}

/*
 * Return true if the name is the host of the SRV record.  Case does not matter
 * (RFC 6762 16); a length byte is never a letter, so it may be compared in the
 * same way.
 */
static bool
is_host(const struct dnsscan_hit *hit, const struct dnsname *name)
{
	if (hit->srv_len != 6 + name->len)
		return false;
	for (size_t i = 0; i < name->len; i++)
		if (tolower(hit->srv[6 + i]) != tolower(name->wire[i]))
			return false;
	return true;
}

static void
take_address(struct dnsscan_hit *hits, size_t count,
    const unsigned char *packet, const struct record *r)
{
	if (r->type != TYPE_A || r->ttl == 0 || r->class != CLASS_IN ||
	    r->data_len != DNSSCAN_A)
		return;
	for (size_t i = 0; i < count; i++)
		if (hits[i].a_len == 0 && is_host(&hits[i], &r->owner)) {
			memcpy(hits[i].a, packet + r->data, DNSSCAN_A);
			hits[i].a_len = DNSSCAN_A;
		}
}

static unsigned
count_records(const unsigned char *p)
{
	unsigned records = read16(p + 6) + read16(p + 8) + read16(p + 10);

	return records > MAX_RECORDS ? MAX_RECORDS : records;
}

static size_t
find_instances(const unsigned char *p, size_t len, size_t pos,
    const char *const services[], size_t count, struct dnsscan_hit *hits)
{
	unsigned records = count_records(p);
	struct dnsscan_hit hit, *known;
	size_t found = 0;
	struct record r;

	while (records-- > 0 && read_record(p, len, &pos, &r)) {
		struct dnsname name;

		if (!read_subject(p, &r, &name) ||
		    !classify(&name, services, count, &hit))
			continue;
		known = find_hit(hits, found, &hit);
		if (known == NULL && found < DNSSCAN_HITS) {
			known = &hits[found++];
			*known = hit;
		}
		if (known != NULL)
			take_record(known, p, &r);
	}
	return found;
}

size_t
dnsscan_find(const void *packet, size_t len, const char *const services[],
    size_t count, struct dnsscan_hit hits[DNSSCAN_HITS])
{
	const unsigned char *p = packet;
	size_t found, pos = HEADER_SIZE;
	struct record r;

	if (len < HEADER_SIZE ||
	    (read16(p + 2) & (FLAG_RESPONSE | MASK_OPCODE)) != FLAG_RESPONSE ||
	    !skip_questions(p, len, &pos))
		return 0;
	found = find_instances(p, len, pos, services, count, hits);
	/* An address record may come before the record that names its host. */
	for (unsigned n = count_records(p);
	    found > 0 && n > 0 && read_record(p, len, &pos, &r); n--)
		take_address(hits, found, p, &r);
	return found;
}
