/* SPDX-License-Identifier: ISC */
/* The mDNS packets of the simulation. */
#include "config.h"

#include <string.h>

#include "sim/mdns/dns.h"

#include "unit/test.h"

TEST(a_query_with_a_pointer_is_read)
{
	/* Two questions, the second with the end of the first one's name. */
	static const unsigned char msg[] = "\0\7\0\0\0\2\0\0\0\0\0\0"
					   "\10_EWELINK\4_tcp\5local\0\0\14\0\1"
					   "\1a\300\25\0\20\200\1";
	char name[DNS_NAME_SIZE];
	struct dns_query q;
	uint16_t type;

	assert_true(dns_read_query(msg, sizeof(msg) - 1, &q));
	assert_int_equal(q.id, 7);
	assert_true(dns_read_question(msg, sizeof(msg) - 1, &q, name, &type));
	assert_string_equal(name, "_ewelink._tcp.local");
	assert_int_equal(type, DNS_PTR);
	assert_true(dns_read_question(msg, sizeof(msg) - 1, &q, name, &type));
	assert_string_equal(name, "a._tcp.local");
	assert_int_equal(type, DNS_TXT);
	assert_false(dns_read_question(msg, sizeof(msg) - 1, &q, name, &type));
}

TEST(hostile_names_end)
{
	static const unsigned char loop[] =
	    "\0\0\0\0\0\1\0\0\0\0\0\0\300\14\0\14\0\1";
	static const unsigned char cut[] = "\0\0\0\0\0\1\0\0\0\0\0\0\77a";
	char name[DNS_NAME_SIZE];
	struct dns_query q;
	uint16_t type;

	assert_true(dns_read_query(loop, sizeof(loop) - 1, &q));
	assert_false(
	    dns_read_question(loop, sizeof(loop) - 1, &q, name, &type));
	assert_true(dns_read_query(cut, sizeof(cut) - 1, &q));
	assert_false(dns_read_question(cut, sizeof(cut) - 1, &q, name, &type));
	assert_false(dns_read_query(cut, 11, &q));
}

TEST(a_response_is_no_query_and_its_answers_can_be_read)
{
	struct dns_writer w;
	struct dns_query q;
	struct in_addr a = { 0 };
	char target[DNS_NAME_SIZE];

	dns_begin(&w, 0);
	dns_add_srv(&w, "x._ewelink._tcp.local", 120, 8081, "x.local");
	dns_add_ptr(&w, "_ewelink._tcp.local", 4500, "X._ewelink._tcp.local");
	dns_add_a(&w, "x.local", 120, a);
	assert_false(dns_read_query(w.bytes, w.len, &q));
	w.bytes[2] = 0;
	assert_true(dns_read_query(w.bytes, w.len, &q));
	assert_int_equal(q.answers, 3);
	assert_true(dns_read_answer(w.bytes, w.len, &q, target));
	assert_string_equal(target, "");
	assert_true(dns_read_answer(w.bytes, w.len, &q, target));
	assert_string_equal(target, "x._ewelink._tcp.local");
	assert_true(dns_read_answer(w.bytes, w.len, &q, target));
	assert_false(dns_read_answer(w.bytes, w.len, &q, target));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
