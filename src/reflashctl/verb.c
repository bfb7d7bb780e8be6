/* SPDX-License-Identifier: ISC */
/* Finds the verb that was typed, and prints the help. */
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

/* Notes in the help of one verb. */
static const struct {
	const char *word, *text;
} notes[] = {
	{ "check",
	    "Exit status: 0 if all images are accepted, warnings included; "
	    "4 if any is refused." },
	{ "doctor",
	    "It works without the daemon, and without root as far as a user "
	    "may look.  Exit status: 0, or 4 if anything keeps devices from "
	    "being flashed.  --config is needed only where the daemon does not "
	    "run and its configuration is not in the usual place." },
	{ "propose",
	    "NAME is an image that reflashctl images lists.  "
	    "Only the policy is printed on standard output: pipe it into sudo "
	    "tee " SYSCONFDIR "/reflashd/policy.d/50-first.policy.  Exit "
	    "status: 2 if no device can be flashed, 3 without an image." },
	{ "flash",
	    "A FILE without a slash is one of reflashctl images, any other is "
	    "relative to the current folder.  The daemon must be able to read "
	    "it." },
	{ "add",
	    "The daemon checks the image first, and refuses what no device "
	    "could be flashed with.  Its name is that of the FILE, without its "
	    "folder, unless --as says another." },
	{ "download",
	    "Without an argument it lists the catalogue.  A NAME of the "
	    "catalogue is taken only with the checksum that the catalogue has; "
	    "what is at a URL only with --sha256, without which its checksum "
	    "is printed.  The URL may be that of a manifest.json of ESP Web "
	    "Tools, and so may a file." },
	{ "label",
	    "Every verb takes the label in place of the id then.  Without a "
	    "NAME the device has no label any more." },
	{ "wait",
	    "A device that is verified counts as flashed.  Exit status: 0 in "
	    "that state, 4 if the device failed or was refused instead, 1 when "
	    "the "
	    "time is up, 3 if it was never seen." },
	{ "approve",
	    "On a terminal this shows which image will be put on which "
	    "devices, and asks.  The approval is for that image alone." },
	{ "cancel",
	    "Once a device was told to download its image, nothing can stop "
	    "it; "
	    "the daemon goes on serving the image, and says so." },
	{ "metrics",
	    "The counters begin with the start of the daemon.  If the daemon "
	    "does not answer, nothing is printed; exit status: 5." },
	{ "web",
	    "The link is good once, for ten minutes; the browser that opens it "
	    "may give orders for twelve hours.  URL is where that browser "
	    "finds "
	    "the page, if that is not the first Listen= of web.conf.  The "
	    "token "
	    "of the page is made if there is none yet.  It works without the "
	    "daemon.  --config names another web.conf." },
	{ "monitor",
	    "With --json each line is {\"format\":1,\"event\":\"change\" or "
	    "\"forgotten\",\"time\":...,\"id\":...,\"device\":{...} or null}.  "
	    "It ends when the daemon does, with exit status 5." },
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

/* Print the options of these flags; 0: those of all verbs. */
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
		fprintf(out, "  %-17s %s\n", name, option->help);
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
