/* SPDX-License-Identifier: ISC */
/* Versions of firmware, and the bounds of [Match]. */
#include "config.h"

#include "core/config/version.h"

#include "unit/test.h"

TEST(versions_compare_by_numbers)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct versions list = { 0 };
		struct error err;

		assert_true(versions_add(&list, cases[i].bounds, &err));
		assert_int_equal(
		    versions_fit(&list, cases[i].version), cases[i].fits);
		versions_fini(&list);
		versions_fini(&list); /* empty, and usable again */
	}
}

TEST(bounds_that_exclude_each_other_are_found)
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

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct versions list = { 0 };
		struct error err;

		if (versions_add(&list, cases[i].bounds, &err))
			assert_int_equal(
			    versions_possible(&list), cases[i].possible);
		versions_fini(&list);
	}
}

TEST(what_is_no_bound_is_told)
{
	static const char *const bad[] = { ">=", "<", ">= 3.5", "3.6.*", "~3",
		">=3.5,<3.9", "3.", ".", "=>3.5", "!",
		">4294967295.4294967295.1", ">4294967295.4294967295.4294967295",
		("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
		 " 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1") };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct versions list = { 0 };
		struct error err = { 0 };

		assert_false(versions_add(&list, bad[i], &err));
		assert_true(err.text[0] != '\0');
		versions_fini(&list);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
