/* SPDX-License-Identifier: ISC */
/* Writes and parses DNS messages for the simulated mDNS responder. */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "sim/mdns/dns.h"

#define HEADER	    12
#define CLASS_IN    1
#define CACHE_FLUSH 0x8000
#define MAX_JUMPS   16

static void
put_bytes(struct dns_writer *w, const void *data, size_t len)
{
	if (len > sizeof(w->bytes) - w->len)
		return;
	memcpy(w->bytes + w->len, data, len);
	w->len += len;
}

static void
put16(struct dns_writer *w, unsigned v)
{
	uint16_t n = htons((uint16_t)v);

	put_bytes(w, &n, sizeof(n));
}

static void
put_name(struct dns_writer *w, const char *name)
{
	while (*name != '\0') {
		size_t len = strcspn(name, ".");
		unsigned char n = (unsigned char)len;

		put_bytes(w, &n, 1);
		put_bytes(w, name, len);
		name += len + (name[len] == '.');
	}
	put_bytes(w, "", 1);
}

static void
count_record(struct dns_writer *w, size_t at)
{
	if (++w->bytes[at + 1] == 0)
		w->bytes[at]++;
}

void
dns_begin(struct dns_writer *w, uint16_t id)
{
	memset(w, 0, sizeof(*w));
	put16(w, id);
	put16(w, 0x8400); /* response, authoritative */
	w->len = HEADER;
}

void
dns_add_question(struct dns_writer *w, const char *name, uint16_t type)
{
	put_name(w, name);
	put16(w, type);
	put16(w, CLASS_IN);
	count_record(w, 4);
}

/* Write a record up to the length of its data, which end_record() fills in. */
static size_t
begin_record(struct dns_writer *w, const char *name, unsigned type,
    unsigned flags, uint32_t ttl)
{
	uint32_t n = htonl(ttl);

	put_name(w, name);
	put16(w, type);
	put16(w, CLASS_IN | flags);
	put_bytes(w, &n, sizeof(n));
	put16(w, 0);
	count_record(w, 6);
	return w->len;
}

static void
end_record(struct dns_writer *w, size_t data)
{
	size_t len = w->len - data;

	w->bytes[data - 2] = (unsigned char)(len >> 8);
	w->bytes[data - 1] = (unsigned char)len;
}

void
dns_add_ptr(
    struct dns_writer *w, const char *name, uint32_t ttl, const char *target)
{
	size_t data = begin_record(w, name, DNS_PTR, 0, ttl);

	put_name(w, target);
	end_record(w, data);
}

void
dns_add_srv(struct dns_writer *w, const char *name, uint32_t ttl, uint16_t port,
    const char *host)
{
	size_t data = begin_record(w, name, DNS_SRV, CACHE_FLUSH, ttl);

	put16(w, 0);
	put16(w, 0);
	put16(w, port);
	put_name(w, host);
	end_record(w, data);
}

void
dns_add_txt(struct dns_writer *w, const char *name, uint32_t ttl,
    const unsigned char *txt, size_t len)
{
	size_t data = begin_record(w, name, DNS_TXT, CACHE_FLUSH, ttl);

	put_bytes(w, txt, len);
	end_record(w, data);
}

void
dns_add_a(struct dns_writer *w, const char *name, uint32_t ttl,
    struct in_addr address)
{
	size_t data = begin_record(w, name, DNS_A, CACHE_FLUSH, ttl);

	put_bytes(w, &address, sizeof(address));
	end_record(w, data);
}

static unsigned
get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

bool
dns_read_query(const unsigned char *msg, size_t len, struct dns_query *q)
{
	if (len < HEADER || (msg[2] & 0xf8) != 0)
		return false;
	q->id = (uint16_t)get16(msg);
	q->questions = (uint16_t)get16(msg + 4);
	q->answers = (uint16_t)get16(msg + 6);
	q->at = HEADER;
	return true;
}

/* Append one label in lower case. */
static bool
append_label(char name[DNS_NAME_SIZE], const unsigned char *label, size_t len)
{
	size_t used = strlen(name);

	if (used + len + 2 > DNS_NAME_SIZE)
		return false;
	if (used > 0)
		name[used++] = '.';
	for (size_t i = 0; i < len; i++)
		name[used + i] = (char)tolower(label[i]);
	name[used + len] = '\0';
	return true;
}

/* Read the name at *at, and move *at after it; pointers may lead anywhere. */
static bool
read_name(
    const unsigned char *msg, size_t len, size_t *at, char name[DNS_NAME_SIZE])
{
	size_t p = *at;
	bool jumped = false;

	name[0] = '\0';
	for (unsigned jumps = 0; p < len && jumps < MAX_JUMPS;) {
		unsigned n = msg[p];

		if (n >= 0xc0 && p + 1 < len) {
			if (!jumped)
				*at = p + 2;
			jumped = true;
			jumps++;
			p = get16(msg + p) & 0x3fff;
			continue;
		}
		if (n == 0) {
			if (!jumped)
				*at = p + 1;
			return true;
		}
		if (n > 63 || p + 1 + n > len ||
		    !append_label(name, msg + p + 1, n))
			return false;
		p += 1 + n;
	}
	return false;
}

bool
dns_read_question(const unsigned char *msg, size_t len, struct dns_query *q,
    char name[DNS_NAME_SIZE], uint16_t *type)
{
	if (q->questions == 0 || !read_name(msg, len, &q->at, name) ||
	    q->at + 4 > len)
		return false;
	q->questions--;
	*type = (uint16_t)get16(msg + q->at);
	q->at += 4;
	return true;
}

bool
dns_read_answer(const unsigned char *msg, size_t len, struct dns_query *q,
    char target[DNS_NAME_SIZE])
{
	char name[DNS_NAME_SIZE];
	size_t data, data_len;

	target[0] = '\0';
	if (q->answers == 0 || !read_name(msg, len, &q->at, name) ||
	    q->at + 10 > len)
		return false;
	q->answers--;
	data = q->at + 10;
	data_len = get16(msg + q->at + 8);
	if (data + data_len > len)
		return false;
	if (get16(msg + q->at) == DNS_PTR) {
		size_t at = data;

		if (!read_name(msg, len, &at, target))
			return false;
	}
	q->at = data + data_len;
	return true;
}
