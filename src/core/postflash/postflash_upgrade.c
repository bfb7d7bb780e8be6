/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/postflash/postflash_parts.h"

#define MAX_UPGRADES 2
#define MAX_HINT     256 /* of a detail, what a person may do about it */

/* All of it: the same version may be built on another day. */
static const char *
describe(const struct tasmota_facts *facts, char *dst, size_t size)
{
	snprintf(dst, size, "%s(%s) %s", facts->version, facts->variant,
	    facts->built);
	return dst;
}

static bool
serve_upgrade(struct after *after)
{
	struct device *device = after->device;
	struct error err;

	if (device->upgrade_from[0] == '\0')
		describe(&after->facts, device->upgrade_from,
		    sizeof(device->upgrade_from));
	after->upgrades++;
	after->fetching = after->fetched = false;
	if (after->ops->serve(
		after, after->url, sizeof(after->url), &err, after->ctx))
		return true;
	after_fail(after, REASON_FINISH_FAILED, "Upgrade: %s", err.text);
	return false;
}

void
after_upgrade_send(struct after *after)
{
	char command[TASMOTA_MAX_CMND];

	if (!serve_upgrade(after))
		return;
	after->phase = after->is_minimal ? PHASE_URL : PHASE_UPGRADE;
	if (after->is_minimal)
		snprintf(command, sizeof(command), "OtaUrl %s", after->url);
	else
		snprintf(command, sizeof(command),
		    "Backlog OtaUrl %s;Upgrade 1", after->url);
	after_get(after, command);
}

void
after_upgrade_start(struct after *after)
{
	after->phase = PHASE_UPGRADE;
	after_get(after, "Upgrade 1");
}

/* The image tells what it is, and that is what runs. */
static bool
is_wanted(const struct after *after, const struct tasmota_facts *facts)
{
	const struct after_task *task = &after->task;

	return task->upgrade_variant[0] != '\0' &&
	    task->upgrade_version[0] != '\0' &&
	    strcmp(facts->variant, task->upgrade_variant) == 0 &&
	    strcmp(facts->version, task->upgrade_version) == 0;
}

/* Something else runs than when it was told to fetch the image. */
static bool
has_changed(const struct after *after, const struct tasmota_facts *facts)
{
	const char *from = after->device->upgrade_from;
	char now[sizeof(after->device->upgrade_from)];

	return from[0] != '\0' &&
	    strcmp(describe(facts, now, sizeof(now)), from) != 0;
}

/* "" unless the image is known. */
static void
describe_end(const struct after *after, const struct tasmota_facts *facts,
    char *dst, size_t size)
{
	char now[sizeof(after->device->upgrade_from)];

	snprintf(dst, size, "%s %s", after->task.upgrade_sha256,
	    describe(facts, now, sizeof(now)));
	if (after->task.upgrade_sha256[0] == '\0')
		dst[0] = '\0';
}

/* By what it tells, by the change, or because it was before and still is. */
static bool
is_upgraded(const struct after *after, const struct tasmota_facts *facts)
{
	char end[sizeof(after->device->upgraded_to)];

	if (strcmp(facts->variant, "minimal") == 0)
		return false; /* half way: it fetches once more */
	describe_end(after, facts, end, sizeof(end));
	return is_wanted(after, facts) || has_changed(after, facts) ||
	    (end[0] != '\0' && strcmp(end, after->device->upgraded_to) == 0);
}

/*
 * Its OtaUrl leads nowhere by now, or one day to whoever has our address then:
 * "1" is the one that its build came with (Tasmota, Commands: OtaUrl).  It is
 * said once: without it the upgrade is as good.
 */
static void
has_upgraded(struct after *after)
{
	struct device *device = after->device;

	describe_end(after, &after->facts, device->upgraded_to,
	    sizeof(device->upgraded_to));
	if (device->upgrade_token[0] == '\0') {
		after_settings_begin(after);
		return;
	}
	after->phase = PHASE_RETURN;
	after_get(after, "OtaUrl 1");
}

