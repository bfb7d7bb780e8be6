/* SPDX-License-Identifier: ISC */
/* mDNS packets: what is found in good, hostile and cut ones. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/mdns/dnsscan.h"

#include "unit/test.h"

static const char *const services[] = { "_ewelink._tcp", "_http._tcp" };

/*
 * The shape of a THR316's announcement (FezVrasta/node-red-matter#3): PTR,
 * then SRV and TXT with compressed names, and no A record.
 */
static const unsigned char announcement[] =
    "\0\0\x84\0\0\0\0\3\0\0\0\0"
    /* 12: _ewelink._tcp.local PTR; its data is at 43 */
    "\x08_ewelink\x04_tcp\x05local\0\0\x0c\0\1\0\0\x11\x94\0\x15"
    "\x12"
    "eWeLink_1001720e47\xc0\x0c"
    /* SRV to eWeLink_1001720e47.local:8081 */
    "\xc0\x2b\0\x21\x80\1\0\0\0\x78\0\x1b\0\0\0\0\x1f\x91"
    "\x12"
    "eWeLink_1001720e47\xc0\x1a"
    /* TXT */
    "\xc0\x2b\0\x10\x80\1\0\0\x11\x94\0\x0a\x09txtvers=1";

static size_t
find(const void *packet, size_t len, struct dnsscan_hit *hits)
{
	return dnsscan_find(packet, len, services, 2, hits);
}

TEST(an_announcement_names_its_instance_once)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];

	assert_int_equal(find(announcement, sizeof(announcement) - 1, hits), 1);
	assert_int_equal(hits[0].service, 0);
	assert_int_equal(hits[0].len, 18);
	assert_memory_equal(hits[0].instance, "eWeLink_1001720e47", 18);
}

/* As above with the A record, whose name has other letters, in front. */
static const unsigned char whole[] =
    "\0\0\x84\0\0\0\0\3\0\0\0\0"
    "\4hOST\5local\0\0\1\x80\1\0\0\0\x78\0\4\xc0\xa8\1\x17"
    "\1a\x08_ewelink\x04_tcp\xc0\x11"
    "\0\x21\x80\1\0\0\0\x78\0\x0d\0\0\0\0\x1f\x91\4host\xc0\x11"
    "\xc0\x26\0\x10\x80\1\0\0\x11\x94\0\x0a\x09txtvers=1";

TEST(an_instance_comes_with_what_the_packet_says_of_it)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	unsigned char packet[sizeof(whole)];

	assert_int_equal(find(announcement, sizeof(announcement) - 1, hits), 1);
	assert_int_equal(hits[0].srv_len, 6 + 1 + 18 + 1 + 5 + 1);
	assert_memory_equal(hits[0].srv + 4,
	    "\x1f\x91\x12"
	    "eWeLink",
	    10);
	assert_int_equal(hits[0].txt_len, 10);
	assert_memory_equal(hits[0].txt, "\x09txtvers=1", 10);
	assert_int_equal(hits[0].a_len, 0);

	assert_int_equal(find(whole, sizeof(whole) - 1, hits), 1);
	assert_int_equal(hits[0].srv_len, 6 + 12);
	assert_int_equal(hits[0].txt_len, 10);
	assert_int_equal(hits[0].a_len, 4);
	assert_memory_equal(hits[0].a, "\xc0\xa8\1\x17", 4);

	memcpy(packet, whole, sizeof(packet));
	packet[13] = 'X'; /* the address is another host's now */
	assert_int_equal(find(packet, sizeof(packet) - 1, hits), 1);
	assert_int_equal(hits[0].a_len, 0);
}

/* In memory of just that size, so that what is read behind it is noticed. */
static size_t
find_in_part(const unsigned char *packet, size_t len, struct dnsscan_hit *hits)
{
	static unsigned char *part;

	free(part);
	part = malloc(len + (len == 0));
	memcpy(part, packet, len);
	memset(hits, 0, DNSSCAN_HITS * sizeof(*hits));
	return find(part, len, hits);
}

