/* SPDX-License-Identifier: ISC */
/* Fills a struct from a configuration file by a table, and prints it back. */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/ini.h"
#include "core/config/option.h"

#define MAX_OPTIONS 64 /* rows in a table: keeps the lists for advice small */

static void *
field_of(const struct options *options, size_t row)
{
	return (char *)options->values + options->table->items[row].offset;
}

static void
clear(struct options *options, size_t row)
{
	const struct option_type *type = options->table->items[row].type;

	if (type->clear != NULL)
		type->clear(field_of(options, row));
}

static void
reset(struct options *options, size_t row)
{
	const struct option *option = &options->table->items[row];
	struct error err = { 0 };

	clear(options, row);
	strlist_fini(&options->places[row].at);
	if (*option->standard != '\0' &&
	    !option->type->parse(
		field_of(options, row), option->standard, option, &err))
		assert(!"the default of a key does not fit its own type");
}

void
options_init(
    struct options *options, const struct option_table *table, void *values)
{
	assert(table->count <= MAX_OPTIONS);
	options->table = table;
	options->values = values;
	options->doubts = (struct problems){ 0 };
	options->places = xcalloc(table->count, sizeof(*options->places));
	for (size_t row = 0; row < table->count; row++)
		reset(options, row);
}

void
options_fini(struct options *options)
{
	for (size_t row = 0; row < options->table->count; row++) {
		clear(options, row);
		strlist_fini(&options->places[row].at);
	}
	free(options->places);
	options->places = NULL;
	problems_fini(&options->doubts);
}

/* Return the row of a key, or the length of the table if there is none. */
static size_t
find_row(const struct option_table *table, const char *section, const char *key)
{
	size_t row;

	for (row = 0; row < table->count; row++)
		if (strcmp(table->items[row].section, section) == 0 &&
		    strcmp(table->items[row].key, key) == 0)
			break;
	return row;
}

static struct option_places *
places_of(const struct options *options, const char *section, const char *key)
{
	size_t row = find_row(options->table, section, key);

	assert(row < options->table->count);
	return &options->places[row];
}

const char *
options_origin(
    const struct options *options, const char *section, const char *key)
{
	const struct strlist *at = &places_of(options, section, key)->at;

	return at->count > 0 ? at->items[at->count - 1] : NULL;
}

const char *
options_origin_at(const struct options *options, const char *section,
    const char *key, size_t i)
{
	const struct strlist *at = &places_of(options, section, key)->at;

	assert(i < at->count);
	return at->items[i];
}

void
options_follow(struct options *options, const char *section, const char *key,
    const char *other)
{
	const char *origin = options_origin(options, section, other);

	if (origin != NULL)
		strlist_add(&places_of(options, section, key)->at, origin);
}

bool
options_is_bad(
    const struct options *options, const char *section, const char *key)
{
	return places_of(options, section, key)->bad;
}

/* The state of options_parse() from line to line. */
struct reading {
	struct options *options;
	struct problems *problems;
	bool skip; /* below a section that there is not */
};

static bool
has_section(const struct option_table *table, const char *section)
{
	for (size_t row = 0; row < table->count; row++)
		if (strcmp(table->items[row].section, section) == 0)
			return true;
	return false;
}

/*
 * Return what could be written instead, to be freed with free(): the word that
 * was probably meant, or all that are known, each between left and right.
 */
static char *
suggestion(const char *typed, const char *const known[], size_t count,
    const char *left, const char *right)
{
	const char *meant = suggest_word(typed, known, count);
	char *list;

	if (meant != NULL)
		return xasprintf("did you mean %s%s%s?", left, meant, right);
	list = xstrdup("there is");
	for (size_t i = 0; i < count; i++) {
		char *longer = xasprintf("%s%s %s%s%s", list, i > 0 ? "," : "",
		    left, known[i], right);

		free(list);
		list = longer;
	}
	return list;
}

static void
take_section(struct reading *reading, const struct ini_entry *entry)
{
	const struct option_table *table = reading->options->table;
	const char *known[MAX_OPTIONS];
	size_t count = 0;
	char shown[64], *instead;

	reading->skip = !has_section(table, entry->section);
	if (!reading->skip)
		return;
	for (size_t row = 0; row < table->count; row++)
		if (count == 0 ||
		    strcmp(known[count - 1], table->items[row].section) != 0)
			known[count++] = table->items[row].section;
	text_escape(
	    shown, sizeof(shown), entry->section, strlen(entry->section));
	instead = suggestion(entry->section, known, count, "[", "]");
	problems_add(reading->problems, "%s:%u: there is no section [%s]; %s",
	    entry->file, entry->line, shown, instead);
	free(instead);
}

