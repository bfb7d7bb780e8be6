/* SPDX-License-Identifier: ISC */
/*
 * Finds a setting in the answer of a Tasmota, and compares it with the value
 * that a policy wants.
 */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/json/strictjson.h"
#include "core/tasmota/tasmota.h"
#include "core/tasmota/tasmota_compare.h"
#include "core/tasmota/tasmota_form.h"
#include "core/tasmota/tasmota_raw.h"
#include "core/tasmota/tasmota_value.h"

/* Texts have escapes since 8.3.1.2, rules since 8.3. */
#define ESCAPES_TEXT TASMOTA_VERSION(8, 3, 1, 2)
#define ESCAPES_RULE TASMOTA_VERSION(8, 3, 0, 0)
#define ALWAYS_JSON  TASMOTA_VERSION(9, 4, 0, 0) /* none is cut any more */

void
tasmota_dialect_init(struct tasmota_dialect *dialect, const char *version)
{
	*dialect =
	    (struct tasmota_dialect){ .version = tasmota_version(version) };
	text_copy(dialect->off, sizeof(dialect->off), "OFF");
	text_copy(dialect->on, sizeof(dialect->on), "ON");
}

static const struct tasmota_command unknown = {
	.form = TASMOTA_FORM_UNKNOWN,
};

static const struct tasmota_command *
row_of(const struct tasmota_line *line)
{
	return line->row != NULL ? line->row : &unknown;
}

static bool
has_escapes(const struct tasmota_line *line, uint32_t version)
{
	return version >= (row_of(line)->form == TASMOTA_FORM_RULE
				  ? ESCAPES_RULE
				  : ESCAPES_TEXT);
}

/*
 * Return true if the key answers the command of the line.  Tasmota is not
 * consistent about the number 1: FriendlyName is answered as FriendlyName1, but
 * GroupTopic1 as GroupTopic in 8.1.  A command whose numbers share one setting
 * is answered without a number.
 */
static bool
is_key_of(const char *key, const struct tasmota_line *line)
{
	const char *name = line->row != NULL ? line->row->name : line->command;
	size_t len = strlen(name);

	if (strcasecmp(key, line->command) == 0)
		return true;
	if (strncasecmp(key, name, len) != 0)
		return false;
	key += len;
	return line->index == 1 ? key[0] == '\0' || strcmp(key, "1") == 0
				: line->row != NULL && line->row->last > 0 &&
		line->row->form != TASMOTA_FORM_TEXT &&
		line->row->form != TASMOTA_FORM_NUMBER &&
		line->row->form != TASMOTA_FORM_SWITCH && key[0] == '\0';
}

static json_t *
find_value(json_t *root, const struct tasmota_line *line)
{
	const char *key;
	json_t *value;

	json_object_foreach (root, key, value)
		if (is_key_of(key, line))
			return value;
	return NULL;
}

/* Write a value as people do: 48.86, not 48.859999999999999.  free() it. */
static char *
describe(json_t *value)
{
	if (value == NULL)
		return xstrdup("");
	if (json_is_string(value))
		return strictjson_bytes(value);
	if (json_is_number(value))
		return xasprintf("%.10g", json_number_value(value));
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void
say_what_came(struct tasmota_verdict *verdict, json_t *value)
{
	char *text = describe(value);

	text_escape(verdict->got, sizeof(verdict->got), text, strlen(text));
	free(text);
}

/*
 * Return true for {"Command":"Unknown"} and {"Command":"Error","Input":"..."}.
 */
static bool
is_rejected(json_t *root, struct tasmota_verdict *verdict)
{
	const char *why = json_string_value(json_object_get(root, "Command"));

	verdict->is_unknown = why != NULL && strcmp(why, "Unknown") == 0;
	verdict->is_refused = why != NULL && strcmp(why, "Error") == 0;
	return verdict->is_unknown || verdict->is_refused;
}

/*
 * Return true if the answer has no key of the command: a template answers its
 * own members, and WebServer is read from Status 5.
 */
static bool
answers_elsewhere(const struct tasmota_command *row)
{
	return row->form == TASMOTA_FORM_TEMPLATE ||
	    row->form == TASMOTA_FORM_SERVER;
}

static void
compare_json(const struct tasmota_line *line,
    const struct tasmota_dialect *dialect, json_t *root,
    struct tasmota_verdict *verdict)
{
	const struct tasmota_command *row = row_of(line);
	struct tasmota_question question = { .line = line,
		.dialect = dialect,
		.wanted = line->value,
		.root = root,
		.value =
		    answers_elsewhere(row) ? root : find_value(root, line) };
	tasmota_comparison *compare = tasmota_form_of_value(row->form);
	bool is_default =
	    row->flags & TASMOTA_DEFAULT && strcmp(line->value, "1") == 0;

	if (compare == NULL)
		compare = tasmota_form_of_object(row->form);
	question.has_number =
	    tasmota_read_number(line->value, &question.number);
	if (is_rejected(root, verdict) || question.value == NULL)
		verdict->taken = TASMOTA_NOT_TAKEN;
	else if (is_default)
		verdict->taken = TASMOTA_UNCLEAR;
	else
		verdict->taken = compare(&question);
	say_what_came(verdict, question.value);
}

/*
 * Compare an answer that is no JSON: before Tasmota had escapes, a quotation
 * mark in a text broke the answer.  As the wanted text is known, its bytes are
 * looked for.
 */
static void
compare_raw(const struct tasmota_line *line,
    const struct tasmota_dialect *dialect, const char *body, size_t len,
    struct tasmota_verdict *verdict)
{
	enum tasmota_form form = row_of(line)->form;
	bool is_rule = form == TASMOTA_FORM_RULE;
	char *kept;

	if (form != TASMOTA_FORM_TEXT && !is_rule)
		return;
	kept = tasmota_kept_text(line->row, line->value);
	tasmota_raw_compare(is_rule ? "Rules" : line->command, kept,
	    has_escapes(line, dialect->version), body, len, verdict);
	free(kept);
}

void
tasmota_compare(const struct tasmota_line *line,
    const struct tasmota_dialect *dialect, const char *body, size_t len,
    struct tasmota_verdict *verdict)
{
	struct error err;
	json_t *root;

	*verdict = (struct tasmota_verdict){ .taken = TASMOTA_NOT_TAKEN };
	root = strictjson_load_bytes(body, len, TASMOTA_MAX_REPLY,
	    has_escapes(line, dialect->version), &err);
	if (root != NULL)
		compare_json(line, dialect, root, verdict);
	else if (dialect->version < ALWAYS_JSON && len <= TASMOTA_MAX_REPLY &&
	    memchr(body, '\0', len) == NULL && tasmota_raw_is_whole(body, len))
		compare_raw(line, dialect, body, len, verdict);
	json_decref(root);
}

void
tasmota_dialect_learn(struct tasmota_dialect *dialect,
    const struct tasmota_line *line, const char *body, size_t len)
{
	char *to = line->index == 1 ? dialect->off : dialect->on;
	struct error err;
	json_t *root;
	char *text;

	if (line->row == NULL || strcmp(line->row->name, "StateText") != 0 ||
	    line->index > 2)
		return;
	root = strictjson_load_bytes(body, len, TASMOTA_MAX_REPLY,
	    has_escapes(line, dialect->version), &err);
	text = strictjson_bytes(find_value(root, line));
	if (text != NULL)
		text_copy(to, sizeof(dialect->off), text);
	free(text);
	json_decref(root);
}
