/* SPDX-License-Identifier: ISC */
/* reflashctl -- look at the daemon and steer it: options, then one verb. */
#include "config.h"

#include <getopt.h>
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "reflashctl/ctl.h"
#include "reflashctl/link/conn.h"
#include "reflashctl/link/socket.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/complete.h"
#include "reflashctl/word_match.h"

static const struct option options[] = {
#define X(name, letter, value, flag, help)                                     \
	{ #name, (value) != NULL ? required_argument : no_argument, NULL,      \
		letter },
	OPTIONS(X)
#undef X
	    { NULL, 0, NULL, 0 },
};

struct line {
	const char *socket; /* borrowed */
	bool help, version;
	unsigned given; /* the verbs' own options */
};

static void
take_option(int option, struct ctl *ctl, struct line *line)
{
	switch (option) {
	case 's':
		line->socket = optarg;
		break;
	case 'j':
		ctl->json = true;
		break;
	case 'h':
		line->help = true;
		break;
	case 'V':
		line->version = true;
		break;
	case 'i':
		ctl->image = optarg;
		line->given |= VERB_IMAGE;
		break;
	case 'a':
		ctl->again = true;
		line->given |= VERB_AGAIN;
		break;
	case 'A':
		ctl->all = true;
		line->given |= VERB_ALL;
		break;
	case 'S':
		ctl->state = optarg;
		line->given |= VERB_STATE;
		break;
	case 't':
		ctl->timeout = optarg;
		line->given |= VERB_TIMEOUT;
		break;
	}
}

/* What getopt did not take, and why not. */
static void
tell_option(const char *typed, bool lacks_value)
{
	static const struct word_match kind = { "option", "options",
		"reflashctl --help" };
	const char *words[sizeof(options) / sizeof(options[0])];
	size_t count = 0, found;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(typed, "="), typed);
	for (; options[count].name != NULL; count++)
		words[count] = options[count].name;
	if (lacks_value)
		complain("%s needs a value", name);
	else if (strncmp(name, "--", 2) != 0)
		complain("-%c: no such option; see: %s", optopt, kind.look);
	else if (word_match_find(&kind, name + 2, words, count, &found))
		complain("%s takes no value", name);
}

/* The long name of the option with this letter. */
static const char *
option_name(int letter)
{
	size_t i = 0;

	while (options[i].name != NULL && options[i].val != letter)
		i++;
	return options[i].name != NULL ? options[i].name : "";
}

static bool
read_options(int argc, char **argv, struct ctl *ctl, struct line *line)
{
	int option;

	opterr = 0;
	while (
	    (option = getopt_long(argc, argv, ":s:jhV", options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			tell_option(argv[optind - 1], option == ':');
			return false;
		}
		/* A variable of a script that is not set must mean nothing. */
		if (optarg != NULL && optarg[0] == '\0') {
			complain("--%s needs a value", option_name(option));
			return false;
		}
		take_option(option, ctl, line);
	}
	return true;
}

static bool
has_empty(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (argv[i][0] == '\0')
			return true;
	return false;
}

/* Does what was typed fit the verb?  Tells if not. */
static bool
check_line(
    const struct verb *verb, const struct line *line, int argc, char **argv)
{
	const char *what;

	if ((line->given & ~verb->options) != 0)
		what = "has no such option";
	else if (argc < verb->min)
		what = "needs more arguments";
	else if (argc > verb->max)
		what = verb->max > 0 ? "takes fewer arguments"
				     : "takes no arguments";
	else if (has_empty(argc, argv))
		what = "takes no empty argument";
	else
		return true;
	complain("%s %s; usage: reflashctl %s%s%s", verb->word, what,
	    verb->word, verb->usage[0] != '\0' ? " " : "", verb->usage);
	return false;
}

static int
run(struct ctl *ctl, const struct line *line, int argc, char **argv)
{
	const struct verb *verb = verb_find(argv[0]);

	if (verb == NULL)
		return CTL_EXIT_USAGE;
	if (line->help) {
		verb_explain(verb);
		return CTL_EXIT_DONE;
	}
	if (!check_line(verb, line, argc - 1, argv + 1))
		return CTL_EXIT_USAGE;
	ctl->socket = socket_path(line->socket, &ctl->source);
	return verb->run(ctl, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { 0 };
	struct line line = { 0 };
	int rc = CTL_EXIT_USAGE;

	output_begin();
	json_set_alloc_funcs(xmalloc, free);
	unsetenv("POSIXLY_CORRECT"); /* options may stand behind words */
	setlocale(LC_CTYPE, "");
	if (argc > 1 && strcmp(argv[1], "_complete") == 0)
		return complete(argc - 2, argv + 2);
	if (!read_options(argc, argv, &ctl, &line))
		return CTL_EXIT_USAGE;
	if (line.version) {
		puts(PACKAGE_STRING);
		return output_end(CTL_EXIT_DONE);
	}
	if (optind < argc)
		rc = run(&ctl, &line, argc - optind, argv + optind);
	else if (line.help) {
		verb_usage(stdout);
		rc = CTL_EXIT_DONE;
	} else
		verb_usage(stderr);
	conn_close(ctl.conn);
	free(ctl.socket);
	return output_end(rc);
}