/* Complain about a key that is misspelt or in the wrong section. */
static void
complain_key(struct reading *reading, const struct ini_entry *entry)
{
	const struct option_table *table = reading->options->table;
	const char *known[MAX_OPTIONS], *home = NULL;
	char shown[64], *instead;
	size_t count = 0;

	for (size_t row = 0; row < table->count; row++)
		if (strcmp(table->items[row].section, entry->section) == 0)
			known[count++] = table->items[row].key;
		else if (strcmp(table->items[row].key, entry->key) == 0)
			home = table->items[row].section;
	text_escape(shown, sizeof(shown), entry->key, strlen(entry->key));
	if (home != NULL) {
		problems_add(reading->problems,
		    "%s:%u: %s= does not belong in"
		    " [%s]; move it to [%s]",
		    entry->file, entry->line, shown, entry->section, home);
		return;
	}
	instead = suggestion(entry->key, known, count, "", "=");
	problems_add(reading->problems, "%s:%u: there is no %s= in [%s]; %s",
	    entry->file, entry->line, shown, entry->section, instead);
	free(instead);
}

static void
note_place(struct option_places *places, const struct ini_entry *entry)
{
	char *place = xasprintf("%s:%u", entry->file, entry->line);

	strlist_add(&places->at, place);
	free(place);
}

#define ON_ITS_OWN "a comment stands on a line of its own"

/* Return true if a person may have written a comment behind the value. */
static bool
has_comment(const char *value)
{
	for (const char *at = value; (at = strpbrk(at, "#;")) != NULL; at++)
		if (at == value || at[-1] == ' ' || at[-1] == '\t')
			return true;
	return false;
}

static void
doubt_comment(struct reading *reading, const struct option *option,
    const struct ini_entry *entry)
{
	char shown[80];

	if (option->type->is_free || !has_comment(entry->value))
		return;
	text_escape(shown, sizeof(shown), entry->value, strlen(entry->value));
	problems_add(&reading->options->doubts,
	    "%s:%u: %s=%s: " ON_ITS_OWN
	    ": this one counts as a part of the value",
	    entry->file, entry->line, option->key, shown);
}

/*
 * Complain about a value.  The value and the sentence about it may hold any
 * bytes from the file, so both are escaped.
 */
static void
complain_value(struct reading *reading, const struct option *option,
    const struct ini_entry *entry, const struct error *err)
{
	char shown[80], told[2 * sizeof(err->text)];

	text_escape(shown, sizeof(shown), entry->value, strlen(entry->value));
	text_escape(told, sizeof(told), err->text, strlen(err->text));
	problems_add(reading->problems, "%s:%u: %s=%s: %s%s", entry->file,
	    entry->line, option->key, shown, told,
	    has_comment(entry->value) ? "; " ON_ITS_OWN : "");
}

static void
take_value(struct reading *reading, size_t row, const struct ini_entry *entry)
{
	struct options *options = reading->options;
	const struct option *option = &options->table->items[row];
	struct option_places *places = &options->places[row];
	struct error err = { 0 };

	if (*entry->value == '\0') {
		reset(options, row);
		return;
	}
	if (places->at.count == 0 || !option->type->adds) {
		clear(options, row);
		strlist_fini(&places->at);
	}
	if (option->type->parse(
		field_of(options, row), entry->value, option, &err)) {
		note_place(places, entry);
		doubt_comment(reading, option, entry);
		return;
	}
	complain_value(reading, option, entry, &err);
	places->bad = true;
	/* A key with a default must not keep a NULL. */
	if (!option->type->adds)
		reset(options, row);
}

static void
on_entry(const struct ini_entry *entry, void *ctx)
{
	struct reading *reading = ctx;
	const struct option_table *table = reading->options->table;
	size_t row;

	if (entry->key == NULL) {
		take_section(reading, entry);
		return;
	}
	if (reading->skip)
		return;
	row = find_row(table, entry->section, entry->key);
	if (row == table->count)
		complain_key(reading, entry);
	else
		take_value(reading, row, entry);
}

void
options_parse_below(const char *section, struct options *options,
    const char *text, size_t len, const char *file, struct problems *problems)
{
	struct reading reading = { .options = options, .problems = problems };

	ini_parse_below(section, text, len, file, on_entry, &reading, problems);
}

void
options_parse(struct options *options, const char *text, size_t len,
    const char *file, struct problems *problems)
{
	options_parse_below(NULL, options, text, len, file, problems);
}

void
option_write(FILE *out, const struct option *option, const char *value)
{
	fprintf(out, "%s=%s\n", option->key, value);
}

static void
print_places(const struct strlist *at, FILE *out)
{
	fprintf(
	    out, "# %s%s\n", at->items[0], at->count > 1 ? " and below" : "");
}

void
options_print(const struct options *options, FILE *out)
{
	const struct option_table *table = options->table;
	const char *section = "";

	for (size_t row = 0; row < table->count; row++) {
		const struct option *option = &table->items[row];

		if (strcmp(section, option->section) != 0) {
			fprintf(out, "%s[%s]\n", *section == '\0' ? "" : "\n",
			    option->section);
			section = option->section;
		}
		if (options->places[row].at.count == 0) {
			option_write(out, option, option->standard);
			continue;
		}
		print_places(&options->places[row].at, out);
		option->type->print(out, field_of(options, row), option);
	}
}
