/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "reflashctl/verb.h"
#include "core/suggest.h"
#include "reflashctl/clean.h"

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

static void
tell_ambiguous(const char *word)
{
	char list[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < COUNT && used < sizeof(list); i++)
		if (strncmp(words[i], word, strlen(word)) == 0)
			used +=
			    (size_t)snprintf(list + used, sizeof(list) - used,
				"%s%s", used > 0 ? ", " : "", words[i]);
	complain("%s: could be %s", word, list);
}

const struct verb *
verb_find(const char *word)
{
	size_t found = 0, fits = suggest_complete(word, words, COUNT, &found);
	const char *meant;

	if (fits == 1)
		return &verbs[found];
	if (fits > 1) {
		tell_ambiguous(word);
		return NULL;
	}
	meant = suggest_word(word, words, COUNT);
	if (meant != NULL)
		complain("%s: no such verb; did you mean %s?", word, meant);
	else
		complain("%s: no such verb; see: reflashctl --help", word);
	return NULL;
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
	    "Verbs may be shortened as long as they stay unambiguous, and so "
	    "may device ids.\n",
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
