/* SPDX-License-Identifier: ISC */
/* The policies of flashes that a person has ordered. */
#include "config.h"

#include <stdio.h>

#include "reflashd/schedule/orders.h"

#include "unit/fixture.h"
#include "unit/test.h"

TEST(an_image_has_one_policy)
{
	struct orders *orders = orders_new();
	struct policy *policy = orders_policy(orders, "/img/a.bin");

	assert_non_null(policy);
	assert_string_equal(policy->image, "/img/a.bin");
	assert_string_equal(policy->name, ORDERS_POLICY);
	assert_ptr_equal(orders_policy(orders, "/img/a.bin"), policy);
	assert_ptr_not_equal(orders_policy(orders, "/img/b.bin"), policy);
	orders_free(orders);
	orders_free(NULL);
}

/* It would be made anew with each decision, and never found again. */
TEST(a_path_that_is_read_as_another_is_none)
{
	static const char *const paths[] = { "/img/a.bin ", " /img/a.bin",
		"/img/a.bin\t", " ", "", "a\nb", "a\r" };
	struct orders *orders = orders_new();

	for (size_t i = 0; i < COUNT(paths); i++)
		assert_null(orders_policy(orders, paths[i]));
	assert_non_null(orders_policy(orders, "/img/a b.bin"));
	orders_free(orders);
}

TEST(of_many_those_stay_that_a_device_is_ordered_by)
{
	struct registry *registry = registry_new(10, &fixture_ops, NULL);
	struct device *device =
	    registry_get(registry, FIXTURE_ID, DEVICE_FITTING);
	struct device *other =
	    registry_get(registry, "1000000002", DEVICE_FITTING);
	struct orders *orders = orders_new();
	struct policy *ordered = orders_policy(orders, "ordered.bin");
	struct policy *dropped = policy_ref(orders_policy(orders, "0.bin"));

	device_order_image(device, "ordered.bin");
	device_order_image(other, "ordered.bin");
	for (int n = 1; n < 100; n++) {
		char path[16];

		snprintf(path, sizeof(path), "%d.bin", n);
		orders_tidy(orders, registry);
		assert_non_null(orders_policy(orders, path));
	}
	assert_ptr_equal(orders_policy(orders, "ordered.bin"), ordered);
	assert_ptr_not_equal(orders_policy(orders, "0.bin"), dropped);
	assert_string_equal(dropped->image, "0.bin"); /* a job may hold it */
	policy_free(dropped);
	orders_free(orders);
	registry_free(registry);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
