/* SPDX-License-Identifier: ISC */
/* The networks of [Match] and of AllowNetworks=. */
#include "config.h"

#include <arpa/inet.h>

#include "core/config/network.h"

#include "unit/test.h"

TEST(nets_take_in_and_leave_out)
{
	static const struct {
		const char *nets, *address;
		bool has;
	} cases[] = {
		{ "", "8.8.8.8", true },
		{ "192.168.1.0/24", "192.168.1.255", true },
		{ "192.168.1.0/24", "192.168.2.0", false },
		{ "192.168.1.0/24 !192.168.1.7 10.0.0.5", "192.168.1.7",
		    false },
		{ "192.168.1.0/24 !192.168.1.7 10.0.0.5", "192.168.1.8", true },
		{ "192.168.1.0/24 !192.168.1.7 10.0.0.5", "10.0.0.5", true },
		{ "192.168.1.0/24 !192.168.1.7 10.0.0.5", "10.0.0.6", false },
		{ "!192.168.1.0/24", "10.0.0.6", true },
		{ "!192.168.1.0/24", "192.168.1.1", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "128.0.0.0/1", "127.255.255.255", false },
		{ "172.16.0.0/12", "172.31.255.255", true },
		{ "172.16.0.0/12", "172.32.0.0", false },
		{ "10.0.0.5/32", "10.0.0.5", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct networks list = { 0 };
		struct in_addr in;
		struct error err;

		assert_true(networks_add(&list, cases[i].nets, &err));
		assert_int_equal(inet_pton(AF_INET, cases[i].address, &in), 1);
		assert_int_equal(networks_has(&list, in), cases[i].has);
		networks_fini(&list);
		networks_fini(&list); /* empty, and usable again */
	}
}

TEST(loopback_is_not_meant_by_a_wider_net)
{
	static const struct {
		const char *nets;
		bool names;
	} cases[] = {
		{ "127.0.0.0/8", true },
		{ "10.0.0.0/8 127.0.0.3", true },
		{ "0.0.0.0/0", false },
		{ "64.0.0.0/2", false },
		{ "126.0.0.0/7", false },
		{ "10.0.0.0/8 !127.0.0.0/8", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct networks list = { 0 };
		struct error err;

		assert_true(networks_add(&list, cases[i].nets, &err));
		assert_int_equal(networks_name_loopback(&list), cases[i].names);
		networks_fini(&list);
	}
}

TEST(what_is_no_net_is_told)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "192.168.1",
		    "192.168.1 is not an IPv4 address or network; write"
		    " for example 192.168.1.0/24" },
		{ "192.168.1.0/33",
		    "192.168.1.0/33: the length of a network is a number from "
		    "0 to 32, as in 192.168.1.0/24" },
		{ "192.168.1.0/",
		    "192.168.1.0/: the length of a network is a number from 0 "
		    "to 32, as in 192.168.1.0/24" },
		{ "192.168.1.7/24",
		    "192.168.1.7/24 is no network of /24; write 192.168.1.0/24 "
		    "for all of it, or leave the /24 out" },
		{ "fe80::1",
		    "fe80::1 is not an IPv4 address or network; write"
		    " for example 192.168.1.0/24" },
		{ "300.1.1.1",
		    "300.1.1.1 is not an IPv4 address or network; write"
		    " for example 192.168.1.0/24" },
		{ "192.168.111.1111",
		    "192.168.111.1111 is not an IPv4 address or network; write"
		    " for example 192.168.1.0/24" },
		{ "192.168.111.11111",
		    "192.168.111.11111 is not an IPv4 address or network; write"
		    " for example 192.168.1.0/24" },
		{ "192.168.111.111111111111111",
		    "192.168.111.111111111111111 is not an IPv4 address or "
		    "network;"
		    " write for example 192.168.1.0/24" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct networks list = { 0 };
		struct error err = { 0 };

		assert_false(networks_add(&list, cases[i].text, &err));
		assert_string_equal(err.text, cases[i].told);
		networks_fini(&list);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
