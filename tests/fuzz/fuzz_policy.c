/* SPDX-License-Identifier: ISC */
/*
 * fuzz_policy -- a text is either refused, with places, or it is a policy that
 * can be acted on and prints as a text of the same meaning.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/policy.h"

#include "fuzz.h"

static struct policy *
print_and_read(const struct policy *policy)
{
	struct problems problems = { 0 };
	struct policy *copy;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	HOLDS(out != NULL);
	options_print(&policy->options, out);
	HOLDS(fclose(out) == 0);
	copy = policy_parse("p", text, size, "f", &problems);
	HOLDS(copy != NULL && problems.count == 0);
	free(text);
	return copy;
}

static void
check_window(const struct policy *policy)
{
	const time_t now = 1790000000;
	time_t next = policy_window_next(policy, now);
	struct tm local;

	for (size_t i = 0; i < policy->windows.count; i++)
		HOLDS(policy->windows.items[i].from !=
		    policy->windows.items[i].to);
	localtime_r(&next, &local);
	HOLDS(next >= now && policy_window_open(policy, &local));
}

static void
check_good(const struct policy *policy)
{
	const struct policy_facts facts = { .id = "1000a05bf6",
		.type = "diy_plug",
		.firmware = "3.6.0",
		.address = { htonl(0xc0a80117) },
		.has_address = true };
	const struct policy_facts nothing = { 0 };
	struct policy *copy = print_and_read(policy);

	if (policy->action == POLICY_FLASH || policy->action == POLICY_ASK)
		HOLDS(policy->image != NULL && *policy->image != '\0');
	HOLDS(strlen(policy->sha256) == 0 || strlen(policy->sha256) == 64);
	HOLDS(policy->attempts > 0);
	HOLDS(policy_match(policy, &facts) != POLICY_UNDECIDED);
	HOLDS(policy_match(policy, &facts) == policy_match(copy, &facts));
	/* Whoever knows nothing of a device knows nothing against it. */
	HOLDS(policy_match(policy, &nothing) != POLICY_NO);
	HOLDS(copy->action == policy->action);
	HOLDS(copy->commands.count == policy->commands.count);
	HOLDS(policy_has_finish(copy) == policy_has_finish(policy));
	check_window(policy);
	policy_free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct problems problems = { 0 };
	struct policy *policy = policy_parse("p", text, size, "f", &problems);

	HOLDS((policy != NULL) == (problems.count == 0));
	if (policy != NULL)
		check_good(policy);
	if (policy_text_is_empty(text, size))
		HOLDS(policy != NULL && policy->action == POLICY_OBSERVE);
	for (size_t i = 0; i < problems.count; i++)
		HOLDS(strncmp(problems.text[i], "f:", 2) == 0);
	problems_fini(&problems);
	policy_free(policy);
	return 0;
}