void
after_upgrade_begin(struct after *after)
{
	after_set_deadline(after, after->task.upgrade_sec);
	if (!after->task.has_upgrade)
		after_settings_begin(after);
	else if (is_upgraded(after, &after->facts))
		has_upgraded(after);
	else if (after->device->upgrade_token[0] == '\0')
		after_prove(after, AIM_UPGRADE);
	else if (serve_upgrade(after))
		after_upgrade_sent(after); /* before a restart of ours */
}

/*
 * Without an answer it may have been heard or not; its request will tell, and
 * to say it twice might end a download that has begun.
 */
void
after_upgrade_sent(struct after *after)
{
	after->news_ms = after_now(after);
	after_rest(after, AIM_VERSION, AFTER_POLL_MS);
}

/* The last try does not count; nor may one that after_excuse() has excused. */
void
after_upgrade_uncount(struct after *after)
{
	if (after->upgrades > 0)
		after->upgrades--;
}

/* The device was not told to start, so that counts as no try. */
void
after_upgrade_unheard(struct after *after)
{
	after_upgrade_uncount(after);
	after_upgrade_sent(after);
}

/*
 * A minimal build answers each of the two commands.  With another URL than ours
 * it would fetch what we know nothing of.
 */
void
after_upgrade_heard(struct after *after, const char *body, size_t len)
{
	if (!after->is_minimal)
		after_upgrade_sent(after);
	else if (after->phase == PHASE_URL &&
	    tasmota_took_url(body, len, after->url))
		after_prove(after, AIM_START);
	else if (after->phase == PHASE_UPGRADE &&
	    tasmota_took_upgrade(body, len))
		after_upgrade_sent(after);
	else
		after_upgrade_unheard(after);
}

static bool
is_half_way(const struct after *after)
{
	return strcmp(after->device->variant, "minimal") == 0;
}

/* Begins with a separator; "" unless it is half way. */
static const char *
advise(const struct after *after, char *dst, size_t size)
{
	char at[INET_ADDRSTRLEN];

	if (!is_half_way(after))
		return "";
	inet_ntop(AF_INET, &after->device->address, at, sizeof(at));
	snprintf(dst, size,
	    ". This build can do nothing but upgrade. To tell it once "
	    "more: reflashctl retry %s. By hand: open http://%s, "
	    "choose Firmware Upgrade and upload the file of Upgrade=",
	    after->device->id, at);
	return dst;
}

static void
not_upgraded(struct after *after)
{
	bool has_way = after->fetched || after->task.no_step == NULL ||
	    after->task.no_step[0] == '\0' || is_half_way(after);
	char next[MAX_HINT];

	if (after->upgrades < MAX_UPGRADES)
		after_prove(after, AIM_UPGRADE);
	else
		after_fail(after, REASON_FINISH_FAILED,
		    "Upgrade: it still runs %s (%s) and %s%s%s%s",
		    after->device->firmware, after->device->variant,
		    after->fetched	  ? "has fetched the image"
			: after->fetching ? "has not fetched all of the image"
					  : "never fetched the image",
		    has_way ? "" : "; if it has no room for it: ",
		    has_way ? "" : after->task.no_step,
		    advise(after, next, sizeof(next)));
}

void
after_upgrade_believe(struct after *after)
{
	bool began = after->fetching || after->fetched;
	uint64_t patience_ms = UINT64_C(1000) *
	    (began ? after->task.verify_sec : after->task.fetch_sec);

	if (is_upgraded(after, &after->facts)) {
		after_say_what_it_is(after);
		has_upgraded(after);
	} else if (after_now(after) >= after->news_ms + patience_ms) {
		not_upgraded(after);
	} else {
		after_rest(after, AIM_VERSION, AFTER_POLL_MS);
	}
}

void
after_upgrade_late(struct after *after)
{
	char next[MAX_HINT];

	after_fail(after, REASON_FINISH_FAILED,
	    "Upgrade: nothing new came up in %u s%s%s", after->task.upgrade_sec,
	    is_half_way(after) ? "; it was last seen in its minimal build" : "",
	    advise(after, next, sizeof(next)));
}

void
after_excuse(struct after *after)
{
	after->upgrades = 0;
	after->news_ms = after_now(after);
}

void
after_fetching(struct after *after)
{
	after->fetching = true;
	after->news_ms = after_now(after);
}

void
after_fetched(struct after *after)
{
	after->fetched = true;
	after->news_ms = after_now(after);
}
