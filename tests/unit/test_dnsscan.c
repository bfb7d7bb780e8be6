/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/dnsscan.h"

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

static void
an_announcement_names_its_instance_once(void **unused)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];

	(void)unused;
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

static void
an_instance_comes_with_what_the_packet_says_of_it(void **unused)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	unsigned char packet[sizeof(whole)];

	(void)unused;
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

static void
a_cut_packet_is_safe(void **unused)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];

	(void)unused;
	for (size_t len = 0; len < sizeof(announcement); len++)
		assert_in_range(find(announcement, len, hits), 0, 1);
	for (size_t len = 0; len < sizeof(whole); len++)
		assert_in_range(find(whole, len, hits), 0, 1);
}

static void
queries_and_farewells_announce_nothing(void **unused)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	unsigned char packet[sizeof(announcement)];

	(void)unused;
	memcpy(packet, announcement, sizeof(packet));
	packet[2] = 0;
	assert_int_equal(find(packet, sizeof(packet) - 1, hits), 0);
	memcpy(packet, announcement, sizeof(packet));
	packet[7] = 1; /* the PTR record alone, and its TTL */
	memset(packet + 37, 0, 4);
	assert_int_equal(find(packet, sizeof(packet) - 1, hits), 0);
}

static void
looped_and_forward_names_end(void **unused)
{
	static const unsigned char bad[][6] = {
		{ 0xc0, 0x00 },		   /* itself */
		{ 0xc0, 0x02, 1, 'a', 0 }, /* forward */
		{ 1, 'a', 0xc0, 0x00 },	   /* its own beginning, for ever */
		{ 0x40, 'a', 0 },	   /* a label type nobody has */
		{ 0x3f, 'a', 0 },	   /* longer than the message */
	};
	struct dnsname name;

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t pos = 0;

		assert_false(dnsname_read(&name, bad[i], 6, &pos));
	}
}

static void
names_are_escaped_for_avahi(void **unused)
{
	struct dnsname name;
	char text[DNSNAME_TEXT], longest[DNSNAME_LABEL + 1];

	(void)unused;
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_announcement_names_its_instance_once),
		cmocka_unit_test(
		    an_instance_comes_with_what_the_packet_says_of_it),
		cmocka_unit_test(a_cut_packet_is_safe),
		cmocka_unit_test(queries_and_farewells_announce_nothing),
		cmocka_unit_test(looped_and_forward_names_end),
		cmocka_unit_test(names_are_escaped_for_avahi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