/* A whole record counts, and nothing else. */
TEST(a_cut_packet_is_safe)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	size_t ptr = 12 + 21 + 10 + 21, srv = ptr + 2 + 10 + 27,
	       txt = srv + 2 + 10 + 10;

	assert_int_equal(txt, sizeof(announcement) - 1);
	for (size_t len = 0; len <= txt; len++) {
		assert_int_equal(
		    find_in_part(announcement, len, hits), len >= ptr);
		assert_int_equal(hits[0].len, len >= ptr ? 18 : 0);
		assert_int_equal(hits[0].srv_len, len >= srv ? 6 + 26 : 0);
		assert_int_equal(hits[0].txt_len, len >= txt ? 10 : 0);
		assert_int_equal(hits[0].a_len, 0);
	}
	srv = 12 + 12 + 10 + 4 + 18 + 10 + 13;
	for (size_t len = 0; len < sizeof(whole); len++) {
		assert_int_equal(find_in_part(whole, len, hits), len >= srv);
		assert_int_equal(hits[0].srv_len, len >= srv ? 6 + 12 : 0);
		assert_int_equal(
		    hits[0].txt_len, len == sizeof(whole) - 1 ? 10 : 0);
		assert_int_equal(hits[0].a_len, len >= srv ? 4 : 0);
	}
}

#define PTR 12
#define TXT 16
#define SRV 33

static struct packet {
	unsigned char bytes[8192];
	size_t len;
} made;

static void
put(const void *bytes, size_t len)
{
	memcpy(made.bytes + made.len, bytes, len);
	made.len += len;
}

static void
put16(unsigned value)
{
	put((unsigned char[]){ (unsigned char)(value >> 8),
		(unsigned char)value },
	    2);
}

/* "a._http._tcp.local" */
static void
put_name(const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		put((unsigned char[]){ (unsigned char)n }, 1);
		put(name, n);
		name += n + (name[n] == '.');
	}
	put("", 1);
}

static void
begin(unsigned questions, unsigned answers, unsigned authorities,
    unsigned additionals)
{
	memset(&made, 0, sizeof(made));
	put16(0);
	put16(0x8400);
	put16(questions);
	put16(answers);
	put16(authorities);
	put16(additionals);
}

static void
put_question(const char *name)
{
	put_name(name);
	put16(PTR);
	put16(1);
}

static void
put_record(const char *owner, unsigned type, unsigned class, uint32_t ttl,
    const void *data, size_t len)
{
	put_name(owner);
	put16(type);
	put16(class);
	put16(ttl >> 16);
	put16(ttl & 0xffff);
	put16((unsigned)len);
	put(data, len);
}

#define TEXT "\4id=1"
#define HTTP "a._http._tcp.local"

static size_t
find_made(struct dnsscan_hit *hits)
{
	return find_in_part(made.bytes, made.len, hits);
}

/* An SRV record's data: priority, weight, port, host. */
static size_t
srv_data(unsigned char *dst, const char *host, size_t host_len)
{
	memcpy(dst, "\0\0\0\0\x1f\x91", 6);
	memcpy(dst + 6, host, host_len);
	return 6 + host_len;
}

#define HOST "\4host\5local\0"

static void
put_srv(const char *owner, uint32_t ttl)
{
	unsigned char data[64];

	put_record(
	    owner, SRV, 1, ttl, data, srv_data(data, HOST, sizeof(HOST) - 1));
}

TEST(only_a_response_counts)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];

	for (unsigned bit = 0; bit < 16; bit++) {
		unsigned flags = 0x8000u ^ 1u << bit;
		bool is_opcode = bit >= 11 && bit <= 14;

		begin(0, 1, 0, 0);
		put_record(HTTP, TXT, 1, 9, TEXT, 5);
		made.bytes[2] = (unsigned char)(flags >> 8);
		made.bytes[3] = (unsigned char)flags;
		assert_int_equal(find_made(hits), !is_opcode && bit != 15);
	}
	begin(0, 0, 0, 0);
	assert_int_equal(find_made(hits), 0);
}

