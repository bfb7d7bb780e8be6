/* SPDX-License-Identifier: ISC */
/*
 * The settings that a Tasmota is to have: in which order and with which others
 * they are sent, and what the answers to them say.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/tasmota/tasmota.h"
#include "core/tasmota/tasmota_value.h"

/* Since 9.3 an answer over HTTP does not need the web log any more. */
#define NO_WEBLOG TASMOTA_VERSION(9, 2, 0, 1)

static bool
is_secret(const struct tasmota_line *line)
{
	return line->row != NULL && line->row->form == TASMOTA_FORM_SECRET;
}

void
tasmota_steps_add(
    struct tasmota_steps *steps, const char *command, const char *value)
{
	struct tasmota_step *step;
	struct tasmota_line line = { 0 };
	char *copy = xstrdup(value);

	if (tasmota_line_read(command, &line))
		command = line.command;
	line.value = copy;
	steps->items =
	    xrealloc(steps->items, steps->count + 1, sizeof(*steps->items));
	step = &steps->items[steps->count++];
	*step = (struct tasmota_step){ .command = xstrdup(command),
		.value = copy,
		.line = line,
		.is_secret = is_secret(&line),
		.is_password = strcasecmp(command, "WebPassword") == 0 };
}

void
tasmota_steps_fini(struct tasmota_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		free(steps->items[i].command);
		explicit_bzero(
		    steps->items[i].value, strlen(steps->items[i].value));
		free(steps->items[i].value);
	}
	free(steps->items);
	*steps = (struct tasmota_steps){ 0 };
}

bool
tasmota_step_is_open(const struct tasmota_step *step)
{
	return !step->taken && !(step->is_unclear && step->was_heard);
}

static bool
is_command(const struct tasmota_step *step, const char *name)
{
	return step->line.row != NULL &&
	    strcmp(step->line.row->name, name) == 0;
}

const char *
tasmota_step_why_not(const struct tasmota_step *step, uint32_t version)
{
	long level;

	if (is_command(step, "WebLog") && version < NO_WEBLOG &&
	    tasmota_read_number(step->value, &level) && level < 2)
		return "before 9.3 a Tasmota answers nothing with a WebLog "
		       "below 2";
	return NULL;
}

/*
 * Return when a step is sent, from 0 to 2.  Steps for pins go last, as they
 * restart the device; a change of module clears what GPIO has set, so it goes
 * before.
 */
static int
turn_of(const struct tasmota_step *step)
{
	if (is_command(step, "Template") || is_command(step, "Module"))
		return 1;
	return is_command(step, "GPIO") ? 2 : 0;
}

/* Return the n-th step in the order of sending. */
static struct tasmota_step *
in_order(const struct tasmota_steps *steps, size_t n)
{
	for (int turn = 0; turn <= 2; turn++)
		for (size_t i = 0; i < steps->count; i++)
			if (turn_of(&steps->items[i]) == turn && n-- == 0)
				return &steps->items[i];
	return NULL;
}

static size_t
count_of(const char *text, char c)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == c;
	return count;
}

/*
 * Return true if the step cannot be part of a Backlog.  Tasmota cuts a Backlog
 * at each ';', and since 9.5 only where as many '}' as '{' came before it: one
 * too many of either swallows all that follows.  It drops blanks at the end of
 * a command from a Backlog, and only there.
 */
static bool
goes_alone(const struct tasmota_step *step)
{
	size_t len = strlen(step->value);

	return strchr(step->value, ';') != NULL ||
	    count_of(step->value, '{') != count_of(step->value, '}') ||
	    (len > 0 && strchr(" \t", step->value[len - 1]) != NULL);
}

static void
note_sent(struct tasmota_step *step)
{
	step->in_flight = true;
	step->tries++;
}

static char *
send_alone(struct tasmota_step *step)
{
	note_sent(step);
	return xasprintf("%s %s", step->command, step->value);
}

char *
tasmota_backlog(struct tasmota_steps *steps)
{
	char text[TASMOTA_MAX_CMND] = "Backlog ";
	size_t used = strlen(text), count = 0;
	struct tasmota_step *step;

	for (size_t i = 0; i < steps->count; i++)
		steps->items[i].in_flight = false;
	for (size_t i = 0;
	    (step = in_order(steps, i)) != NULL && count < TASMOTA_MAX_BACKLOG;
	    i++) {
		size_t len = strlen(step->command) + 1 + strlen(step->value);

		if (!tasmota_step_is_open(step) ||
		    strlen("Backlog ") + len >= sizeof(text))
			continue;
		if (count > 0 &&
		    (goes_alone(step) || used + 1 + len >= sizeof(text)))
			break;
		if (goes_alone(step))
			return send_alone(step);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%s %s", count > 0 ? ";" : "", step->command,
		    step->value);
		note_sent(step);
		count++;
	}
	return count > 0 ? xstrdup(text) : NULL;
}

const char *
tasmota_query(const struct tasmota_step *step)
{
	if (step->is_password)
		return "Status 2";
	if (is_command(step, "WebServer"))
		return "Status 5";
	return step->is_secret ? NULL : step->command;
}

void
tasmota_step_read(struct tasmota_step *step,
    const struct tasmota_dialect *dialect, const char *body, size_t len)
{
	tasmota_compare(&step->line, dialect, body, len, &step->verdict);
	step->taken = step->verdict.taken == TASMOTA_TAKEN;
	step->is_unclear = step->verdict.taken == TASMOTA_UNCLEAR;
}

/* Write the name of a version: "14.2.0" for 0x0E020000. */
static const char *
name_version(uint32_t version, char *dst, size_t size)
{
	snprintf(dst, size, "%u.%u.%u", version >> 24, version >> 16 & 0xff,
	    version >> 8 & 0xff);
	return dst;
}

static void
describe_unknown(const struct tasmota_step *step, const char *version,
    char *dst, size_t size)
{
	const struct tasmota_command *row = step->line.row;
	uint32_t number = tasmota_version(version);
	char other[16], again[16];

	if (row != NULL && number >= row->gone && number < row->back)
		snprintf(dst, size,
		    "Tasmota %s does not know it, a command of before %s and "
		    "of %s and later",
		    version, name_version(row->gone, other, sizeof(other)),
		    name_version(row->back, again, sizeof(again)));
	else if (row != NULL && number < row->since)
		snprintf(dst, size,
		    "Tasmota %s does not know it, a command of %s and later",
		    version, name_version(row->since, other, sizeof(other)));
	else if (row != NULL && row->until != 0 && number >= row->until)
		snprintf(dst, size,
		    "Tasmota %s does not know it, a command of before %s",
		    version, name_version(row->until, other, sizeof(other)));
	else
		snprintf(dst, size, "this build of Tasmota %s does not know it",
		    version);
}

void
tasmota_step_describe(const struct tasmota_step *step, const char *version,
    char *dst, size_t size)
{
	const struct tasmota_verdict *verdict = &step->verdict;
	char wanted[TASMOTA_GOT_SIZE];

	text_escape(wanted, sizeof(wanted), step->value, strlen(step->value));
	dst[0] = '\0';
	if (step->is_secret)
		return;
	if (verdict->is_unknown)
		describe_unknown(step, version, dst, size);
	else if (verdict->is_refused)
		snprintf(dst, size, "Tasmota %s refuses it, wanted %s", version,
		    wanted);
	else if (verdict->got[0] == '\0')
		snprintf(dst, size, "it is empty or not answered, wanted %s",
		    wanted);
	else
		snprintf(
		    dst, size, "it is %s, wanted %s", verdict->got, wanted);
}
