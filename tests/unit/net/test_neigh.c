/* SPDX-License-Identifier: ISC */
/* The kernel's table of neighbours, in a network namespace. */
#include "config.h"

#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/net/neigh.h"

#include "unit/test.h"

#define NEIGHBOURS 600 /* more than one part of the dump holds */

/* A network of our own, with a table of our making; false: not here. */
static bool
make_table(void)
{
	FILE *ip;

	if (unshare(CLONE_NEWNET) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
		return false;
	signal(SIGPIPE, SIG_IGN); /* where there is no ip to read */
	ip = popen("ip -batch - >/dev/null 2>&1", "w");
	if (ip == NULL)
		return false;
	fputs(
	    "link add neigh0 type veth peer name neigh1\n"
	    "addr add 10.1.0.1/16 dev neigh0\n"
	    "link set neigh0 up\nlink set neigh1 up\n"
	    "neigh add 10.1.9.1 dev neigh0 nud failed\n"
	    "neigh add 10.1.9.3 lladdr 02:00:00:00:00:03 dev neigh0 nud noarp\n"
	    "neigh add 10.1.9.2 lladdr 02:00:00:00:00:01 dev neigh0 nud "
	    "stale\n"
	    "neigh add 10.1.8.1 lladdr 02:00:00:00:08:00 dev neigh0 nud stale\n"
	    "neigh add 10.1.8.1 lladdr 02:00:00:00:08:01 dev neigh1 nud "
	    "permanent\n"
	    "neigh add 10.1.8.2 lladdr 02:00:00:00:08:02 dev neigh0 nud "
	    "permanent\n"
	    "neigh add 10.1.8.2 lladdr 02:00:00:00:08:00 dev neigh1 nud "
	    "stale\n"
	    "neigh add 10.1.8.3 lladdr 02:00:00:00:08:03 dev neigh0 nud stale\n"
	    "neigh add 10.1.8.3 lladdr 02:00:00:00:08:04 dev neigh1 nud "
	    "stale\n",
	    ip);
	for (int i = 0; i < NEIGHBOURS; i++)
		fprintf(ip,
		    "neigh add 10.1.%d.%d lladdr 02:00:00:00:%02X:%02x "
		    "dev neigh0 nud permanent\n",
		    1 + i / 200, 1 + i % 200, i >> 8, i & 255);
	return pclose(ip) == 0;
}

static struct in_addr
address(const char *text)
{
	struct in_addr in;

	assert_int_equal(inet_pton(AF_INET, text, &in), 1);
	return in;
}

TEST(macs_are_found_by_address)
{
	char mac[NEIGH_MAC_SIZE];
	struct error err;

	if (*state == NULL)
		skip_because("no network namespace or no ip(8) here");
	assert_true(neigh_find_mac(address("10.1.1.3"), mac, &err));
	assert_string_equal(mac, "02:00:00:00:00:02");
	assert_true(neigh_find_mac(address("10.1.3.200"), mac, &err));
	assert_string_equal(mac, "02:00:00:00:02:57");
	/* Two interfaces. */
	assert_true(neigh_find_mac(address("10.1.8.1"), mac, &err));
	assert_string_equal(mac, "02:00:00:00:08:01");
	assert_true(neigh_find_mac(address("10.1.8.2"), mac, &err));
	assert_string_equal(mac, "02:00:00:00:08:02");
	assert_false(neigh_find_mac(address("10.1.8.3"), mac, &err));
	assert_string_equal(mac, "");
	assert_string_equal(
	    err.text, "10.1.8.3: two MACs in the neighbour table");
	assert_false(neigh_find_mac(address("10.1.9.1"), mac, &err));
	assert_string_equal(mac, "");
	assert_false(neigh_find_mac(address("10.1.9.3"), mac, &err));
	assert_false(neigh_find_mac(address("10.1.9.9"), mac, &err));
	assert_string_equal(err.text, "10.1.9.9: not in the neighbour table");
}

TEST(addresses_are_found_by_mac)
{
	struct neigh_table table;
	struct in_addr found[4];
	struct error err;

	if (*state == NULL)
		skip_because("no network namespace or no ip(8) here");
	assert_true(neigh_load(&table, &err));
	assert_int_equal(table.count, NEIGHBOURS + 7);
	assert_int_equal(
	    neigh_find_addresses(&table, "02:00:00:00:00:01", found, 4), 2);
	assert_int_equal(
	    neigh_find_addresses(&table, "02:00:00:00:00:01", found, 1), 1);
	assert_int_equal(
	    neigh_find_addresses(&table, "02:00:00:00:02:3A", found, 4), 1);
	assert_int_equal(found[0].s_addr, address("10.1.3.171").s_addr);
	assert_int_equal(
	    neigh_find_addresses(&table, "02:00:00:00:02:57", found, 4), 1);
	assert_int_equal(
	    neigh_find_addresses(&table, "02:ff:00:00:00:01", found, 4), 0);
	neigh_fini(&table);
	assert_int_equal(
	    neigh_find_addresses(&table, "02:00:00:00:00:01", found, 4), 0);
}

static int
set_up(void **state)
{
	*state = make_table() ? state : NULL;
	if (*state == NULL)
		print_message("no network namespace or no ip(8) here\n");
	return 0;
}

int
main(void)
{
	return cmocka_run_group_tests(tests, set_up, NULL);
}
