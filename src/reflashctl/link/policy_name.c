/* SPDX-License-Identifier: ISC */
/* Finds the full name of a policy, for pause, resume and policy. */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "reflashctl/link/policy_name.h"
#include "reflashctl/link/request.h"
#include "reflashctl/word_match.h"

int
policy_name_find(struct ctl *ctl, const char *typed, char **name)
{
	static const struct word_match kind = { "policy", "policies",
		"reflashctl policies" };
	const json_t *policies;
	struct answer answer;
	const char **names;
	size_t found;
	int rc = request_ask(ctl, CTL_STATUS, NULL, &answer);

	policies = json_object_get(answer.reply, "policies");
	names = request_words(policies, "name");
	if (rc == CTL_EXIT_DONE &&
	    word_match_find(
		&kind, typed, names, json_array_size(policies), &found))
		*name = xstrdup(names[found]);
	else if (rc == CTL_EXIT_DONE)
		rc = CTL_EXIT_NOT_FOUND;
	free(names);
	answer_fini(&answer);
	return rc;
}
