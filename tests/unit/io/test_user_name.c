/* SPDX-License-Identifier: ISC */
/* What users are called, with an entry in /etc/passwd and without one. */
#include "config.h"

#include "io/control/user_name.h"

#include "unit/test.h"

TEST(a_user_is_called_as_in_passwd_or_by_number)
{
	char name[64], tiny[4];

	assert_string_equal(user_name(0, name, sizeof(name)), "root");
	assert_string_equal(
	    user_name(4123456789u, name, sizeof(name)), "user 4123456789");
	/* What does not fit is no name. */
	assert_string_equal(user_name(0, tiny, sizeof(tiny)), "use");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
