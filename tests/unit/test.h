/* SPDX-License-Identifier: ISC */
/*
 * test -- cmocka, and tests that are named once.
 *
 *	TEST(a_sentence_about_the_module)
 *	{
 *		assert_true(...);
 *	}
 *
 * defines a test and adds it to the list tests[], which main() gives to
 * cmocka_run_group_tests(). The tests run in the order of the file. state
 * points to what the set-up of the test or of the group has stored there.
 */
#ifndef REFLASHD_TESTS_TEST_H
#define REFLASHD_TESTS_TEST_H

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* cmocka passes over the elements without a name, at the end of the list. */
static struct CMUnitTest tests[250];

static void
test_add(struct CMUnitTest test)
{
	static size_t count;

	assert(count < sizeof(tests) / sizeof(tests[0]));
	tests[count++] = test;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fails with the text where it does not contain the part. */
#define assert_contains(text, part)                                            \
	do {                                                                   \
		const char *const text_ = (text), *const part_ = (part);       \
                                                                               \
		if (strstr(text_, part_) == NULL)                              \
			fail_msg("\"%s\" is not in: %s", part_, text_);        \
	} while (0)

/* Ends the test, and says which and why; make platforms counts these lines. */
#define skip_because(reason)                                                   \
	do {                                                                   \
		print_message("SKIPPED: %s\t%s\n", __func__, reason);          \
		skip();                                                        \
	} while (0)

#define TEST(name) TEST_WITH(name, NULL, NULL)

#define TEST_WITH(name, set_up, tear_down)                                     \
	static void name(void **);                                             \
	__attribute__((constructor)) static void add_##name(void)              \
	{                                                                      \
		test_add((struct CMUnitTest)cmocka_unit_test_setup_teardown(   \
		    name, set_up, tear_down));                                 \
	}                                                                      \
	static void name(void **state __attribute__((unused)))

#endif
