/* SPDX-License-Identifier: ISC */
/* The ids and texts of the journal catalog. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/state/advice_words.h"
#include "core/state/message.h"

#include "unit/test.h"

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

TEST(every_id_is_a_random_one_of_128_bits)
{
	const char *ids[MAX_IDS];
	size_t count = list_all(ids);

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

TEST(no_two_have_one_id)
{
	const char *ids[MAX_IDS];
	size_t count = list_all(ids);

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

TEST(whoever_meets_one_is_told_what_to_do)
{
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

static const struct advice_words words = { .device = "hall",
	.id = "1000a05bf6",
	.address = "192.168.1.23",
	.policy = "50-mini" };

TEST(only_whole_words_stand_for_names)
{
	static const struct {
		const char *advice, *filled;
	} cases[] = {
		{ "reflashctl retry ID", "reflashctl retry hall" },
		{ "retry ID, or flash ID.", "retry hall, or flash hall." },
		{ "ID", "hall" },
		{ "ITEAD-<id> and $ID", "ITEAD-1000a05bf6 and $ID" },
		{ "IDs, AVOID, ID2, ID_", "IDs, AVOID, ID2, ID_" },
		{ "http://ADDRESS/x POLICY", "http://192.168.1.23/x 50-mini" },
		{ "(tasmota-...)", "(tasmota-...)" },
		{ "", "" },
	};
	char text[ADVICE_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    advice_fill(text, sizeof(text), cases[i].advice, &words),
		    cases[i].filled);
}

TEST(what_does_not_fit_is_cut)
{
	char text[8];

	assert_string_equal(
	    advice_fill(text, sizeof(text), "retry ID now", &words), "retry h");
	assert_string_equal(advice_fill(text, 1, "retry", &words), "");
}

TEST(there_is_room_for_each_advice)
{
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		assert_true(strlen(reason_advice(r)) < ADVICE_SIZE / 2);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
