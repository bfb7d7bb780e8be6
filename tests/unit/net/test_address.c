/* SPDX-License-Identifier: ISC */
/* Which addresses may be contacted, by the interfaces of this machine. */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/net/address.h"

#include "unit/test.h"

static struct in_addr
ip(const char *text)
{
	struct in_addr address;

	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	return address;
}

#define NETS 8

/* A router's nets, tunnels, and the way to the Internet. */
static const struct address_facts *
facts_of_router(void)
{
	static struct address_own own[NETS];
	static struct in_addr gateway;
	static const struct address_facts facts = { own, NETS, &gateway, 1 };
	const struct address_own nets[NETS] = {
		{ ip("127.0.0.1"), ip("255.0.0.0"), "lo", true, false },
		{ ip("192.168.1.2"), ip("255.255.255.0"), "eth0", true, false },
		{ ip("10.7.3.4"), ip("255.255.0.0"), "wlan0", false, false },
		{ ip("10.9.0.0"), ip("255.255.255.254"), "tun0", true, false },
		{ ip("10.7.9.65"), ip("255.255.255.192"), "eth1", true, false },
		{ ip("10.9.1.1"), ip("255.255.255.252"), "tun1", true, false },
		{ ip("10.20.0.1"), ip("255.255.255.0"), "eth2", false, true },
		{ ip("172.31.0.5"), ip("255.255.255.255"), "ppp0", true,
		    false },
	};

	memcpy(own, nets, sizeof(own));
	gateway = ip("192.168.1.1");
	return &facts;
}

/* The same, turned by so many: no answer depends on the order. */
static const struct address_facts *
facts_turned(size_t by)
{
	static struct address_own own[2 * NETS];
	static struct address_facts facts;

	facts = *facts_of_router();
	memcpy(own, facts.own, NETS * sizeof(own[0]));
	memcpy(own + NETS, facts.own, NETS * sizeof(own[0]));
	facts.own = own + by;
	return &facts;
}

static const char *
ask(const char *address, const char *interface, bool allow_gateway)
{
	static char words[sizeof(((struct error *)0)->text)];

	for (size_t by = 0; by < NETS; by++) {
		struct error err = { .text = "" };
		bool may = address_may_be_contacted(facts_turned(by),
		    ip(address), interface, allow_gateway, &err);

		assert_int_equal(may, err.text[0] == '\0');
		if (by > 0)
			assert_string_equal(err.text, words);
		memcpy(words, err.text, sizeof(words));
	}
	return words;
}

