/* SPDX-License-Identifier: ISC */
/* The routes and addresses of this machine, as the kernel reports them. */
#include "config.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "io/net/route.h"

#include "unit/test.h"

TEST(the_way_to_ourselves_is_loopback)
{
	struct in_addr to = { htonl(0x7f000005) }, local;
	struct error err;

	assert_true(route_local_address(to, &local, &err));
	assert_int_equal(ntohl(local.s_addr), 0x7f000001);
}

TEST(there_is_no_way_to_a_broadcast_address)
{
	struct in_addr to = { INADDR_BROADCAST }, local;
	struct error err;

	assert_false(route_local_address(to, &local, &err));
	assert_ptr_equal(
	    strstr(err.text, "no route to 255.255.255.255: "), err.text);
}

TEST(loopback_is_one_of_our_addresses)
{
	struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	struct in_addr other = { htonl(0xc0000201) };
	struct address_facts facts;
	struct error err;

	assert_true(route_load(&facts, &err));
	assert_true(address_is_own(&facts, loopback));
	assert_false(address_is_own(&facts, other));
	for (size_t i = 0; i < facts.gateway_count; i++)
		assert_int_not_equal(facts.gateways[i].s_addr, loopback.s_addr);
	route_fini(&facts);
	route_fini(&facts);
}

/* In a network of our own, which nobody else changes. */
TEST(the_kernel_says_when_something_has_changed)
{
	if ((unshare(CLONE_NEWNET) == -1 &&
		unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1) ||
	    system("ip link set lo down") != 0)
		skip_because("no network namespace or no ip(8) here");
	assert_true(route_changed()); /* nobody has asked before */
	assert_false(route_changed());
	assert_int_equal(system("ip link set lo up"), 0);
	assert_true(route_changed());
	assert_false(route_changed());
	assert_int_equal(system("ip addr add 192.0.2.1/24 dev lo"), 0);
	assert_true(route_changed());
	assert_int_equal(
	    system("ip route add 198.51.100.0/24 dev lo src 192.0.2.1"), 0);
	assert_true(route_changed());
	assert_false(route_changed());
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
