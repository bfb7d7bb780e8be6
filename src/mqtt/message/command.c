/* SPDX-License-Identifier: ISC */
/* Reads a command from the broker, and refuses each that is not quite right. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/json/strictjson.h"
#include "mqtt/message/command.h"

/*
 * The clock of a machine without one of its own stands at 1970, or at the day
 * of its last shutdown, until it is set: no command is too late by such a
 * clock.
 */
#define FIRST_SANE_TIME ((time_t)1735689600) /* 2025-01-01 */

static const struct {
	const char *name;
	bool is_for_device, is_for_daemon;
	bool needs_sha256;
} verbs[COMMAND_COUNT] = {
	[COMMAND_APPROVE] = { "approve", true, false, true },
	[COMMAND_FLASH] = { "flash", true, false, true },
	[COMMAND_RETRY] = { "retry", true, false, true },
	[COMMAND_CANCEL] = { "cancel", true, false, false },
	[COMMAND_PAUSE] = { "pause", false, true, false },
	[COMMAND_RESUME] = { "resume", false, true, false },
};

const char *
command_verb_name(enum command_verb verb)
{
	return verbs[verb].name;
}

bool
command_verb_find(const char *name, enum command_verb *out)
{
	for (unsigned i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(verbs[i].name, name) == 0) {
			*out = (enum command_verb)i;
			return true;
		}
	return false;
}

/* Read exactly count digits. */
static bool
read_digits(const char **text, int count, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		*out = *out * 10 + (**text - '0');
	}
	return true;
}