TEST(up_to_64_questions_stand_in_front)
{
	static const unsigned counts[] = { 0, 1, 2, 63, 64, 65, 256, 65535 };
	struct dnsscan_hit hits[DNSSCAN_HITS];

	for (size_t i = 0; i < COUNT(counts); i++) {
		begin(counts[i], 1, 0, 0);
		for (unsigned n = 0; n < counts[i] && n < 256; n++)
			put_question("_x");
		put_record(HTTP, TXT, 1, 9, TEXT, 5);
		assert_int_equal(find_made(hits), counts[i] <= 64);
	}
	/* As many as that are not even looked for. */
	begin(65, 1, 0, 0);
	put_record(HTTP, TXT, 1, 9, TEXT, 5);
	assert_int_equal(find_made(hits), 0);
	/* One whose name is none hides what is behind it. */
	begin(1, 1, 0, 0);
	put("\x40\0\0\0", 4);
	put_record(HTTP, TXT, 1, 9, TEXT, 5);
	assert_int_equal(find_made(hits), 0);
}

/* All three sections count, and nothing behind them. */
TEST(as_many_records_are_read_as_are_announced)
{
	static const unsigned counts[][4] = {
		/* answers, authorities, additionals, found */
		{ 0, 0, 0, 0 },
		{ 1, 0, 0, 1 },
		{ 0, 1, 0, 1 },
		{ 0, 0, 1, 1 },
		{ 1, 1, 0, 2 },
		{ 1, 0, 1, 2 },
		{ 0, 1, 1, 2 },
		{ 1, 1, 1, 3 },
		{ 2, 1, 1, 4 },
	};
	static const char *const names[] = { "a._http._tcp.local",
		"b._http._tcp.local", "c._http._tcp.local",
		"d._http._tcp.local" };
	struct dnsscan_hit hits[DNSSCAN_HITS];

	for (size_t i = 0; i < COUNT(counts); i++) {
		begin(0, counts[i][0], counts[i][1], counts[i][2]);
		for (size_t n = 0; n < 4; n++)
			put_record(names[n], TXT, 1, 9, TEXT, 5);
		assert_int_equal(find_made(hits), counts[i][3]);
	}
	/* Addresses, too. */
	for (unsigned n = 1; n <= 3; n++) {
		begin(0, n, 0, 0);
		put_srv(HTTP, 9);
		put_record(HTTP, TXT, 1, 9, TEXT, 5);
		put_record("host.local", 1, 1, 9, "\1\2\3\4", 4);
		assert_int_equal(find_made(hits), 1);
		assert_int_equal(hits[0].a_len, n == 3 ? 4 : 0);
	}
}

TEST(no_more_than_256_records_are_read)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];

	for (unsigned before = 254; before <= 257; before++) {
		begin(0, 600, 0, 0);
		for (unsigned n = 0; n < before; n++)
			put_record("", 1, 1, 9, "", 0);
		put_record(HTTP, TXT, 1, 9, TEXT, 5);
		assert_int_equal(find_made(hits), before <= 255);
	}
}

TEST(a_record_may_be_empty_and_the_last)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];

	begin(0, 1, 0, 0);
	put_record(HTTP, TXT, 1, 9, "", 0);
	assert_int_equal(find_made(hits), 1);
	assert_int_equal(hits[0].txt_len, 0);
	assert_int_equal(find_in_part(made.bytes, made.len - 1, hits), 0);
}

TEST(what_is_said_for_no_time_or_another_network_is_not_said)
{
	static const struct {
		unsigned class;
		uint32_t ttl;
		bool counts;
	} cases[] = {
		{ 1, 0, false },
		{ 1, 1, true },
		{ 1, 0x100, true },
		{ 1, 0x10000, true },
		{ 1, 0x1000000, true },
		{ 1, 0x80000000u, true },
		{ 0x8001, 1, true },
		{ 0x8001, 0, false },
		{ 0, 1, false },
		{ 2, 1, false },
		{ 255, 1, false },
		{ 0x4001, 1, false },
	};
	struct dnsscan_hit hits[DNSSCAN_HITS];

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned class = cases[i].class;
		uint32_t ttl = cases[i].ttl;
		unsigned char data[64];
		size_t len = srv_data(data, HOST, sizeof(HOST) - 1);

		begin(0, 1, 0, 0);
		put_record(HTTP, TXT, class, ttl, TEXT, 5);
		assert_int_equal(find_made(hits), cases[i].counts);
		begin(0, 1, 0, 0);
		put_record(HTTP, SRV, class, ttl, data, len);
		assert_int_equal(find_made(hits), cases[i].counts);
		begin(0, 1, 0, 0);
		put_record("_http._tcp.local", PTR, class, ttl,
		    "\1a\5_http\4_tcp\5local", 20);
		assert_int_equal(find_made(hits), cases[i].counts);
		begin(0, 2, 0, 0);
		put_srv(HTTP, 9);
		put_record("host.local", 1, class, ttl, "\1\2\3\4", 4);
		assert_int_equal(find_made(hits), 1);
		assert_int_equal(hits[0].a_len, cases[i].counts ? 4 : 0);
		/* Not even what was named before. */
		begin(0, 2, 0, 0);
		put_srv(HTTP, 9);
		put_record(HTTP, TXT, class, ttl, TEXT, 5);
		assert_int_equal(find_made(hits), 1);
		assert_int_equal(hits[0].txt_len, cases[i].counts ? 5 : 0);
	}
}

