/* SPDX-License-Identifier: ISC */
/* When the log suspects that a firewall keeps the devices out. */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/net/netdiag.h"

#include "unit/test.h"

static const struct in_addr one = { 1 }, two = { 2 }, three = { 3 };

TEST(nobody_ever_came_so_it_may_be_us)
{
	struct netdiag s = { 0 };

	assert_int_equal(netdiag_never_came(&s, one), NETDIAG_FIREWALL);
	assert_true(s.tcp);
	netdiag_came(&s, two); /* not any more */
	assert_false(s.tcp);
	assert_int_equal(netdiag_never_came(&s, one), NETDIAG_NETWORK);
	assert_false(s.tcp);
}

TEST(one_that_was_here_before_tells_nothing_about_the_way)
{
	struct netdiag s = { 0 };

	netdiag_came(&s, one);
	netdiag_came(&s, one);
	assert_int_equal(netdiag_never_came(&s, one), NETDIAG_NOTHING);
	assert_int_equal(netdiag_never_came(&s, two), NETDIAG_NETWORK);
	netdiag_came(&s, two);
	assert_int_equal(netdiag_never_came(&s, one), NETDIAG_NETWORK);
	assert_int_equal(netdiag_never_came(&s, two), NETDIAG_NETWORK);
	assert_false(s.tcp);
	netdiag_came(&s, three); /* two are enough to tell */
	assert_int_equal(s.came_count, 2);
	assert_int_equal(netdiag_never_came(&s, three), NETDIAG_NETWORK);
}

TEST(silence_is_suspected_once_and_not_at_once)
{
	struct netdiag s = { 0 };

	netdiag_heard(&s, SCAN_HEARD_NOBODY);
	assert_int_equal(netdiag_asked(&s, false), NETDIAG_NO_SILENCE);
	assert_int_equal(netdiag_asked(&s, true), NETDIAG_NOBODY);
	assert_true(s.udp);
	assert_int_equal(netdiag_asked(&s, true), NETDIAG_NO_SILENCE);
	netdiag_heard(&s, SCAN_HEARD_OTHERS);
	assert_false(s.udp);
	/* reflash-scan was started again and does not know */
	netdiag_heard(&s, SCAN_HEARD_NOBODY);
	for (int i = 0; i < 5; i++)
		assert_int_equal(netdiag_asked(&s, true), NETDIAG_NO_SILENCE);
}

TEST(others_without_a_device_are_told_once)
{
	struct netdiag s = { 0 };

	netdiag_heard(&s, SCAN_HEARD_OTHERS);
	assert_int_equal(netdiag_asked(&s, false), NETDIAG_NO_SILENCE);
	assert_int_equal(netdiag_asked(&s, false), NETDIAG_EMPTY);
	assert_int_equal(netdiag_asked(&s, false), NETDIAG_NO_SILENCE);
	assert_false(s.udp);
}

TEST(who_does_not_know_suspects_nothing)
{
	struct netdiag s = { 0 };

	for (int i = 0; i < 5; i++)
		assert_int_equal(netdiag_asked(&s, false), NETDIAG_NO_SILENCE);
}

TEST(the_commands_are_ready_to_type)
{
	char text[320];

	assert_string_equal(netdiag_commands(text, sizeof(text), 65535, "tcp"),
	    "with ufw: ufw allow 65535/tcp; with firewalld: firewall-cmd "
	    "--permanent --add-port=65535/tcp && firewall-cmd --reload; with "
	    "nftables: nft insert rule inet filter input tcp dport 65535 "
	    "accept");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
