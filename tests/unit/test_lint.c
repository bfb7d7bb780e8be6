/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/lint.h"

static struct policy *
make(const char *name, const char *text)
{
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse(name, text, strlen(text), name, &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_non_null(policy);
	problems_fini(&problems);
	return policy;
}

#define FLASH "[Flash]\nAction=flash\nImage=x.bin\n"
#define TYPE                                                                   \
	"p: its Type= leaves diy_plug out, and no other type can be flashed "  \
	"over the LAN"

static const struct {
	const char *text, *doubt;
} cases[] = {
	{ "", NULL },
	{ FLASH, NULL },
	{ FLASH "[Match]\nType=diy_*\n", NULL },
	{ FLASH "[Match]\nType=!strip\n", NULL },
	{ FLASH "[Match]\nType=plug\n", TYPE },
	{ FLASH "[Match]\nType=!diy_plug\n", TYPE },
	{ "[Match]\nType=plug\n", NULL }, /* it only observes */
	{ "[Match]\nDeviceId=1000a05bf6 1000A05BF7 1000a* !1000a05bf8\n",
	    NULL },
	{ "[Match]\nDeviceId=1000a05bf\n",
	    "p: DeviceId=1000a05bf fits no device: an id has ten hexadecimal "
	    "digits, as in 1000a05bf6" },
	{ "[Finish]\nCommand=Topic a\nCommand=ZbNewer 1\n",
	    "p:3: Command=ZbNewer: reflashd does not know this command: it is "
	    "sent, and whether it took can perhaps not be told" },
	{ "[Finish]\nCommand=DzIdx1 5\n",
	    "p:2: Command=DzIdx1: tasmota-lite does not have this command, "
	    "tasmota has: it needs an Upgrade=" },
	{ "[Finish]\nCommand=DzIdx1 5\nUpgrade=tasmota.bin.gz\n", NULL },
	{ "[Match]\nDeviceId=* !eWeLink_1000a05bf6\n",
	    "p: DeviceId=eWeLink_1000a05bf6 fits no device: an id has ten "
	    "hexadecimal digits, as in 1000a05bf6" },
};

static void
what_can_hardly_be_meant_is_told(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_list *list = policy_list_new();
		struct problems doubts = { 0 };

		policy_list_add(list, make("p", cases[i].text));
		lint_policies(list, &doubts);
		if (doubts.count != (cases[i].doubt != NULL))
			fail_msg("case %zu: %zu doubts", i, doubts.count);
		if (cases[i].doubt != NULL)
			assert_string_equal(doubts.text[0], cases[i].doubt);
		problems_fini(&doubts);
		policy_list_free(list);
	}
}

static void
nothing_comes_behind_what_fits_every_device(void **unused)
{
	struct policy_list *list = policy_list_new();
	struct problems doubts = { 0 };

	(void)unused;
	policy_list_add(list, make("10-some", "[Match]\nType=diy_plug\n"));
	policy_list_add(list, make("20-all", "[Flash]\nAction=observe\n"));
	policy_list_add(list, make("30-none", "[Match]\nType=diy_plug\n"));
	lint_policies(list, &doubts);
	assert_int_equal(doubts.count, 1);
	assert_string_equal(doubts.text[0],
	    "30-none: it never decides: 20-all comes before it and fits every "
	    "device");
	problems_fini(&doubts);
	policy_list_free(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_hardly_be_meant_is_told),
		cmocka_unit_test(nothing_comes_behind_what_fits_every_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