TEST(each_instance_of_each_service_is_one)
{
	static const char *const names[] = { "a._http._tcp.local",
		"b._http._tcp.local", "a._ewelink._tcp.local",
		"aa._http._tcp.local" };
	struct dnsscan_hit hits[DNSSCAN_HITS];

	begin(0, 9, 0, 0);
	put_record("a._ipp._tcp.local", TXT, 1, 9, TEXT, 5);
	for (unsigned twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < 4; i++)
			put_record(names[i], TXT, 1, 9, TEXT, 5);
	assert_int_equal(find_made(hits), 4);
	for (size_t i = 0; i < 4; i++) {
		size_t len = strcspn(names[i], ".");

		assert_int_equal(hits[i].len, len);
		assert_memory_equal(hits[i].instance, names[i], len);
		assert_int_equal(hits[i].service, i != 2);
		assert_int_equal(hits[i].txt_len, 5);
	}
	/* A pointer says nothing but the name. */
	begin(0, 1, 0, 0);
	put_record(
	    "_http._tcp.local", PTR, 1, 9, "\1a\5_http\4_tcp\5local", 20);
	assert_int_equal(find_made(hits), 1);
	assert_int_equal(hits[0].txt_len + hits[0].srv_len, 0);
	begin(0, 1, 0, 0);
	put_record(
	    "_http._tcp.local", PTR, 1, 9, "\1a\5_http\4_tcp\5local", 19);
	assert_int_equal(find_made(hits), 0);
	/* Another type of record announces nobody. */
	for (unsigned type = 1; type < 260; type++) {
		begin(0, 1, 0, 0);
		put_record(HTTP, type, 1, 9, TEXT, 5);
		assert_int_equal(find_made(hits), type == TXT || type == SRV);
	}
}

TEST(eight_instances_are_the_most)
{
	static const char *const names[] = { "a._http._tcp.local",
		"b._http._tcp.local", "c._http._tcp.local",
		"d._http._tcp.local", "e._http._tcp.local",
		"f._http._tcp.local", "g._http._tcp.local",
		"h._http._tcp.local", "i._http._tcp.local" };
	/* On the heap: what is written behind them is noticed. */
	struct dnsscan_hit *hits = calloc(DNSSCAN_HITS, sizeof(*hits));

	begin(0, 11, 0, 0);
	for (size_t i = 0; i < 9; i++)
		put_srv(names[i], 9);
	put_record(names[7], TXT, 1, 9, TEXT, 5);
	put_record("HOST.local", 1, 1, 9, "\1\2\3\4", 4);
	assert_int_equal(find_made(hits), DNSSCAN_HITS);
	for (size_t i = 0; i < DNSSCAN_HITS; i++) {
		assert_int_equal(hits[i].instance[0], 'a' + i);
		assert_int_equal(hits[i].a_len, 4);
	}
	assert_int_equal(hits[7].txt_len, 5);
	free(hits);
}

TEST(a_host_is_taken_where_its_record_is_whole)
{
	static const struct {
		const char *host;
		size_t len, srv_len;
	} cases[] = {
		{ "\4host\5local\0", 12, 6 + 12 },
		{ "\0", 1, 6 + 1 },	       /* the root is a name */
		{ "", 0, 0 },		       /* none */
		{ "\4host\5local\0x", 13, 0 }, /* more than a name */
		{ "\4host\5local", 11, 0 },    /* less */
		{ "\4host\x40", 6, 0 },
	};
	struct dnsscan_hit hits[DNSSCAN_HITS];
	unsigned char data[64];

	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(0, 1, 0, 0);
		put_record(HTTP, SRV, 1, 9, data,
		    srv_data(data, cases[i].host, cases[i].len));
		assert_int_equal(find_made(hits), 1);
		assert_int_equal(hits[0].srv_len, cases[i].srv_len);
		if (hits[0].srv_len > 0)
			assert_memory_equal(
			    hits[0].srv, data, 6 + cases[i].len);
	}
}

