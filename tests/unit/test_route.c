/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "io/route.h"

static void
the_way_to_ourselves_is_loopback(void **unused)
{
	struct in_addr to = { htonl(0x7f000005) }, local;
	struct error err;

	(void)unused;
	assert_true(route_local_address(to, &local, &err));
	assert_int_equal(ntohl(local.s_addr), 0x7f000001);
}

static void
there_is_no_way_to_a_broadcast_address(void **unused)
{
	struct in_addr to = { INADDR_BROADCAST }, local;
	struct error err;

	(void)unused;
	assert_false(route_local_address(to, &local, &err));
	assert_ptr_equal(
	    strstr(err.text, "no route to 255.255.255.255: "), err.text);
}

static void
loopback_is_one_of_our_addresses(void **unused)
{
	struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	struct in_addr other = { htonl(0xc0000201) };
	struct address_facts facts;
	struct error err;

	(void)unused;
	assert_true(route_load(&facts, &err));
	assert_true(address_is_own(&facts, loopback));
	assert_false(address_is_own(&facts, other));
	assert_false(address_is_gateway(&facts, loopback));
	route_fini(&facts);
	route_fini(&facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_to_ourselves_is_loopback),
		cmocka_unit_test(there_is_no_way_to_a_broadcast_address),
		cmocka_unit_test(loopback_is_one_of_our_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
