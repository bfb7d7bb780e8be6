/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tasmota -- the first line names a setting and its value, the rest is
 * what a Tasmota, or something that is none, answers: whatever is read from it
 * fits where it is kept, and what is sent keeps to the limits.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/tasmota/tasmota.h"

#include "fuzz.h"

static void
check_facts(const char *body, size_t len)
{
	struct tasmota_facts facts = { 0 };
	struct error err = { 0 };
	bool ok = tasmota_read_status(body, len, &facts, &err);

	HOLDS(memchr(facts.version, '\0', sizeof(facts.version)) != NULL);
	HOLDS(memchr(facts.variant, '\0', sizeof(facts.variant)) != NULL);
	HOLDS(memchr(facts.built, '\0', sizeof(facts.built)) != NULL);
	HOLDS(memchr(facts.mac, '\0', sizeof(facts.mac)) != NULL);
	HOLDS(strlen(facts.version) <=
	    strspn(facts.version, "0123456789.") + 1); /* "5.12.0h" */
	HOLDS(ok == (facts.version[0] != '\0' || facts.mac[0] != '\0'));
	HOLDS(ok || err.text[0] != '\0');
	/* What it is and that it does not say so are two replies. */
	HOLDS(!tasmota_is_locked(body, len) || !ok ||
	    memmem(body, len, "WARNING", 7) != NULL);
}

/* Everything is sent once, as long as it fits; then nothing is. */
static void
check_backlog(struct tasmota_steps *steps)
{
	char *text;

	for (size_t round = 0; (text = tasmota_backlog(steps)) != NULL;
	    round++) {
		unsigned sent = 0;
		char *path = tasmota_path(text, NULL);

		HOLDS(round < steps->count);
		HOLDS(strlen(text) < TASMOTA_MAX_CMND);
		HOLDS(strpbrk(path + 9, " \r\n;&#?{}\"") == NULL);
		for (size_t i = 0; i < steps->count; i++) {
			HOLDS(!steps->items[i].in_flight ||
			    steps->items[i].tries == 1);
			sent += steps->items[i].in_flight;
			steps->items[i].taken |= steps->items[i].in_flight;
		}
		HOLDS(sent > 0 && sent <= TASMOTA_MAX_BACKLOG);
		free(path);
		free(text);
	}
}

/*
 * What a Tasmota of each age would mean by it: what is taken is in the answer,
 * and what is told of it is printable.
 */
static void
check_reading(struct tasmota_step *step, const char *body, size_t len)
{
	static const char *const versions[] = { "8.1.0", "8.3.1", "9.2.0",
		"9.5.0", "14.2.0", "15.5.0", "" };
	char text[300];

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct tasmota_dialect dialect;

		tasmota_dialect_init(&dialect, versions[i]);
		tasmota_dialect_learn(&dialect, &step->line, body, len);
		tasmota_step_read(step, &dialect, body, len);
		HOLDS(!step->taken || !step->is_unclear);
		HOLDS(!step->taken || memchr(body, '{', len) != NULL);
		HOLDS(!step->taken ||
		    (!step->verdict.is_unknown && !step->verdict.is_refused));
		tasmota_step_describe(step, "14.2.0", text, sizeof(text));
		for (const char *c = text; *c != '\0'; c++)
			HOLDS(*c >= 0x20 && *c < 0x7f);
		tasmota_step_read(step, &dialect, "", 0);
		HOLDS(!step->taken && !step->is_unclear);
	}
}

/* A line of a policy is refused with a reason, or is as it was read. */
static void
check_line(const char *text)
{
	struct tasmota_line line, again;
	struct error err = { 0 };

	if (!tasmota_line_read(text, &line))
		return;
	HOLDS(line.command[0] != '\0' && line.word[0] != '\0');
	HOLDS(tasmota_line_check(&line, &err) == (err.text[0] == '\0'));
	HOLDS(!tasmota_line_read(line.command, &again) ||
	    strcmp(again.command, line.command) == 0);
}

static void
check_setting(const char *line, const char *body, size_t len)
{
	struct tasmota_steps steps = { 0 };
	char *command = xstrdup(line), *value = strchr(command, ' ');

	if (value != NULL)
		*value++ = '\0';
	tasmota_steps_add(&steps, command, value != NULL ? value : "");
	tasmota_steps_add(&steps, "DeviceName", line);
	tasmota_steps_add(&steps, "Module", "0");
	for (size_t i = 0; i < steps.count; i++)
		check_reading(&steps.items[i], body, len);
	check_backlog(&steps);
	tasmota_steps_fini(&steps);
	free(command);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = memchr(text, '\n', size);
	size_t len = end != NULL ? (size_t)(end - text) : 0;
	size_t skip = end != NULL ? len + 1 : 0;
	char *line = xstrndup(text, len);
	char name[40];

	check_facts(text + skip, size - skip);
	check_line(line);
	check_setting(line, text + skip, size - skip);
	if (tasmota_access_point(line, '-', name, sizeof(name)))
		HOLDS(strlen(name) == strlen("tasmota-62E43F-1087"));
	free(line);
	return 0;
}
