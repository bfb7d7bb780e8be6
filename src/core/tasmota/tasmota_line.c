/* SPDX-License-Identifier: ISC */
/*
 * Takes apart a Command= of a policy, and refuses what cannot be a setting with
 * what to write instead.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "core/tasmota/tasmota_line.h"
#include "core/tasmota/tasmota_value_check.h"

/* A command word without its number. */
struct stem {
	char name[40];
	bool has_index;
	unsigned index;
};

static void
cut_stem(const char *word, struct stem *stem)
{
	size_t len = strlen(word);

	while (len > 0 && isdigit((unsigned char)word[len - 1]))
		len--;
	snprintf(stem->name, sizeof(stem->name), "%.*s", (int)len, word);
	stem->has_index = word[len] != '\0';
	stem->index = (unsigned)strtoul(word + len, NULL, 10);
}

static void
replace_synonym(struct stem *stem)
{
	const char *command;
	unsigned index;

	if (!tasmota_command_expand(stem->name, &command, &index))
		return;
	snprintf(stem->name, sizeof(stem->name), "%s", command);
	if (index != 0) {
		stem->has_index = true;
		stem->index = index;
	}
}

/* Password3 and 4 set the same as 1 and 2, but answer only asterisks. */
static void
replace_mute(struct tasmota_line *line)
{
	if (strcmp(line->row->name, "Password") == 0 &&
	    (line->index == 3 || line->index == 4))
		line->index -= 2;
}

static void
name_command(struct tasmota_line *line, const struct stem *stem)
{
	line->index = stem->has_index ? stem->index : 1;
	if (line->row == NULL)
		snprintf(
		    line->command, sizeof(line->command), "%s", line->word);
	else if (line->row->last == 0)
		snprintf(line->command, sizeof(line->command), "%s",
		    line->row->name);
	else {
		replace_mute(line);
		snprintf(line->command, sizeof(line->command), "%s%u",
		    line->row->name, line->index);
	}
}

bool
tasmota_line_read(const char *text, struct tasmota_line *line)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_";
	size_t blanks = strspn(text, " \t"), len;
	struct stem stem;

	*line = (struct tasmota_line){ 0 };
	text += blanks;
	len = strspn(text, letters);
	if (len == 0 || len >= sizeof(line->word) || text[0] == '_' ||
	    isdigit((unsigned char)text[0]) ||
	    (text[len] != '\0' && text[len] != ' ' && text[len] != '\t'))
		return false;
	memcpy(line->word, text, len);
	line->value = text + len + strspn(text + len, " \t");
	cut_stem(line->word, &stem);
	replace_synonym(&stem);
	line->row =
	    tasmota_command_find(stem.name, stem.has_index ? stem.index : 1);
	name_command(line, &stem);
	line->has_index = stem.has_index;
	return true;
}

/*
 * Return true if the value has a ';' and another command after it, which is
 * hardly meant as a text.
 */
static bool
has_second_command(const char *value)
{
	struct tasmota_line next;
	struct stem stem;

	while ((value = strchr(value, ';')) != NULL) {
		value++;
		if (!tasmota_line_read(value, &next) || *next.value == '\0')
			continue;
		cut_stem(next.word, &stem);
		if (next.row != NULL ||
		    tasmota_command_refusal(stem.name) != NULL)
			return true;
	}
	return false;
}

static bool
check_index(const struct tasmota_line *line, struct error *err)
{
	const struct tasmota_command *row = line->row;

	if (row->last == 0 && line->has_index && line->index != 1 &&
	    row->form != TASMOTA_FORM_SECRET)
		return error_set(
		    err, EINVAL, "%s has no number after its name", row->name);
	if (row->last == 0)
		return true;
	if (row->form == TASMOTA_FORM_OPTION && !line->has_index)
		return error_set(
		    err, EINVAL, "say which one, as in SetOption19");
	if (line->index < row->first || line->index > row->last)
		return error_set(err, EINVAL, "there are %s%u to %s%u",
		    row->name, row->first, row->name, row->last);
	return true;
}

/* Return the command that a mistyped one was probably meant to be, or NULL. */
static const char *
guess(const char *word)
{
	size_t count;
	const struct tasmota_command *rows = tasmota_commands(&count);
	const char **words = xcalloc(count, sizeof(*words)), *found;
	struct stem stem;

	for (size_t i = 0; i < count; i++)
		words[i] = rows[i].name;
	cut_stem(word, &stem);
	found = suggest_word(stem.name, words, count);
	free(words);
	if (found == NULL ||
	    suggest_distance(stem.name, found) * 4 > strlen(found))
		return NULL;
	return found;
}

static bool
check_unknown(const struct tasmota_line *line, struct error *err)
{
	const char *meant = guess(line->word);

	if (meant == NULL)
		return true;
	return error_set(err, EINVAL,
	    "Tasmota has no such command; did you mean %s?", meant);
}

bool
tasmota_line_check(const struct tasmota_line *line, struct error *err)
{
	struct stem stem;
	const char *why;

	cut_stem(line->word, &stem);
	if (line->row == NULL || tasmota_command_is_own(line->row))
		why = tasmota_command_refusal(stem.name);
	else
		why = NULL;
	if (why != NULL)
		return error_set(err, EINVAL, "%s", why);
	if (line->value[0] == '\0')
		return error_set(err, EINVAL, "it needs a value");
	if (strcmp(line->value, "?") == 0)
		return error_set(err, EINVAL, "? only asks for the value");
	if (has_second_command(line->value) &&
	    (line->row == NULL || line->row->form != TASMOTA_FORM_RULE))
		return error_set(err, EINVAL, TASMOTA_OWN_LINE);
	if (line->row == NULL)
		return check_unknown(line, err);
	return check_index(line, err) &&
	    tasmota_value_check(line->row, line->index, line->value, err);
}

bool
tasmota_line_doubt(
    const struct tasmota_line *line, bool has_full_build, struct error *err)
{
	if (line->row == NULL)
		error_set(err, EINVAL,
		    "reflashd does not know this command: it is sent, but "
		    "whether it took effect can perhaps not be checked");
	else if (line->row->flags & TASMOTA_RARE)
		error_set(
		    err, EINVAL, "no build of a release has this command");
	else if (line->row->flags & TASMOTA_FULL && !has_full_build)
		error_set(err, EINVAL,
		    "tasmota-lite does not have this command, tasmota has: "
		    "it needs an Upgrade=");
	else
		return false;
	return true;
}
