/* SPDX-License-Identifier: ISC */
/* A service on the LAN: when what is known of it is written. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "scan/service_entry.h"

#include "unit/test.h"

#define NAME "eWeLink_1000a05bf6"

static const unsigned char srv[] = "\0\0\0\0\x1f\x91\4host\5local";
static const unsigned char txt[] = "\x0did=1000a05bf6";

static struct service_entry *
make_entry(void)
{
	struct service_entry_key key =
	    service_entry_make_key(2, 0, NAME, strlen(NAME));

	return service_entry_new(&key, "_ewelink._tcp", NAME, "eth0", 0);
}

static struct in_addr
address_of(const char *text)
{
	struct in_addr a;

	assert_int_equal(inet_pton(AF_INET, text, &a), 1);
	return a;
}

static void
take_a(struct service_entry *e, const char *text, bool is_gone, int64_t now)
{
	struct in_addr a = address_of(text);

	service_entry_take_a(e, &a, sizeof(a), is_gone, now);
}

/* A packet that says nothing but its name. */
static void
hear(struct service_entry *e, const char *from, int64_t now)
{
	const struct dnsscan_hit hit = { 0 };

	service_entry_hear(e, &hit, address_of(from), now);
}

static void
fill(struct service_entry *e, int64_t now)
{
	service_entry_take_srv(e, srv, sizeof(srv), now);
	service_entry_take_txt(e, txt, sizeof(txt) - 1, now);
	take_a(e, "192.168.1.23", false, now);
}

static void
tells(struct service_entry *e, int64_t now, const char *what)
{
	char *line = service_entry_tell(e, now);

	if (strstr(line, what) == NULL)
		fail_msg("no %s in %s", what, line);
	assert_int_equal(e->due_ms, 0);
	free(line);
}

TEST(all_that_is_known_is_told_at_once)
{
	struct service_entry *e = make_entry();

	assert_int_equal(e->due_ms, 3000);
	fill(e, 50);
	assert_int_equal(e->due_ms, 150);
	tells(e, 150, "\"address\":\"192.168.1.23\",\"port\":8081");
	fill(e, 200); /* nothing new */
	assert_int_equal(e->due_ms, 0);
	service_entry_free(e);
}

TEST(one_packet_with_all_is_told_without_a_wait)
{
	struct service_entry *e = make_entry();
	struct in_addr address = address_of("192.168.1.23");
	struct dnsscan_hit hit = { .txt = txt, .txt_len = sizeof(txt) - 1 };

	hit.srv_len = sizeof(srv);
	memcpy(hit.srv, srv, sizeof(srv));
	service_entry_hear(e, &hit, address, 50);
	assert_int_equal(e->due_ms, 3000); /* its address is to come */
	hit.a_len = sizeof(address);
	memcpy(hit.a, &address, sizeof(address));
	service_entry_hear(e, &hit, address, 60);
	assert_int_equal(e->due_ms, 60);
	assert_int_equal(e->whole_ms, 60);
	tells(e, 60, "\"address\":\"192.168.1.23\",\"port\":8081");
	service_entry_hear(e, &hit, address, 500); /* nothing new */
	assert_int_equal(e->due_ms, 0);
	service_entry_free(e);
}

TEST(without_an_address_the_sender_has_to_do)
{
	struct service_entry *e = make_entry();

	hear(e, "192.168.1.24", 10);
	service_entry_take_srv(e, srv, sizeof(srv), 10);
	assert_int_equal(e->due_ms, 3000);
	tells(e, 3000, "\"address\":\"192.168.1.24\",\"address_hint\":true");
	service_entry_take_txt(e, txt, sizeof(txt) - 1, 4000);
	take_a(e, "192.168.1.23", false, 4000);
	assert_int_equal(e->due_ms, 4100); /* now it is complete */
	tells(e, 4100, "\"address\":\"192.168.1.23\",\"port\"");
	service_entry_free(e);
}

TEST(of_several_addresses_the_speaking_one_counts)
{
	struct service_entry *e = make_entry();

	fill(e, 0);
	take_a(e, "192.168.1.99", false, 1);
	tells(e, 100, "192.168.1.99"); /* the newest */
	hear(e, "192.168.1.23", 200);
	assert_int_equal(e->due_ms, 1200);
	tells(e, 1200, "192.168.1.23");
	take_a(e, "192.168.1.23", true, 1300);
	tells(e, 2300, "192.168.1.99");
	take_a(e, "192.168.1.99", true, 2400); /* the only one is kept */
	assert_int_equal(e->due_ms, 0);
	for (int i = 0; i < 9; i++) {
		char text[] = "10.0.0.0";

		text[7] = (char)('0' + i);
		take_a(e, text, false, 3000);
	}
	assert_int_equal(e->address_count, SERVICE_ENTRY_ADDRESSES);
	tells(e, 4000, "10.0.0.8");
	service_entry_free(e);
}

TEST(one_change_is_told_once)
{
	struct service_entry *e = make_entry();

	fill(e, 0);
	hear(e, "192.168.1.23", 0);
	tells(e, 100, NAME);
	hear(e, "192.168.1.23", 500);
	assert_int_equal(e->due_ms, 0);
	hear(e, "192.168.1.23", 2200);
	assert_int_equal(e->due_ms, 2400); /* alive: told again */
	service_entry_free(e);
}

TEST(a_farewell_may_be_taken_back)
{
	struct service_entry *e = make_entry();

	fill(e, 0);
	tells(e, 100, "\"seen\"");
	service_entry_unlist(e, 1000);
	assert_int_equal(e->due_ms, 3000);
	service_entry_list(e, 1500);
	tells(e, 2500, "\"seen\"");
	service_entry_unlist(e, 5000);
	fill(e, 6000); /* what is left in a cache does not bring it back */
	tells(e, 7000, "\"gone\"");
	service_entry_free(e);
}

TEST(what_was_told_is_repeated_on_demand)
{
	struct service_entry *e = make_entry();

	service_entry_repeat(e, 0);
	assert_int_equal(e->due_ms, 3000); /* nothing was told yet */
	fill(e, 0);
	tells(e, 100, "\"seen\"");
	service_entry_repeat(e, 200);
	tells(e, 200, "\"seen\"");
	service_entry_unlist(e, 1000);
	service_entry_repeat(e, 1100);
	assert_int_equal(e->due_ms, 3000);
	service_entry_free(e);
}

TEST(malformed_records_are_ignored)
{
	struct service_entry *e = make_entry();

	for (size_t len = 0; len < sizeof(srv); len++)
		service_entry_take_srv(e, srv, len, 0);
	service_entry_take_a(e, "abc", 3, false, 0);
	service_entry_take_srv(e, "\0\0\0\0\0\1\xc0\6", 8, 0);
	assert_false(e->seen.has_host || e->address_count > 0);
	service_entry_free(e);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
