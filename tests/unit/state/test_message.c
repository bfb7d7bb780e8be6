/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "core/state/message.h"

#define MAX_IDS (REASON_COUNT + STATE_COUNT + HOLD_COUNT)

static size_t
list_all(const char *ids[MAX_IDS])
{
	size_t n = 0;

	ids[n++] = MESSAGE_PROGRESS;
	ids[n++] = MESSAGE_NOTE;
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		ids[n++] = message_of_reason(r);
	for (enum state s = 0; s < STATE_COUNT; s++)
		ids[n++] = message_of_state(s);
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		ids[n++] = message_of_hold(h);
	return n;
}

static void
every_id_is_a_random_one_of_128_bits(void **unused)
{
	const char *ids[MAX_IDS];
	size_t count = list_all(ids);

	(void)unused;
	for (size_t i = 0; i < count; i++) {
		assert_non_null(ids[i]);
		assert_true(text_is_hex(ids[i], 32));
		assert_int_equal(strspn(ids[i], "0123456789abcdef"), 32);
		assert_int_equal(ids[i][12], '4'); /* RFC 9562 5.4 */
		assert_non_null(strchr("89ab", ids[i][16]));
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
no_two_have_one_id(void **unused)
{
	const char *ids[MAX_IDS];
	size_t count = list_all(ids);

	(void)unused;
	qsort(ids, count, sizeof(ids[0]), by_text);
	for (size_t i = 1; i < count; i++)
		assert_string_not_equal(ids[i - 1], ids[i]);
}

/* journalctl would take what is between two of them for a field. */
static void
assert_plain(const char *text)
{
	assert_non_null(text);
	assert_true(text[0] != '\0');
	assert_null(strchr(text, '@'));
	assert_null(strchr(text, '\n'));
}

static void
whoever_meets_one_is_told_what_to_do(void **unused)
{
	(void)unused;
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		assert_plain(reason_sentence(r));
		assert_plain(reason_advice(r));
	}
	for (enum state s = 0; s < STATE_COUNT; s++) {
		assert_plain(state_meaning(s));
		assert_plain(message_state_advice(s));
	}
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++) {
		assert_plain(hold_meaning(h));
		assert_plain(message_hold_advice(h));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_is_a_random_one_of_128_bits),
		cmocka_unit_test(no_two_have_one_id),
		cmocka_unit_test(whoever_meets_one_is_told_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
