/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "reflashctl/out/term.h"
#include "reflashctl/verb.h"
#include "reflashctl/word_match.h"

static const struct verb verbs[] = {
#define X(word, usage, min, max, options, help)                                \
	{ #word, usage, min, max, options, help, verb_##word },
	VERBS(X)
#undef X
};

static const char *const words[] = {
#define X(word, usage, min, max, options, help) #word,
	VERBS(X)
#undef X
};

#define COUNT (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb_option options[] = {
#define X(name, letter, value, flag, help) { #name, letter, value, flag, help },
	OPTIONS(X)
#undef X
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

/* What only the help of one verb says. */
static const struct {
	const char *word, *text;
} notes[] = {
	{ "check",
	    "Exit status: 0 if all images are accepted, warnings included; "
	    "4 if any is refused." },
	{ "flash",
	    "FILE is looked for below ImageDirectory if it has no slash in it, "
	    "else from here; the daemon must be able to read it." },
	{ "wait",
	    "A device that is verified counts as flashed.  Exit status: 0 in "
	    "that "
	    "state, 4 if the device failed or was refused instead, 1 when the "
	    "time is up, 3 if it was never seen." },
	{ "cancel",
	    "Once a device was told to fetch its image nothing can stop it: "
	    "the daemon goes on serving it, and says so." },
	{ "monitor",
	    "With --json each line is {\"format\":1,\"event\":\"change\" or "
	    "\"forgotten\",\"time\":...,\"id\":...,\"device\":{...} or null}.  "
	    "It "
	    "ends when the daemon does, with exit status 5." },
};

const struct verb *
verb_get(size_t index)
{
	return index < COUNT ? &verbs[index] : NULL;
}

const struct verb_option *
verb_option_get(size_t index)
{
	return index < OPTION_COUNT ? &options[index] : NULL;
}

const struct verb *
verb_find(const char *word)
{
	static const struct word_match kind = { "verb", "verbs",
		"reflashctl help" };
	size_t found;

	return word_match_find(&kind, word, words, COUNT, &found)
	    ? &verbs[found]
	    : NULL;
}

/* The options that all verbs have, or else those of these flags. */
static void
print_options(FILE *out, unsigned flags)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct verb_option *option = &options[i];
		char name[40];

		if (flags == 0 ? option->flag != 0
			       : (option->flag & flags) == 0)
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", option->name,
		    option->value != NULL ? " " : "",
		    option->value != NULL ? option->value : "");
		fprintf(out, "  %-15s %s\n", name, option->help);
	}
}

void
verb_usage(FILE *out)
{
	fputs("usage: reflashctl [--socket PATH] [--json] VERB ...\n\n", out);
	for (size_t i = 0; i < COUNT; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].word, verbs[i].help);
	fputc('\n', out);
	print_options(out, 0);
	fputs("\n"
	      "Verbs, ids and names may be shortened as long as they stay "
	      "unambiguous.\n",
	    out);
}

void
verb_explain(const struct verb *verb)
{
	printf("usage: reflashctl [--json] %s%s%s\n\n  %s\n", verb->word,
	    verb->usage[0] != '\0' ? " " : "", verb->usage, verb->help);
	if (verb->options != 0) {
		putchar('\n');
		print_options(stdout, verb->options);
	}
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (strcmp(notes[i].word, verb->word) == 0) {
			putchar('\n');
			term_wrap(stdout, notes[i].text, 2, 76);
		}
}

int
verb_help(struct ctl *ctl, int argc, char **argv)
{
	const struct verb *verb;

	(void)ctl;
	if (argc == 0) {
		verb_usage(stdout);
		return CTL_EXIT_DONE;
	}
	verb = verb_find(argv[0]);
	if (verb == NULL)
		return CTL_EXIT_USAGE;
	verb_explain(verb);
	return CTL_EXIT_DONE;
}
