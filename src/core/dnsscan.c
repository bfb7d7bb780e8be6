/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/dnsscan.h"

#define HEADER_SIZE   12
#define FLAG_RESPONSE 0x8000
#define MASK_OPCODE   0x7800
#define TYPE_PTR      12
#define TYPE_TXT      16
#define TYPE_SRV      33
#define MAX_QUESTIONS 64  /* a packet with more is not a device's */
#define MAX_RECORDS   256 /* no more of a packet are read */

struct record {
	struct dnsname owner;
	unsigned type;
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
	r->ttl = (uint32_t)read16(p + 4) << 16 | read16(p + 6);
	r->data_len = read16(p + 8);
	r->data = *pos + 10;
	if (r->data_len > len - r->data)
		return false;
	*pos = r->data + r->data_len;
	return true;
}

static bool
has_hit(
    const struct dnsscan_hit *hits, size_t count, const struct dnsscan_hit *hit)
{
	for (size_t i = 0; i < count; i++)
		if (hits[i].service == hit->service &&
		    hits[i].len == hit->len &&
		    memcmp(hits[i].instance, hit->instance, hit->len) == 0)
			return true;
	return false;
}

/* Which of the services is this an instance of? */
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
		label = dnsname_label(name, 0, &hit->len);
		memcpy(hit->instance, label, hit->len);
		hit->service = i;
		return true;
	}
	return false;
}

/* The name that a record announces, if it is of a kind that does. */
static bool
read_subject(
    const unsigned char *packet, const struct record *r, struct dnsname *name)
{
	size_t pos = r->data;

	if (r->ttl == 0)
		return false;
	if (r->type == TYPE_PTR)
		return dnsname_read(name, packet, r->data + r->data_len, &pos);
	*name = r->owner;
	return r->type == TYPE_SRV || r->type == TYPE_TXT;
}

size_t
dnsscan_find(const void *packet, size_t len, const char *const services[],
    size_t count, struct dnsscan_hit hits[DNSSCAN_HITS])
{
	const unsigned char *p = packet;
	size_t found = 0, pos = HEADER_SIZE;
	struct record r;
	unsigned records;

	if (len < HEADER_SIZE ||
	    (read16(p + 2) & (FLAG_RESPONSE | MASK_OPCODE)) != FLAG_RESPONSE ||
	    !skip_questions(p, len, &pos))
		return 0;
	records = read16(p + 6) + read16(p + 8) + read16(p + 10);
	if (records > MAX_RECORDS)
		records = MAX_RECORDS;
	while (records-- > 0 && found < DNSSCAN_HITS &&
	    read_record(p, len, &pos, &r)) {
		struct dnsname name;

		if (read_subject(p, &r, &name) &&
		    classify(&name, services, count, &hits[found]) &&
		    !has_hit(hits, found, &hits[found]))
			found++;
	}
	return found;
}
