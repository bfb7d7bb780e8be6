/* SPDX-License-Identifier: ISC */
/*
 * What the shells complete with: reflashctl _list devices|policies|states|
 * verbs prints a word, a tab and what it is.  Without a daemon some lists are
 * empty, and nothing is said about it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "reflashctl/ask.h"
#include "reflashctl/clean.h"
#include "reflashctl/device.h"
#include "reflashctl/verb.h"

static void
print_line(const char *word, const char *what)
{
	char *clean_word = clean_text(word), *clean_what = clean_text(what);

	/* A blank would be two words to the shell. */
	if (clean_word[0] != '\0' && strpbrk(clean_word, " \t\\'\"$`") == NULL)
		printf("%s\t%s\n", clean_word, clean_what);
	free(clean_word);
	free(clean_what);
}

static void
list_devices(struct ctl *ctl)
{
	struct answer answer;
	struct error err;
	const json_t *device;
	char state[96];
	size_t i;

	if (ask(ctl, CTL_DEVICES, NULL, &answer, &err))
		json_array_foreach (answer.items, i, device)
			print_line(device_text(device, "id"),
			    device_state(device, state, sizeof(state)));
	answer_fini(&answer);
}

static void
list_policies(struct ctl *ctl)
{
	struct answer answer;
	struct error err;
	const json_t *policy;
	size_t i;

	if (ask(ctl, CTL_STATUS, NULL, &answer, &err))
		json_array_foreach (
		    json_object_get(answer.reply, "policies"), i, policy)
			print_line(device_text(policy, "name"),
			    json_is_true(json_object_get(policy, "paused"))
				? "paused"
				: "policy");
	answer_fini(&answer);
}

int
verb_list(struct ctl *ctl, int argc, char **argv)
{
	const char *what = argc == 1 ? argv[0] : "";
	const struct verb *verb;

	if (strcmp(what, "devices") == 0)
		list_devices(ctl);
	else if (strcmp(what, "policies") == 0)
		list_policies(ctl);
	else if (strcmp(what, "states") == 0)
		for (enum state s = 0; s < STATE_COUNT; s++)
			print_line(state_name(s), state_meaning(s));
	else if (strcmp(what, "verbs") == 0)
		for (size_t i = 0; (verb = verb_get(i)) != NULL; i++)
			print_line(verb->word, verb->help);
	else
		return CTL_EXIT_USAGE;
	return CTL_EXIT_DONE;
}