TEST(of_two_records_of_a_kind_the_first_counts)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	unsigned char other[64];

	begin(0, 6, 0, 0);
	put_srv(HTTP, 9);
	put_record(
	    HTTP, SRV, 1, 9, other, srv_data(other, "\5other\5local\0", 13));
	put_record(HTTP, TXT, 1, 9, TEXT, 5);
	put_record(HTTP, TXT, 1, 9, "\6id=222", 7);
	put_record("host.local", 1, 1, 9, "\1\2\3\4", 4);
	put_record("host.local", 1, 1, 9, "\5\6\7\x8", 4);
	assert_int_equal(find_made(hits), 1);
	assert_int_equal(hits[0].srv_len, 6 + 12);
	assert_int_equal(hits[0].txt_len, 5);
	assert_memory_equal(hits[0].a, "\1\2\3\4", 4);
}

TEST(an_address_is_one_of_that_very_host)
{
	static const struct {
		const char *owner, *data;
		size_t len;
		unsigned type;
		bool is;
	} cases[] = {
		{ "host.local", "\1\2\3\4", 4, 1, true },
		{ "HOST.Local", "\1\2\3\4", 4, 1, true },
		{ "host.local", "\1\2\3", 3, 1, false },
		{ "host.local", "\1\2\3\4\5", 5, 1, false },
		{ "host.local", "\1\2\3\4", 4, 28, false },
		{ "hos.local", "\1\2\3\4", 4, 1, false },
		{ "hostt.local", "\1\2\3\4", 4, 1, false },
		{ "hosu.local", "\1\2\3\4", 4, 1, false },
		{ "host.locam", "\1\2\3\4", 4, 1, false },
		{ "hos.tlocal", "\1\2\3\4", 4, 1, false },
	};
	struct dnsscan_hit hits[DNSSCAN_HITS];

	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(0, 2, 0, 0);
		put_srv(HTTP, 9);
		put_record(cases[i].owner, cases[i].type, 1, 9, cases[i].data,
		    cases[i].len);
		assert_int_equal(find_made(hits), 1);
		assert_int_equal(hits[0].a_len, cases[i].is ? 4 : 0);
	}
}

TEST(queries_and_farewells_announce_nothing)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	unsigned char packet[sizeof(announcement)];

	memcpy(packet, announcement, sizeof(packet));
	packet[2] = 0;
	assert_int_equal(find(packet, sizeof(packet) - 1, hits), 0);
	memcpy(packet, announcement, sizeof(packet));
	packet[7] = 1; /* the PTR record alone, and its TTL */
	memset(packet + 37, 0, 4);
	assert_int_equal(find(packet, sizeof(packet) - 1, hits), 0);
}

TEST(looped_and_forward_names_end)
{
	static const unsigned char bad[][6] = {
		{ 0xc0, 0x00 },		   /* itself */
		{ 0xc0, 0x02, 1, 'a', 0 }, /* forward */
		{ 1, 'a', 0xc0, 0x00 },	   /* its own beginning, for ever */
		{ 0x40, 'a', 0 },	   /* a label type nobody has */
		{ 0x3f, 'a', 0 },	   /* longer than the message */
	};
	static const unsigned char two[] = { 0xc0, 2, 0xc0, 0, 0xc0, 0 };
	struct dnsname name;

	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t pos = 0;

		assert_false(dnsname_read(&name, bad[i], 6, &pos));
	}
	for (size_t from = 0; from < sizeof(two); from += 2) {
		size_t pos = from;

		assert_false(dnsname_read(&name, two, sizeof(two), &pos));
	}
}

