/* SPDX-License-Identifier: ISC */
/* Parses and prints values that are lists: words, versions, addresses. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/network.h"
#include "core/config/value.h"
#include "core/config/version.h"
#include "core/config/window.h"

/* Return false, and what is wrong with a word of a list. */
typedef bool word_check(const char *, const struct option *, struct error *);

static bool
parse_each(struct strlist *list, const char *value, const struct option *option,
    word_check *check, struct error *err)
{
	char *copy = xstrdup(value), *rest = copy, *word;
	bool ok = true;

	while (ok && (word = text_word(&rest)) != NULL) {
		ok = check(word, option, err);
		if (ok)
			strlist_add(list, word);
	}
	free(copy);
	return ok;
}

static bool
check_word(const char *word, const struct option *option, struct error *err)
{
	if (strlen(word) > option->max)
		return error_set(err, EINVAL,
		    "%.40s is longer than %" PRIu64 " bytes", word,
		    option->max);
	return true;
}

static bool
check_path(const char *word, const struct option *option, struct error *err)
{
	(void)option;
	if (*word != '/')
		return error_set(err, EINVAL,
		    "%.200s is not an absolute path; write one such as "
		    "/var/lib/reflashd",
		    word);
	return true;
}

static bool
check_glob(const char *word, const struct option *option, struct error *err)
{
	(void)option;
	if (strcmp(word, "!") == 0)
		return error_set(err, EINVAL,
		    "there is no pattern after the"
		    " !; write for example !1000a05bf6, without a blank");
	return true;
}

static bool
parse_words(void *field, const char *value, const struct option *option,
    struct error *err)
{
	return parse_each(field, value, option, check_word, err);
}

static bool
parse_paths(void *field, const char *value, const struct option *option,
    struct error *err)
{
	return parse_each(field, value, option, check_path, err);
}

static bool
parse_globs(void *field, const char *value, const struct option *option,
    struct error *err)
{
	return parse_each(field, value, option, check_glob, err);
}

static bool
parse_line(void *field, const char *value, const struct option *option,
    struct error *err)
{
	if (!check_word(value, option, err))
		return false;
	strlist_add(field, value);
	return true;
}

static void
clear_words(void *field)
{
	strlist_fini(field);
}

/* Print a list as one line of words; an empty list still shows its key. */
static void
print_words(FILE *out, const void *field, const struct option *option)
{
	const struct strlist *list = field;

	fprintf(out, "%s=", option->key);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " ", list->items[i]);
	fputc('\n', out);
}

static void
print_lines(FILE *out, const void *field, const struct option *option)
{
	const struct strlist *list = field;

	for (size_t i = 0; i < list->count; i++)
		option_write(out, option, list->items[i]);
}

static bool
parse_versions(void *field, const char *value, const struct option *option,
    struct error *err)
{
	(void)option;
	return versions_add(field, value, err);
}

static void
clear_versions(void *field)
{
	versions_fini(field);
}

static void
print_versions(FILE *out, const void *field, const struct option *option)
{
	const struct versions *list = field;

	fprintf(out, "%s=", option->key);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " ", list->items[i].text);
	fputc('\n', out);
}

static bool
parse_nets(void *field, const char *value, const struct option *option,
    struct error *err)
{
	(void)option;
	return networks_add(field, value, err);
}

static void
clear_nets(void *field)
{
	networks_fini(field);
}

static void
print_nets(FILE *out, const void *field, const struct option *option)
{
	const struct networks *list = field;

	fprintf(out, "%s=", option->key);
	for (size_t i = 0; i < list->count; i++) {
		const struct network *net = &list->items[i];
		struct in_addr in = { htonl(net->address) };
		char text[INET_ADDRSTRLEN];

		inet_ntop(AF_INET, &in, text, sizeof(text));
		fprintf(out, "%s%s%s", i == 0 ? "" : " ",
		    net->excluded ? "!" : "", text);
		if (net->bits < 32)
			fprintf(out, "/%u", net->bits);
	}
	fputc('\n', out);
}

static bool
parse_windows(void *field, const char *value, const struct option *option,
    struct error *err)
{
	(void)option;
	return windows_add(field, value, err);
}

static void
clear_windows(void *field)
{
	windows_fini(field);
}

static void
print_windows(FILE *out, const void *field, const struct option *option)
{
	const struct windows *list = field;

	fprintf(out, "%s=", option->key);
	for (size_t i = 0; i < list->count; i++) {
		const struct window *one = &list->items[i];

		fprintf(out, "%s%02u:%02u-%02u:%02u", i == 0 ? "" : " ",
		    one->from / 60, one->from % 60, one->to / 60, one->to % 60);
	}
	fputc('\n', out);
}

#define LIST(name, parser, clearer, printer)                                   \
	const struct option_type name = {                                      \
		.adds = true,                                                  \
		.parse = parser,                                               \
		.clear = clearer,                                              \
		.print = printer,                                              \
	}

LIST(value_words, parse_words, clear_words, print_words);
LIST(value_paths, parse_paths, clear_words, print_words);
LIST(value_globs, parse_globs, clear_words, print_words);
LIST(value_versions, parse_versions, clear_versions, print_versions);
LIST(value_nets, parse_nets, clear_nets, print_nets);
/* Rules of Tasmota have a # in them, and a ; between commands. */
const struct option_type value_lines = {
	.adds = true,
	.is_free = true,
	.parse = parse_line,
	.clear = clear_words,
	.print = print_lines,
};
LIST(value_windows, parse_windows, clear_windows, print_windows);
