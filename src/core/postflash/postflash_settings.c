/* SPDX-License-Identifier: ISC */
/*
 * Sends the settings of [Finish] to a freshly flashed Tasmota, and reads them
 * back until they have taken.
 */
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
count_in_flight(const struct postflash *postflash)
{
	size_t count = 0;

	for (size_t i = 0; i < postflash->steps.count; i++)
		count += postflash->steps.items[i].in_flight;
	return count;
}

/*
 * Return a step that is still open and was sent as often as allowed, or NULL.
 */
static const struct tasmota_step *
find_refused(const struct postflash *postflash)
{
	for (size_t i = 0; i < postflash->steps.count; i++)
		if (tasmota_step_is_open(&postflash->steps.items[i]) &&
		    postflash->steps.items[i].tries >= MAX_TRIES)
			return &postflash->steps.items[i];
	return NULL;
}

static const struct tasmota_step *
find_missing(const struct postflash *postflash)
{
	for (size_t i = 0; i < postflash->steps.count; i++)
		if (tasmota_step_is_open(&postflash->steps.items[i]))
			return &postflash->steps.items[i];
	return NULL;
}

/*
 * Write that a setting, such as the broker's password, cannot be verified: the
 * device does not show it.
 */
static void
describe_doubt(const struct postflash *postflash,
    const struct tasmota_step *step, char *dst, size_t size)
{
	char what[200];

	if (tasmota_query(step) == NULL) {
		snprintf(dst, size,
		    "; it cannot be asked whether %s took effect",
		    step->command);
		return;
	}
	tasmota_step_describe(
	    step, postflash->device->facts.firmware, what, sizeof(what));
	snprintf(dst, size, "; it cannot be checked whether %s took effect: %s",
	    step->command, what);
}

static void
say_what_is_not_read(struct postflash *postflash)
{
	struct device *device = postflash->device;
	size_t used = strlen(device->detail);

	for (size_t i = 0; i < postflash->steps.count; i++) {
		const struct tasmota_step *step = &postflash->steps.items[i];

		if (tasmota_query(step) != NULL && !step->is_unclear)
			continue;
		describe_doubt(postflash, step, device->detail + used,
		    sizeof(device->detail) - used);
		used = strlen(device->detail);
	}
}

static void
fail_refused(struct postflash *postflash, const struct tasmota_step *refused)
{
	char what[300];

	tasmota_step_describe(
	    refused, postflash->device->facts.firmware, what, sizeof(what));
	postflash_fail(postflash, REASON_FINISH_FAILED,
	    "%s did not take effect%s%s", refused->command,
	    what[0] != '\0' ? ": " : "", what);
}

/*
 * Send the settings that are missing after all were read, unless one was sent
 * too often already.
 */
void
postflash_settings_set(struct postflash *postflash)
{
	const struct tasmota_step *refused = find_refused(postflash);
	const struct tasmota_step *missing = find_missing(postflash);
	char *backlog;

	if (missing == NULL) {
		say_what_is_not_read(postflash);
		postflash_end(postflash, STATE_EVENT_DONE);
		return;
	}
	if (refused != NULL) {
		fail_refused(postflash, refused);
		return;
	}
	backlog = tasmota_backlog(&postflash->steps);
	if (backlog == NULL) {
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "%s is too long for one command", missing->command);
		return;
	}
	postflash->phase = PHASE_SEND;
	postflash_get(postflash, backlog);
	free(backlog);
}

void
postflash_settings_read(struct postflash *postflash)
{
	const struct tasmota_step *step;

	postflash->phase = PHASE_READ;
	for (; postflash->step < postflash->steps.count; postflash->step++) {
		const char *query;

		step = &postflash->steps.items[postflash->step];
		query = tasmota_query(step);
		if (query == NULL)
			continue;
		if (step->is_password)
			postflash_get_from(postflash,
			    postflash->device->place.address, query,
			    postflash->is_shut);
		else
			postflash_get(postflash, query);
		return;
	}
	postflash_prove(postflash, AIM_SET);
}