static bool
read_char(const char **text, const char *wanted)
{
	if (**text == '\0' || strchr(wanted, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

/* Read "Z" or "+01:30" as seconds. */
static bool
read_offset(const char **text, long *out)
{
	int hours, minutes, sign = **text == '-' ? -1 : 1;

	*out = 0;
	if (read_char(text, "Zz"))
		return true;
	if (!read_char(text, "+-") || !read_digits(text, 2, &hours) ||
	    !read_char(text, ":") || !read_digits(text, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*out = sign * (hours * 3600L + minutes * 60L);
	return true;
}

static void
skip_fraction(const char **text)
{
	if (**text != '.' || !isdigit((unsigned char)(*text)[1]))
		return;
	do
		(*text)++;
	while (isdigit((unsigned char)**text));
}

bool
command_read_time(const char *text, time_t *out)
{
	struct tm tm = { 0 }, before;
	long offset;

	if (!read_digits(&text, 4, &tm.tm_year) || !read_char(&text, "-") ||
	    !read_digits(&text, 2, &tm.tm_mon) || !read_char(&text, "-") ||
	    !read_digits(&text, 2, &tm.tm_mday) || !read_char(&text, "Tt ") ||
	    !read_digits(&text, 2, &tm.tm_hour) || !read_char(&text, ":") ||
	    !read_digits(&text, 2, &tm.tm_min) || !read_char(&text, ":") ||
	    !read_digits(&text, 2, &tm.tm_sec))
		return false;
	skip_fraction(&text);
	if (!read_offset(&text, &offset) || *text != '\0' || tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	tm.tm_sec -= tm.tm_sec == 60; /* a leap second */
	before = tm;
	errno = 0;
	*out = timegm(&tm);
	/* Where time_t has 32 bits, nothing is later than 2038. */
	if (*out == -1 && errno == EOVERFLOW) {
		*out = INT32_MAX;
		return true;
	}
	*out -= offset;
	/* timegm() takes 30 February for 2 March. */
	return tm.tm_mon == before.tm_mon && tm.tm_mday == before.tm_mday &&
	    tm.tm_hour == before.tm_hour && tm.tm_min == before.tm_min;
}

/* Each key that a command may have. */
static bool
check_keys(json_t *root, struct error *err)
{
	static const char *const known[] = { "do", "sha256", "transaction",
		"not_after" };
	const char *key;
	char shown[40];
	json_t *value;

	json_object_foreach (root, key, value) {
		bool is_known = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			is_known |= strcmp(key, known[i]) == 0;
		text_escape(shown, sizeof(shown), key, strlen(key));
		if (!is_known)
			return error_set(err, EINVAL,
			    "there is no key \"%s\" in a command; there are "
			    "do, sha256, transaction and not_after",
			    shown);
		if (!json_is_string(value))
			return error_set(err, EINVAL,
			    "\"%s\" of the command is not a string", shown);
	}
	return true;
}

static bool
read_sha256(json_t *root, struct command *command, struct error *err)
{
	const char *hex = json_string_value(json_object_get(root, "sha256"));

	if (hex == NULL)
		return true;
	if (!text_is_hex(hex, COMMAND_SHA256_SIZE - 1))
		return error_set(err, EINVAL,
		    "\"sha256\" of the command is not 64 hexadecimal digits");
	for (size_t i = 0; i < COMMAND_SHA256_SIZE; i++)
		command->sha256[i] = (char)tolower((unsigned char)hex[i]);
	return true;
}

static bool
read_verb(json_t *root, const struct command_rules *rules,
    struct command *command, struct error *err)
{
	const char *word = json_string_value(json_object_get(root, "do"));
	char shown[40];

	if (word == NULL)
		return error_set(err, EINVAL,
		    "the command does not say what to do: \"do\" is missing");
	if (!command_verb_find(word, &command->verb))
		return error_set(err, EOPNOTSUPP,
		    "%s: there is no such command; there are approve, flash, "
		    "retry, cancel, pause and resume",
		    text_escape(shown, sizeof(shown), word, strlen(word)));
	if (rules->is_for_device && !verbs[command->verb].is_for_device)
		return error_set(err, EINVAL,
		    "%s is for the whole daemon: send it to the topic without "
		    "the id of a device",
		    word);
	if (!rules->is_for_device && !verbs[command->verb].is_for_daemon)
		return error_set(err, EINVAL,
		    "%s is for a device: send it to the topic that ends in the "
		    "id of the device",
		    word);
	if (!(rules->allowed & 1u << command->verb))
		return error_set(err, EPERM,
		    "%s is not allowed here: Allow= in mqtt.conf says what is",
		    word);
	if (verbs[command->verb].needs_sha256 && command->sha256[0] == '\0')
		return error_set(err, EINVAL,
		    "%s needs \"sha256\": the checksum of the image that is "
		    "meant",
		    word);
	return true;
}

/* Check that the command is not too old. */
static bool
check_age(json_t *root, const struct command_rules *rules, struct error *err)
{
	const char *text =
	    json_string_value(json_object_get(root, "not_after"));
	time_t limit;

	if (text == NULL && rules->max_age_sec == 0)
		return true;
	if (text == NULL)
		return error_set(err, EINVAL,
		    "the command has no \"not_after\", so that nobody knows "
		    "how "
		    "old it is, and MaxAgeSec= in mqtt.conf asks for it");
	if (!command_read_time(text, &limit))
		return error_set(err, EINVAL,
		    "\"not_after\" of the command is not a time such as "
		    "2026-01-31T13:05:09Z");
	if (rules->now < FIRST_SANE_TIME)
		return error_set(err, EBUSY,
		    "the clock of this machine is not set yet, so that nobody "
		    "knows how old the command is");
	if (rules->now > limit)
		return error_set(err, ETIME,
		    "the command came too late: it was good until %s", text);
	if (rules->max_age_sec > 0 &&
	    limit - rules->now > (time_t)rules->max_age_sec)
		return error_set(err, EINVAL,
		    "\"not_after\" of the command is too far away: "
		    "MaxAgeSec= in mqtt.conf allows %u s",
		    rules->max_age_sec);
	return true;
}

/* Read the transaction first, so that each refusal can name it. */
static bool
read_transaction(json_t *root, struct command *command, struct error *err)
{
	const char *text =
	    json_string_value(json_object_get(root, "transaction"));

	if (text == NULL ||
	    text_copy(command->transaction, sizeof(command->transaction), text))
		return true;
	return error_set(err, EINVAL,
	    "\"transaction\" of the command is longer than %d bytes",
	    COMMAND_TEXT_SIZE - 1);
}

bool
command_parse(const void *payload, size_t len,
    const struct command_rules *rules, struct command *command,
    struct error *err)
{
	json_t *root;
	bool ok;

	*command = (struct command){ 0 };
	if (len > COMMAND_MAX_SIZE)
		return error_set(err, EMSGSIZE,
		    "the command has %zu bytes; %d are the limit", len,
		    COMMAND_MAX_SIZE);
	root = strictjson_load(payload, len, COMMAND_MAX_SIZE, err);
	if (root == NULL)
		return error_set(
		    err, EINVAL, "the command is not a JSON object");
	ok = read_transaction(root, command, err);
	if (ok && rules->is_retained)
		ok = error_set(err, EINVAL,
		    "the command is retained: it would come again with each "
		    "connection; send it without that, and remove it from the "
		    "broker");
	ok = ok && check_keys(root, err) && read_sha256(root, command, err) &&
	    check_age(root, rules, err) && read_verb(root, rules, command, err);
	json_decref(root);
	return ok;
}