TEST(hosts_on_the_lan_may_be_contacted)
{
	static const struct {
		const char *address, *interface;
		bool allow_gateway;
	} cases[] = {
		{ "192.168.1.23", "eth0", false },
		{ "192.168.1.23", "", false },
		{ "192.168.1.23", NULL, false },
		{ "10.7.255.1", "wlan0", false },
		{ "10.9.0.1", "tun0", false },
		{ "10.9.1.2", "tun1", false },
		{ "172.16.5.5", NULL, false },
		{ "172.31.0.4", NULL, false },
		{ "192.168.1.1", "eth0", true },
		/* beside those that are no hosts */
		{ "1.0.0.0", NULL, false },
		{ "126.255.255.255", NULL, false },
		{ "128.0.0.0", NULL, false },
		{ "223.255.255.255", NULL, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(ask(cases[i].address, cases[i].interface,
					cases[i].allow_gateway),
		    "");
}

TEST(others_may_not)
{
	/* clang-format off */
	static const char *const cases[][2] = {
		{ "0.0.0.0", "it is no address of a host" },
		{ "0.0.0.1", "it is no address of a host" },
		{ "0.1.2.3", "it is no address of a host" },
		{ "0.255.255.255", "it is no address of a host" },
		{ "127.0.0.0", "it is a loopback address" },
		{ "127.0.0.1", "it is a loopback address" },
		{ "127.255.255.255", "it is a loopback address" },
		{ "224.0.0.0", "it is a multicast address" },
		{ "224.0.0.251", "it is a multicast address" },
		{ "239.255.255.255", "it is a multicast address" },
		{ "255.255.255.255", "it is a broadcast address" },
		{ "255.255.255.254", "it is a reserved address" },
		{ "240.0.0.0", "it is a reserved address" },
		{ "240.0.0.1", "it is a reserved address" },
		{ "192.168.1.2", "it is an address of this machine" },
		{ "10.7.3.4", "it is an address of this machine" },
		{ "10.9.0.0", "it is an address of this machine" },
		{ "172.31.0.5", "it is an address of this machine" },
		{ "192.168.1.255", "it is the network or broadcast address of eth0" },
		{ "192.168.1.0", "it is the network or broadcast address of eth0" },
		{ "10.7.255.255", "it is the network or broadcast address of wlan0" },
		{ "10.9.1.0", "it is the network or broadcast address of tun1" },
		{ "10.9.1.3", "it is the network or broadcast address of tun1" },
		{ "192.168.1.1", "it is the gateway" },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(ask(cases[i][0], NULL, false), cases[i][1]);
	assert_string_equal(
	    ask("10.7.3.5", "eth0", false), "it is not on the network of eth0");
	assert_string_equal(ask("192.168.1.5", "eth9", false),
	    "it is not on the network of eth9");
}

/* A net of one address has no neighbours. */
TEST(the_narrowest_net_of_several_counts)
{
	static const struct {
		const char *address;
		unsigned bits;
	} cases[] = {
		{ "192.168.1.23", 24 },
		{ "10.7.3.5", 16 },
		{ "10.7.9.70", 26 },
		{ "10.7.9.1", 16 },
		{ "10.9.0.1", 31 },
		{ "10.9.1.2", 30 },
		{ "127.0.0.5", 8 },
		{ "172.31.0.5", 0 },
		{ "8.8.8.8", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct in_addr address = ip(cases[i].address);

		for (size_t by = 0; by < NETS; by++)
			assert_int_equal(
			    address_prefix(facts_turned(by), address),
			    cases[i].bits);
	}
}

TEST(neighbours_are_on_the_same_net_and_no_more_than_256)
{
	static const struct {
		const char *around, *first, *last; /* NULL: none */
	} cases[] = {
		{ "192.168.1.23", "192.168.1.0", "192.168.1.255" },
		{ "10.7.200.5", "10.7.200.0", "10.7.200.255" },
		{ "10.7.9.70", "10.7.9.64", "10.7.9.127" },
		{ "10.7.9.1", "10.7.9.0", "10.7.9.255" },
		{ "192.168.2.23", NULL, NULL },
		{ "8.8.8.8", NULL, NULL },
		{ "10.9.0.1", NULL, NULL },
		{ "10.9.1.2", "10.9.1.0", "10.9.1.3" },
		{ "172.31.0.5", NULL, NULL },
		{ "127.0.0.5", NULL, NULL },
		{ "224.0.0.251", NULL, NULL },
	};

	for (size_t i = 0; i < NETS * COUNT(cases); i++) {
		size_t n = i / NETS;
		uint32_t first, last;
		bool any = address_neighbours(
		    facts_turned(i % NETS), ip(cases[n].around), &first, &last);

		assert_int_equal(any, cases[n].first != NULL);
		if (!any)
			continue;
		assert_int_equal(first, ntohl(ip(cases[n].first).s_addr));
		assert_int_equal(last, ntohl(ip(cases[n].last).s_addr));
	}
}

TEST(without_a_running_interface_there_is_no_way)
{
	struct address_facts facts = *facts_of_router();

	assert_true(address_has_way(&facts, ip("192.168.1.23")));
	assert_true(address_has_way(&facts, ip("127.0.0.5")));
	assert_false(address_has_way(&facts, ip("10.7.3.5")));
	assert_true(address_has_way(&facts, ip("10.7.9.70"))); /* by eth1 */
	assert_true(address_has_way(&facts, ip("8.8.8.8")));
	facts.gateway_count = 0;
	assert_false(address_has_way(&facts, ip("8.8.8.8")));
	assert_true(address_has_way(&facts, ip("192.168.1.23")));
}

/* What the kernel says of the way, and which of our interfaces is to blame. */
TEST(a_network_is_cut_off_where_its_own_interface_is)
{
	static const struct {
		const char *address;
		unsigned prefix;
		bool is_known, is_there;
		const char *local, *why; /* NULL: it can be reached */
	} cases[] = {
		{ "192.168.1.23", 24, true, true, "192.168.1.2", NULL },
		{ "10.7.3.5", 16, true, true, "10.7.3.4", "wlan0 has no" },
		/* the addresses are ours, the routes are gone */
		{ "192.168.1.23", 24, true, false, NULL, "no route by eth0" },
		{ "10.7.3.5", 16, true, false, NULL, "wlan0 has no carrier" },
		{ "10.20.0.5", 24, true, false, NULL, "eth2 is switched off" },
		{ "10.7.3.5", 0, true, false, NULL, "wlan0 has no carrier" },
		/* another interface leads there than the one it was on */
		{ "10.7.3.5", 16, true, true, "192.168.1.2", "wlan0 has no" },
		{ "10.7.9.70", 26, true, true, "192.168.1.2",
		    "no route by eth1" },
		{ "10.7.9.70", 0, true, true, "192.168.1.2", NULL },
		{ "10.7.9.70", 26, true, true, "8.8.4.4", NULL },
		/* our address went, and the default route leads elsewhere */
		{ "192.168.2.23", 24, true, true, "192.168.1.2",
		    "no interface of this machine has an address there" },
		{ "192.168.2.23", 1, true, true, "192.168.1.2",
		    "no interface of this machine has an address there" },
		{ "192.168.2.23", 1, true, false, NULL,
		    "no interface of this machine has an address there" },
		{ "192.168.2.23", 24, true, false, NULL,
		    "no interface of this machine has an address there" },
		/* behind a router it may lead anywhere */
		{ "192.168.2.23", 0, true, true, "192.168.1.2", NULL },
		{ "192.168.2.23", 0, true, true, "10.7.3.4", "wlan0 has no" },
		{ "192.168.2.23", 0, true, false, NULL, "there is no route" },
		/* the kernel could not be asked */
		{ "192.168.1.23", 24, false, false, NULL, NULL },
		{ "10.7.3.5", 16, false, false, NULL, "wlan0 has no carrier" },
		{ "10.20.0.5", 24, false, false, NULL, "eth2 is switched off" },
		{ "8.8.8.8", 0, false, false, NULL, NULL },
	};

	for (size_t n = 0; n < NETS * COUNT(cases); n++) {
		size_t i = n / NETS;
		struct address_way way = { cases[i].is_known, cases[i].is_there,
			{ 0 } };
		char why[128] = "";
		bool cut;

		if (cases[i].local != NULL)
			way.local = ip(cases[i].local);
		cut = address_is_cut_off(facts_turned(n % NETS),
		    ip(cases[i].address), cases[i].prefix, &way, why,
		    sizeof(why));
		if (cut != (cases[i].why != NULL) ||
		    (cut && strstr(why, cases[i].why) == NULL))
			fail_msg("%zu: %s", i, why);
	}
}

/* A net of ours whose interface is down hides the way behind the gateway. */
TEST(there_is_a_way_by_a_running_net_or_the_gateway)
{
	static const struct {
		const char *address;
		bool with_gateway, without;
	} cases[] = {
		{ "127.0.0.5", true, true },
		{ "192.168.1.9", true, true },
		{ "10.7.0.1", false, false },
		{ "10.7.9.70", true, true },
		{ "8.8.8.8", true, false },
	};
	const struct address_facts *facts = facts_of_router();
	struct address_facts alone = *facts;

	alone.gateway_count = 0;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(address_has_way(facts, ip(cases[i].address)),
		    cases[i].with_gateway);
		assert_int_equal(address_has_way(&alone, ip(cases[i].address)),
		    cases[i].without);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
