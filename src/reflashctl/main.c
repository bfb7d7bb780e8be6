/* SPDX-License-Identifier: ISC */
/* The program reflashctl: reads the options, finds the verb and runs it. */
#include "config.h"

#include <assert.h>
#include <getopt.h>
#include <jansson.h>
#include <locale.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bad_option.h"
#include "base/memory.h"
#include "base/output.h"
#include "beside/socket_path.h"
#include "core/device/label.h"
#include "reflashctl/ctl.h"
#include "reflashctl/link/conn.h"
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

/* The options that belong to single verbs, and what each sets. */
static const struct {
	int letter;
	unsigned flag;
	bool is_text; /* it sets a text; else it is set to true */
	size_t offset;
} own_options[] = {
#define TEXT(letter, flag, member)                                             \
	{ letter, flag, true, offsetof(struct ctl, member) }
#define FLAG(letter, flag, member)                                             \
	{ letter, flag, false, offsetof(struct ctl, member) }
	TEXT('i', VERB_IMAGE, image),
	FLAG('a', VERB_AGAIN, again),
	FLAG('A', VERB_ALL, all),
	TEXT('w', VERB_WHO, who),
	FLAG('y', VERB_YES, yes),
	FLAG('W', VERB_WAIT, wait),
	TEXT('N', VERB_AS, as),
	FLAG('r', VERB_REPLACE, replace),
	TEXT('x', VERB_SHA256, sha256),
	TEXT('S', VERB_STATE, state),
	TEXT('p', VERB_POLICY, policy),
	FLAG('f', VERB_FAILED, failed),
	TEXT('l', VERB_LAST, last),
	TEXT('e', VERB_SINCE, since),
	FLAG('n', VERB_ATTENTION, attention),
	TEXT('t', VERB_TIMEOUT, timeout),
	TEXT('c', VERB_CONFIG, config),
#undef TEXT
#undef FLAG
};

static void
take_own_option(int option, struct ctl *ctl, struct line *line)
{
	const size_t count = sizeof(own_options) / sizeof(own_options[0]);
	const char *text = optarg;
	const bool yes = true;
	char *member;
	size_t i = 0;

	while (i < count && own_options[i].letter != option)
		i++;
	assert(i < count);
	member = (char *)ctl + own_options[i].offset;
	if (own_options[i].is_text)
		memcpy(member, &text, sizeof(text));
	else
		memcpy(member, &yes, sizeof(yes));
	line->given |= own_options[i].flag;
}

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
	default:
		take_own_option(option, ctl, line);
	}
}

/* Print why getopt did not accept an option. */
static void
tell_option(int returned, char *const argv[])
{
	static const struct word_match kind = { "option", "options",
		"reflashctl --help" };
	static const char *const words[] = {
#define X(name, letter, value, flag, help) "--" #name,
		OPTIONS(X)
#undef X
	};
	struct bad_option bad;
	size_t found;

	bad_option_find(&bad, returned, argv, options);
	if (bad.lacks_value)
		complain("%s needs a value", bad.name);
	else if (!bad.is_long)
		complain("%s: no such option; see: %s", bad.name, kind.look);
	else if (word_match_find(&kind, bad.name, words,
		     sizeof(words) / sizeof(words[0]), &found))
		complain("%s takes no value", bad.name);
}

/* Return the long name of the option with this letter. */
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
	while ((option = getopt_long(argc, argv, ":s:jhVy", options, NULL)) !=
	    -1) {
		if (option == '?' || option == ':') {
			tell_option(option, argv);
			return false;
		}
		/* An empty value may be a script's variable that is not set. */
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

/* Return true if options and arguments fit the verb, or print why not. */
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

/*
 * Return what the user of this program is called, also behind sudo; NULL: not
 * known.  The daemon cannot tell: in its user namespace, many users are nobody.
 */
static const char *
find_user(void)
{
	const char *name = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *entry =
	    name == NULL || name[0] == '\0' ? getpwuid(getuid()) : NULL;
	struct error err;

	if (entry != NULL)
		name = entry->pw_name;
	return name != NULL && label_check_who(name, &err) ? name : NULL;
}

static int
run_verb(struct ctl *ctl, const struct line *line, int argc, char **argv)
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
	if (ctl->who == NULL && (verb->options & VERB_WHO) != 0)
		ctl->who = find_user();
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
	unsetenv("POSIXLY_CORRECT"); /* options may stand after words */
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
		rc = run_verb(&ctl, &line, argc - optind, argv + optind);
	else if (line.help) {
		verb_usage(stdout);
		rc = CTL_EXIT_DONE;
	} else
		verb_usage(stderr);
	conn_close(ctl.conn);
	free(ctl.socket);
	return output_end(rc);
}
