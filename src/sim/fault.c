/* SPDX-License-Identifier: ISC */
/* Parses the faults of a device, and counts down how often each strikes. */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/fault.h"

#define MAX_NAME 64

static const struct {
	const char *name, *help;
} table[] = {
#define X(symbol, name, help) { name, help },
	FAULTS(X)
#undef X
};

static const struct {
	const char *name;
	enum fault_on on;
} commands[] = {
	{ "info", ON_INFO },
	{ "unlock", ON_UNLOCK },
	{ "flash", ON_FLASH },
	{ "other", ON_OTHER },
};

bool
fault_at(size_t index, const char **name, const char **help)
{
	if (index >= FAULT_COUNT)
		return false;
	*name = table[index].name;
	*help = table[index].help;
	return true;
}

static bool
parse_command(const char *name, unsigned char *on)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		*on = (unsigned char)commands[i].on;
		return true;
	}
	return false;
}

/* Parse one NAME[@COMMAND][*TIMES].  Writes into the word. */
static bool
parse_one(char *word, struct fault_set *set, struct error *err)
{
	char *times = strchr(word, '*'), *command = strchr(word, '@');
	unsigned char on = ON_ALL;
	uint64_t left = 0;

	if (times != NULL)
		*times++ = '\0';
	if (command != NULL)
		*command++ = '\0';
	if (times != NULL && !text_number(times, 1, 1000, &left))
		return error_set(err, EINVAL,
		    "fault %s: write how often after the *, from 1 to 1000",
		    word);
	if (command != NULL && !parse_command(command, &on))
		return error_set(err, EINVAL,
		    "fault %s: there is no call %s; write info, unlock, flash "
		    "or other",
		    word, command);
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (strcmp(table[i].name, word) != 0)
			continue;
		set->item[i].on = on;
		set->item[i].left = (unsigned short)left;
		return true;
	}
	return error_set(err, EINVAL,
	    "%s: there is no such fault; see reflash-sim --list-faults", word);
}

bool
fault_parse(const char *text, struct fault_set *set, struct error *err)
{
	struct fault_set result = { 0 };
	char word[MAX_NAME];

	while (*text != '\0') {
		size_t len = strcspn(text, "+");

		if (len >= sizeof(word))
			return error_set(err, EINVAL,
			    "there is no fault with so long a name; see "
			    "reflash-sim --list-faults");
		memcpy(word, text, len);
		word[len] = '\0';
		if (len > 0 && strcmp(word, "none") != 0 &&
		    !parse_one(word, &result, err))
			return false;
		text += len + (text[len] == '+');
	}
	*set = result;
	return true;
}

char *
fault_text(const struct fault_set *set, char *dst, size_t size)
{
	size_t len = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < FAULT_COUNT && len < size; i++) {
		if (set->item[i].on == 0)
			continue;
		len += (size_t)snprintf(dst + len, size - len, "%s%s",
		    len > 0 ? "+" : "", table[i].name);
	}
	return dst;
}

bool
fault_has(const struct fault_set *set, enum fault fault)
{
	return set->item[fault].on != 0;
}

bool
fault_strikes(struct fault_set *set, enum fault fault, enum fault_on on)
{
	if ((set->item[fault].on & on) == 0)
		return false;
	if (set->item[fault].left > 0 && --set->item[fault].left == 0)
		set->item[fault].on = 0;
	return true;
}
