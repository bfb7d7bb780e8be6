/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "reflashctl/verb.h"
#include "reflashctl/clean.h"
#include "reflashctl/meant.h"

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

/* What only the help of one verb says. */
static const struct {
	const char *word, *text;
} notes[] = {
	{ "check",
	    "Exit status: 0 if all images are accepted, warnings included; "
	    "4 if any is refused." },
	{ "flash",
	    "FILE is looked for below ImageDirectory if it has no slash in it, "
	    "else from here; the daemon must be able to read it.  --again "
	    "flashes a device that was flashed with this image before." },
	{ "wait",
	    "TIME is a number of seconds, or ends in s, m, h or d.  A device "
	    "that is verified counts as flashed.  Exit status: 0 in that "
	    "state, 4 if the device failed or was refused instead, 1 when the "
	    "time is up, 3 if it was never seen." },
	{ "cancel",
	    "Once a device was told to fetch its image nothing can stop it: "
	    "the daemon goes on serving it, and says so." },
	{ "monitor", "With --json each line is {\"format\":1,\"event\":...}." },
};

const struct verb *
verb_get(size_t index)
{
	return index < COUNT ? &verbs[index] : NULL;
}

const struct verb *
verb_find(const char *word)
{
	static const struct meant kind = { "verb", "verbs", "reflashctl help" };
	size_t found;

	return meant_find(&kind, word, words, COUNT, &found) ? &verbs[found]
							     : NULL;
}

void
verb_usage(FILE *out)
{
	fputs("usage: reflashctl [--socket PATH] [--json] VERB ...\n\n", out);
	for (size_t i = 0; i < COUNT; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].word, verbs[i].help);
	fputs(
	    "\n"
	    "  --socket PATH  where the daemon listens (also REFLASHD_SOCKET)\n"
	    "  --json         for programs; every verb knows it\n"
	    "  --help         this text; after a verb, more about it\n"
	    "  --version      which version this is\n"
	    "\n"
	    "Verbs, ids and names may be shortened as long as they stay "
	    "unambiguous.\n",
	    out);
}

void
verb_explain(const struct verb *verb)
{
	printf("usage: reflashctl [--json] %s%s%s\n\n  %s\n", verb->word,
	    verb->usage[0] != '\0' ? " " : "", verb->usage, verb->help);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (strcmp(notes[i].word, verb->word) == 0) {
			putchar('\n');
			clean_wrap(stdout, notes[i].text, 2, 76);
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
