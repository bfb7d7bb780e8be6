/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/postflash/postflash_parts.h"
#include "core/tasmota/template.h"

#define ANSWER_SEC 90	/* a Tasmota that restarts is back in 30 s */
#define SETTLE_MS  4000 /* from the end of a Backlog into its restart */
#define COMMAND_MS 250	/* a Backlog takes 200 ms for each */
#define MAX_TRIES  2

static size_t
count_in_flight(const struct after *after)
{
	size_t count = 0;

	for (size_t i = 0; i < after->steps.count; i++)
		count += after->steps.items[i].in_flight;
	return count;
}

/* A step that was sent as often as it may be, or NULL. */
static const struct tasmota_step *
find_refused(const struct after *after)
{
	for (size_t i = 0; i < after->steps.count; i++)
		if (tasmota_step_is_open(&after->steps.items[i]) &&
		    after->steps.items[i].tries >= MAX_TRIES)
			return &after->steps.items[i];
	return NULL;
}

static const struct tasmota_step *
find_missing(const struct after *after)
{
	for (size_t i = 0; i < after->steps.count; i++)
		if (tasmota_step_is_open(&after->steps.items[i]))
			return &after->steps.items[i];
	return NULL;
}

/* Such as a password of the broker: said, for nobody can tell. */
static void
describe_doubt(const struct after *after, const struct tasmota_step *step,
    char *dst, size_t size)
{
	char what[200];

	if (tasmota_query(step) == NULL) {
		snprintf(dst, size, "; it cannot be asked whether %s took",
		    step->command);
		return;
	}
	tasmota_step_describe(
	    step, after->device->firmware, what, sizeof(what));
	snprintf(dst, size, "; it cannot be told whether %s took: %s",
	    step->command, what);
}

static void
say_what_is_not_read(struct after *after)
{
	struct device *device = after->device;
	size_t used = strlen(device->detail);

	for (size_t i = 0; i < after->steps.count; i++) {
		const struct tasmota_step *step = &after->steps.items[i];

		if (tasmota_query(step) != NULL && !step->is_unclear)
			continue;
		describe_doubt(after, step, device->detail + used,
		    sizeof(device->detail) - used);
		used = strlen(device->detail);
	}
}

static void
fail_refused(struct after *after, const struct tasmota_step *refused)
{
	char what[300];

	tasmota_step_describe(
	    refused, after->device->firmware, what, sizeof(what));
	after_fail(after, REASON_FINISH_FAILED, "%s did not take%s%s",
	    refused->command, what[0] != '\0' ? ": " : "", what);
}

/* All are read: send what is missing, if it may be sent once more. */
void
after_settings_set(struct after *after)
{
	const struct tasmota_step *refused = find_refused(after);
	const struct tasmota_step *missing = find_missing(after);
	char *backlog;

	if (missing == NULL) {
		say_what_is_not_read(after);
		after_end(after, MACHINE_DONE);
		return;
	}
	if (refused != NULL) {
		fail_refused(after, refused);
		return;
	}
	backlog = tasmota_backlog(&after->steps);
	if (backlog == NULL) {
		after_fail(after, REASON_FINISH_FAILED,
		    "%s is too long for one command", missing->command);
		return;
	}
	after->phase = PHASE_SEND;
	after_get(after, backlog);
	free(backlog);
}

void
after_settings_read(struct after *after)
{
	const struct tasmota_step *step;

	after->phase = PHASE_READ;
	for (; after->step < after->steps.count; after->step++) {
		const char *query;

		step = &after->steps.items[after->step];
		query = tasmota_query(step);
		if (query == NULL)
			continue;
		if (step->is_password)
			after_get_from(after, after->device->address, query,
			    after->is_shut);
		else
			after_get(after, query);
		return;
	}
	after_prove(after, AIM_SET);
}

/* The numbers of its pins were others: it would switch what it must not. */
static bool
has_new_template(const struct after *after)
{
	for (size_t i = 0; i < after->steps.count; i++)
		if (strcasecmp(after->steps.items[i].command, "Template") == 0)
			return !template_fits(after->device->firmware);
	return false;
}

/* What would make the device deaf, or NULL. */
static const struct tasmota_step *
find_forbidden(const struct after *after)
{
	for (size_t i = 0; i < after->steps.count; i++)
		if (tasmota_step_why_not(
			&after->steps.items[i], after->dialect.version) != NULL)
			return &after->steps.items[i];
	return NULL;
}

void
after_settings_begin(struct after *after)
{
	const struct tasmota_step *forbidden;

	tasmota_dialect_init(&after->dialect, after->device->firmware);
	forbidden = find_forbidden(after);
	if (forbidden != NULL) {
		after_fail(after, REASON_FINISH_FAILED, "%s was not sent: %s",
		    forbidden->command,
		    tasmota_step_why_not(forbidden, after->dialect.version));
		return;
	}
	if (has_new_template(after)) {
		after_fail(after, REASON_FINISH_FAILED,
		    "Template is one of Tasmota " TEMPLATE_SINCE
		    " and later, and it runs %s",
		    after->device->firmware);
		return;
	}
	after_set_deadline(after, ANSWER_SEC);
	after->step = 0;
	after->is_shut = false;
	after_prove(after, AIM_READ);
}

void
after_settings_heard(struct after *after, const char *body, size_t len)
{
	struct tasmota_step *step = &after->steps.items[after->step];

	after_set_deadline(after, ANSWER_SEC);
	tasmota_dialect_learn(&after->dialect, &step->line, body, len);
	tasmota_step_read(step, &after->dialect, body, len);
	after->step++;
	after_settings_read(after);
}

/*
 * The password works if who comes without it is refused, and who has it is
 * not: a Tasmota may have kept less of it than it was told.
 */
void
after_settings_password(struct after *after, bool locked)
{
	struct tasmota_step *step = &after->steps.items[after->step];

	after_set_deadline(after, ANSWER_SEC);
	if (after->is_shut && locked) {
		after_fail_locked(after);
		return;
	}
	step->taken = after->is_shut;
	if (!locked)
		after->step++;
	after->is_shut = locked;
	after_settings_read(after);
}

/*
 * What cannot be read back is believed once it was accepted.  Without an
 * answer the reading back tells what has come through.
 */
void
after_settings_sent(struct after *after, bool heard)
{
	for (size_t i = 0; i < after->steps.count; i++) {
		struct tasmota_step *step = &after->steps.items[i];

		if (!heard || !step->in_flight)
			continue;
		step->was_heard = true;
		if (tasmota_query(step) == NULL)
			step->taken = true;
	}
	after_set_deadline(after, ANSWER_SEC);
	after->step = 0;
	after->is_shut = false;
	after_rest(
	    after, AIM_READ, SETTLE_MS + COMMAND_MS * count_in_flight(after));
}

void
after_settings_late(struct after *after)
{
	after_fail(after, REASON_FINISH_FAILED, "it stopped answering at %s",
	    after->step < after->steps.count
		? after->steps.items[after->step].command
		: "the end");
}