TEST(a_pointer_has_fourteen_bits)
{
	static unsigned char message[0x1200];
	struct dnsname name;

	for (size_t at = 0x80; at <= 0x1000; at *= 2) {
		size_t pos = 0x1100;

		memset(message, 0, sizeof(message));
		message[at] = 1;
		message[at + 1] = 'a';
		message[pos] = (unsigned char)(0xc0 | at >> 8);
		message[pos + 1] = (unsigned char)at;
		assert_true(
		    dnsname_read(&name, message, sizeof(message), &pos));
		assert_int_equal(pos, 0x1102);
		assert_int_equal(name.len, 3);
		assert_memory_equal(name.wire, "\1a", 3);
	}
}

TEST(a_name_has_up_to_255_bytes)
{
	char label[64], suffix[3 * 64];
	struct dnsname name;

	memset(label, 'x', sizeof(label));
	memset(suffix, 'y', sizeof(suffix));
	suffix[63] = suffix[127] = '.';
	suffix[191] = '\0';
	assert_true(dnsname_make(&name, label, 60, suffix));
	assert_int_equal(name.len, 254);
	assert_true(dnsname_make(&name, label, 61, suffix));
	assert_int_equal(name.len, 255);
	assert_false(dnsname_make(&name, label, 62, suffix));
	assert_true(dnsname_make(&name, "a", 1, "b.c"));
	assert_memory_equal(name.wire, "\1a\1b\1c", 7);
	assert_false(dnsname_make(&name, "a", 1, ".c"));
	assert_false(dnsname_make(&name, "a", 1, "b..c"));
}

TEST(a_name_is_under_a_suffix_of_the_same_labels)
{
	static const struct {
		const char *suffix;
		bool is;
	} cases[] = {
		{ "_tcp.local", true },
		{ "_TCP.LOCAL", true },
		{ "_tcpx.local", false },
		{ "_tc.local", false },
		{ "_tcp.loca", false },
		{ "_tcp.locals", false },
		{ "_tcp", false },
		{ "_udp.local", false },
		{ "", false },
	};
	struct dnsname name, root = { .len = 1 };

	assert_true(dnsname_make(&name, "a", 1, "_tcp.local"));
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    dnsname_is_under(&name, cases[i].suffix), cases[i].is);
	root.wire[0] = 0;
	assert_false(dnsname_is_under(&root, ""));
}

TEST(the_labels_of_a_name_end_with_it)
{
	struct dnsname name;
	size_t len;

	assert_true(dnsname_make(&name, "ab", 2, "c"));
	assert_memory_equal(dnsname_label(&name, 0, &len), "ab", 2);
	assert_int_equal(len, 2);
	assert_memory_equal(dnsname_label(&name, 1, &len), "c", 1);
	assert_int_equal(len, 1);
	assert_null(dnsname_label(&name, 2, &len));
	name.len = 0;
	assert_null(dnsname_label(&name, 0, &len));
}

TEST(only_letters_digits_and_two_signs_are_plain)
{
	static const char plain[] = "azAZ09-_", other[] = "`{@[/:. ";
	char text[DNSNAME_TEXT];
	struct dnsname name;

	assert_true(dnsname_make(&name, plain, 8, "x"));
	memset(text, '!', sizeof(text));
	assert_string_equal(dnsname_text(text, &name), "azAZ09-_.x");
	assert_true(dnsname_make(&name, other, 8, "x"));
	assert_string_equal(dnsname_text(text, &name),
	    "\\096\\123\\064\\091\\047\\058\\046\\032.x");
}

TEST(names_are_escaped_for_avahi)
{
	struct dnsname name;
	char text[DNSNAME_TEXT], longest[DNSNAME_LABEL + 1];

	assert_true(dnsname_make(&name, "a.b\\\n\0\xff", 7, "_x._tcp.local"));
	assert_string_equal(dnsname_text(text, &name),
	    "a\\046b\\092\\010\\000\\255._x._tcp.local");
	assert_true(dnsname_is_under(&name, "_X._TCP.local"));
	assert_false(dnsname_is_under(&name, "_x._tcp"));
	assert_false(dnsname_is_under(&name, "_x._tcp.local.net"));
	memset(longest, 0xff, sizeof(longest));
	assert_false(dnsname_make(&name, longest, 64, "local"));
	assert_false(dnsname_make(&name, "", 0, "local"));
	assert_true(dnsname_make(&name, longest, 63, "local"));
	assert_int_equal(strlen(dnsname_text(text, &name)), 63 * 4 + 6);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