/*
 * Return true if the template does not fit the version that runs: its numbers
 * for the pins changed, and it would switch the wrong pins.
 */
static bool
has_new_template(const struct postflash *postflash)
{
	for (size_t i = 0; i < postflash->steps.count; i++)
		if (strcasecmp(postflash->steps.items[i].command, "Template") ==
		    0)
			return !template_fits(
			    postflash->device->facts.firmware);
	return false;
}

/* Return a step that would make the device deaf, or NULL. */
static const struct tasmota_step *
find_forbidden(const struct postflash *postflash)
{
	for (size_t i = 0; i < postflash->steps.count; i++)
		if (tasmota_step_why_not(&postflash->steps.items[i],
			postflash->dialect.version) != NULL)
			return &postflash->steps.items[i];
	return NULL;
}

void
postflash_settings_begin(struct postflash *postflash)
{
	const struct tasmota_step *forbidden;

	tasmota_dialect_init(
	    &postflash->dialect, postflash->device->facts.firmware);
	forbidden = find_forbidden(postflash);
	if (forbidden != NULL) {
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "%s was not sent: %s", forbidden->command,
		    tasmota_step_why_not(
			forbidden, postflash->dialect.version));
		return;
	}
	if (has_new_template(postflash)) {
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "Template is one of Tasmota " TEMPLATE_SINCE
		    " and later, and it runs %s",
		    postflash->device->facts.firmware);
		return;
	}
	postflash_set_deadline(postflash, ANSWER_SEC);
	postflash->step = 0;
	postflash->is_shut = false;
	postflash_prove(postflash, AIM_READ);
}

void
postflash_settings_heard(
    struct postflash *postflash, const char *body, size_t len)
{
	struct tasmota_step *step = &postflash->steps.items[postflash->step];

	postflash_set_deadline(postflash, ANSWER_SEC);
	tasmota_dialect_learn(&postflash->dialect, &step->line, body, len);
	tasmota_step_read(step, &postflash->dialect, body, len);
	postflash->step++;
	postflash_settings_read(postflash);
}

/*
 * Judge the check of the web password.  It works if a request without it is
 * refused and a request with it is not: a Tasmota may keep less of a password
 * than it was sent.
 */
void
postflash_settings_password(struct postflash *postflash, bool locked)
{
	struct tasmota_step *step = &postflash->steps.items[postflash->step];

	postflash_set_deadline(postflash, ANSWER_SEC);
	if (postflash->is_shut && locked) {
		postflash_fail_locked(postflash);
		return;
	}
	step->taken = postflash->is_shut;
	if (!locked)
		postflash->step++;
	postflash->is_shut = locked;
	postflash_settings_read(postflash);
}

/*
 * Note that the settings were sent, and read them back after a pause.  A step
 * that cannot be read back counts as taken once the device accepted it.  If no
 * answer came, reading back shows what arrived.
 */
void
postflash_settings_sent(struct postflash *postflash, bool heard)
{
	for (size_t i = 0; i < postflash->steps.count; i++) {
		struct tasmota_step *step = &postflash->steps.items[i];

		if (!heard || !step->in_flight)
			continue;
		step->was_heard = true;
		if (tasmota_query(step) == NULL)
			step->taken = true;
	}
	postflash_set_deadline(postflash, ANSWER_SEC);
	postflash->step = 0;
	postflash->is_shut = false;
	postflash_rest(postflash, AIM_READ,
	    SETTLE_MS + COMMAND_MS * count_in_flight(postflash));
}

void
postflash_settings_late(struct postflash *postflash)
{
	postflash_fail(postflash, REASON_FINISH_FAILED,
	    "it stopped answering at %s",
	    postflash->step < postflash->steps.count
		? postflash->steps.items[postflash->step].command
		: "the end");
}
