/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "core/config/match.h"

static struct strlist
words_of(const char *text)
{
	struct strlist list = { 0 };
	char copy[128], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			strlist_add(&list, word);
	return list;
}

static void
globs_take_in_and_leave_out(void **unused)
{
	static const struct {
		const char *globs, *subject;
		bool fits;
	} cases[] = {
		{ "", "1000a05bf6", true },
		{ "1000a05bf6", "1000a05bf6", true },
		{ "1000a05bf6", "1000a05bf60", false },
		{ "1000a0*", "1000a05bf6", true },
		{ "1000a0* !1000a05bf6", "1000a05bf6", false },
		{ "!1000a05bf6 1000a0*", "1000a05bf6", false },
		{ "1000a0* !1000a05bf6", "1000a05bf7", true },
		{ "1000a0* !1000a05bf6", "1000b05bf7", false },
		{ "!1000a05bf6", "1000b05bf7", true },
		{ "!1000a05bf6", "1000a05bf6", false },
		{ "1000A0*", "1000a05bf6", true },
		{ "!1000A0*", "1000a05bf6", false },
		{ "a b c", "c", true },
		{ "100?a[0-9]*", "1000a05bf6", true },
		{ "[", "1000a05bf6", false },
		{ "*", "", true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strlist globs = words_of(cases[i].globs);

		assert_int_equal(
		    match_globs_fit(&globs, cases[i].subject), cases[i].fits);
		strlist_fini(&globs);
	}
}

static void
versions_compare_by_numbers(void **unused)
{
	static const struct {
		const char *bounds, *version;
		bool fits;
	} cases[] = {
		{ "", "anything", true },
		{ ">=3.5 <3.9", "3.5", true },
		{ ">=3.5 <3.9", "3.5.0", true },
		{ ">=3.5 <3.9", "3.4.9", false },
		{ ">=3.5 <3.9", "3.8.99", true },
		{ ">=3.5 <3.9", "3.9", false },
		{ ">=3.5 <3.9", "3.9.0.0", false },
		{ ">=3.5 <3.9", "3.10.0", false },
		{ ">=3.5", "3.10.0", true },
		{ ">3.5", "3.5.0", false },
		{ ">3.5", "3.5.0.1", true },
		{ "<=3.6.0", "3.6", true },
		{ "<=3.6.0", "3.6.0.1", false },
		{ "=3.6.0", "3.6", true },
		{ "==3.6.0", "3.6", true },
		{ "3.6.0", "3.6.1", false },
		{ ">=3.5 !=3.7.3", "3.7.3", false },
		{ ">=3.5 !3.7.3", "3.7.4", true },
		{ ">=3.5", "", false },
		{ ">=3.5", "3.6beta", false },
		{ ">=3.5", "3..6", false },
		{ ">=3.5", "3.6.0.0.0", false },
		{ ">=3.5", "4294967296", false },
		{ "<3.5", "garbage", false },
		{ "!=3.5", "garbage", false },
		{ "<3.5", "0.0.0000000000000000000000000000", false },
		{ "!=3.5", "3.5.0.1", true },
		{ "<3.5", "3.4.4294967295.4294967295", true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_versions list = { 0 };
		struct error err;

		assert_true(match_versions_add(&list, cases[i].bounds, &err));
		assert_int_equal(
		    match_versions_fit(&list, cases[i].version), cases[i].fits);
		match_versions_fini(&list);
		match_versions_fini(&list); /* empty, and usable again */
	}
}

static void
bounds_that_exclude_each_other_are_found(void **unused)
{
	static const struct {
		const char *bounds;
		bool possible;
	} cases[] = {
		{ "", true },
		{ ">=3.5 <3.9", true },
		{ ">=3.9 <3.5", false },
		{ ">=3.5 <3.5", false },
		{ ">=3.5 <=3.5", true },
		{ ">=3.5 <=3.5 !=3.5", false },
		{ ">3.5 <3.5.0.2", true },
		{ ">3.5 <3.5.0.2 !=3.5.0.1", false },
		{ ">3.5 !=3.5.0.1 !=3.5.0.2", true },
		{ "3.5 3.6", false },
		{ "<0", false },
		{ "<0.0.0.1", true },
		{ "!=0 !=0.0.0.1", true },
		{ "!=0 !=0.0.0.1 <0.0.0.2", false },
		{ "<=0", true },
		{ "!=0", true },
		{ ">0.0.0.4294967295 <0.0.1", false },
		{ ">0.0.4294967295 !=0.0.4294967295.1", true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_versions list = { 0 };
		struct error err;

		if (match_versions_add(&list, cases[i].bounds, &err))
			assert_int_equal(
			    match_versions_possible(&list), cases[i].possible);
		match_versions_fini(&list);
	}
}

static void
what_is_no_bound_is_told(void **unused)
{
	static const char *const bad[] = { ">=", "<", ">= 3.5", "3.6.*", "~3",
		">=3.5,<3.9", "3.", ".", "=>3.5", "!",
		">4294967295.4294967295.1", ">4294967295.4294967295.4294967295",
		("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
		 " 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1") };

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct match_versions list = { 0 };
		struct error err = { 0 };

		assert_false(match_versions_add(&list, bad[i], &err));
		assert_true(err.text[0] != '\0');
		match_versions_fini(&list);
	}
}

static void
nets_take_in_and_leave_out(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_nets list = { 0 };
		struct in_addr in;
		struct error err;

		assert_true(match_nets_add(&list, cases[i].nets, &err));
		assert_int_equal(inet_pton(AF_INET, cases[i].address, &in), 1);
		assert_int_equal(match_nets_has(&list, in), cases[i].has);
		match_nets_fini(&list);
		match_nets_fini(&list); /* empty, and usable again */
	}
}

static void
loopback_is_not_meant_by_a_wider_net(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_nets list = { 0 };
		struct error err;

		assert_true(match_nets_add(&list, cases[i].nets, &err));
		assert_int_equal(
		    match_nets_name_loopback(&list), cases[i].names);
		match_nets_fini(&list);
	}
}

static void
what_is_no_net_is_told(void **unused)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "192.168.1",
		    "192.168.1 is not an IPv4 address or network; write"
		    " for example 192.168.1.0/24" },
		{ "192.168.1.0/33",
		    "192.168.1.0/33: the length of a network is"
		    " a number from 0 to 32" },
		{ "192.168.1.0/",
		    "192.168.1.0/: the length of a network is"
		    " a number from 0 to 32" },
		{ "192.168.1.7/24",
		    "192.168.1.7/24 means no network of /24; write"
		    " 192.168.1.0/24 for all of it, or leave the /24 out" },
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
		    "192.168.111.11111 is not an IPv4 address" },
		{ "192.168.111.111111111111111",
		    "192.168.111.111111111111111 is not an IPv4 address" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct match_nets list = { 0 };
		struct error err = { 0 };

		assert_false(match_nets_add(&list, cases[i].text, &err));
		assert_string_equal(err.text, cases[i].told);
		match_nets_fini(&list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_take_in_and_leave_out),
		cmocka_unit_test(versions_compare_by_numbers),
		cmocka_unit_test(bounds_that_exclude_each_other_are_found),
		cmocka_unit_test(what_is_no_bound_is_told),
		cmocka_unit_test(nets_take_in_and_leave_out),
		cmocka_unit_test(loopback_is_not_meant_by_a_wider_net),
		cmocka_unit_test(what_is_no_net_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
