/* SPDX-License-Identifier: ISC */
/* Names the option that getopt_long() did not accept, for every program. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/bad_option.h"
#include "base/text.h"

/*
 * Return true if the refused option is the word before argv[optind].  For a
 * short option this may be the word before it: a group of letters, as in -jx,
 * is left behind only with its last letter.
 */
static bool
is_long(const char *word, const struct option *known)
{
	size_t len = strcspn(word, "=");

	if (strncmp(word, "--", 2) != 0)
		return false;
	if (optopt == 0) /* there is no such option, or there are several */
		return true;
	for (; known->name != NULL; known++)
		if (known->val == optopt &&
		    strncmp(known->name, word + 2, len - 2) == 0)
			return true;
	return false;
}

void
bad_option_find(struct bad_option *bad, int returned, char *const argv[],
    const struct option *known)
{
	const char *word = argv[optind - 1];
	const char letter[2] = { (char)optopt, '\0' };
	char shown[sizeof(bad->name) - 2];

	*bad = (struct bad_option){ .lacks_value = returned == ':',
		.is_long = is_long(word, known) };
	bad->has_value = bad->is_long && !bad->lacks_value && optopt != 0;
	if (bad->is_long)
		text_escape(
		    shown, sizeof(shown), word + 2, strcspn(word, "=") - 2);
	else
		text_escape(shown, sizeof(shown), letter, 1);
	snprintf(bad->name, sizeof(bad->name), "%s%s",
	    bad->is_long ? "--" : "-", shown);
	snprintf(bad->text, sizeof(bad->text), "%s%s", bad->name,
	    bad->lacks_value	 ? " needs a value"
		: bad->has_value ? " takes no value"
				 : ": no such option");
}

void
bad_option_print(const struct bad_option *bad, const char *program)
{
	fprintf(
	    stderr, "%s: %s; see: %s --help\n", program, bad->text, program);
}
