/* SPDX-License-Identifier: ISC */
/*
 * Makes a freshly flashed Tasmota fetch the image of Upgrade=, often from its
 * minimal build, and checks what runs then.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/postflash/postflash_parts.h"

#define MAX_UPGRADES 2
#define MAX_HINT     256 /* bytes of advice within a detail */

/*
 * Write version, variant and build date: the same version may be built twice.
 */
static const char *
describe(const struct tasmota_facts *facts, char *dst, size_t size)
{
	snprintf(dst, size, "%s(%s) %s", facts->version, facts->variant,
	    facts->built);
	return dst;
}

static bool
serve_upgrade(struct postflash *postflash)
{
	struct device *device = postflash->device;
	struct error err;

	if (device->upgrade.from[0] == '\0')
		describe(&postflash->facts, device->upgrade.from,
		    sizeof(device->upgrade.from));
	postflash->upgrades++;
	postflash->fetching = postflash->fetched = false;
	if (postflash->ops->serve(
		postflash->url, sizeof(postflash->url), &err, postflash->ctx))
		return true;
	postflash_fail(
	    postflash, REASON_FINISH_FAILED, "Upgrade: %s", err.text);
	return false;
}

void
postflash_upgrade_send(struct postflash *postflash)
{
	char command[TASMOTA_MAX_CMND];

	if (!serve_upgrade(postflash))
		return;
	postflash->phase = postflash->is_minimal ? PHASE_URL : PHASE_UPGRADE;
	if (postflash->is_minimal)
		snprintf(command, sizeof(command), "OtaUrl %s", postflash->url);
	else
		snprintf(command, sizeof(command),
		    "Backlog OtaUrl %s;Upgrade 1", postflash->url);
	postflash_get(postflash, command);
}

void
postflash_upgrade_start(struct postflash *postflash)
{
	postflash->phase = PHASE_UPGRADE;
	postflash_get(postflash, "Upgrade 1");
}

/* Return true if the version and variant of the upgrade image run. */
static bool
is_wanted(const struct postflash *postflash, const struct tasmota_facts *facts)
{
	const struct postflash_task *task = &postflash->task;

	return task->upgrade_variant[0] != '\0' &&
	    task->upgrade_version[0] != '\0' &&
	    strcmp(facts->variant, task->upgrade_variant) == 0 &&
	    strcmp(facts->version, task->upgrade_version) == 0;
}

/* Return true if another build runs than before the upgrade. */
static bool
has_changed(
    const struct postflash *postflash, const struct tasmota_facts *facts)
{
	const char *from = postflash->device->upgrade.from;
	char now[sizeof(postflash->device->upgrade.from)];

	return from[0] != '\0' &&
	    strcmp(describe(facts, now, sizeof(now)), from) != 0;
}

/* Write the hash of the image and the build; "" without a hash. */
static void
describe_end(const struct postflash *postflash,
    const struct tasmota_facts *facts, char *dst, size_t size)
{
	char now[sizeof(postflash->device->upgrade.from)];

	snprintf(dst, size, "%s %s", postflash->task.upgrade_sha256,
	    describe(facts, now, sizeof(now)));
	if (postflash->task.upgrade_sha256[0] == '\0')
		dst[0] = '\0';
}

/*
 * Return true if the upgrade runs: by its version, by the change of the build,
 * or because the device was upgraded before and still runs the same build.
 */
static bool
is_upgraded(
    const struct postflash *postflash, const struct tasmota_facts *facts)
{
	char end[sizeof(postflash->device->upgrade.last)];

	if (strcmp(facts->variant, "minimal") == 0)
		return false; /* half way: the device fetches once more */
	describe_end(postflash, facts, end, sizeof(end));
	return is_wanted(postflash, facts) || has_changed(postflash, facts) ||
	    (end[0] != '\0' &&
		strcmp(end, postflash->device->upgrade.last) == 0);
}

/*
 * End the upgrade.  The device's OtaUrl still names this machine, whose address
 * may belong to another host one day, so it is set back: "1" is the URL that
 * its build came with (Tasmota, Commands: OtaUrl).  The command is sent once:
 * the upgrade is good without it.
 */
static void
has_upgraded(struct postflash *postflash)
{
	struct device *device = postflash->device;

	describe_end(postflash, &postflash->facts, device->upgrade.last,
	    sizeof(device->upgrade.last));
	if (device->upgrade.token[0] == '\0') {
		postflash_settings_begin(postflash);
		return;
	}
	postflash->phase = PHASE_RETURN;
	postflash_get(postflash, "OtaUrl 1");
}

void
postflash_upgrade_begin(struct postflash *postflash)
{
	postflash_set_deadline(postflash, postflash->task.upgrade_sec);
	if (!postflash->task.has_upgrade)
		postflash_settings_begin(postflash);
	else if (is_upgraded(postflash, &postflash->facts))
		has_upgraded(postflash);
	else if (postflash->device->upgrade.token[0] == '\0')
		postflash_prove(postflash, AIM_UPGRADE);
	else if (serve_upgrade(postflash))
		postflash_upgrade_sent(
		    postflash); /* before a restart of ours */
}

/*
 * Wait for the download after the command was sent.  The command may have
 * arrived even if no answer came: the device's request will tell.  To repeat
 * the command at once might end a download that has begun.
 */
void
postflash_upgrade_sent(struct postflash *postflash)
{
	postflash->news_ms = postflash_now(postflash);
	postflash_rest(postflash, AIM_VERSION, POSTFLASH_POLL_MS);
}

/* Take the last try back, unless postflash_excuse() did. */
void
postflash_upgrade_uncount(struct postflash *postflash)
{
	if (postflash->upgrades > 0)
		postflash->upgrades--;
}

/* Wait without counting the try: the device was not told to start. */
void
postflash_upgrade_unheard(struct postflash *postflash)
{
	postflash_upgrade_uncount(postflash);
	postflash_upgrade_sent(postflash);
}

/*
 * Handle the answer of a minimal build to each of the two commands.  If the
 * device kept another URL than ours, it is not told to fetch.
 */
void
postflash_upgrade_heard(
    struct postflash *postflash, const char *body, size_t len)
{
	if (!postflash->is_minimal)
		postflash_upgrade_sent(postflash);
	else if (postflash->phase == PHASE_URL &&
	    tasmota_took_url(body, len, postflash->url))
		postflash_prove(postflash, AIM_START);
	else if (postflash->phase == PHASE_UPGRADE &&
	    tasmota_took_upgrade(body, len))
		postflash_upgrade_sent(postflash);
	else
		postflash_upgrade_unheard(postflash);
}

static bool
is_half_way(const struct postflash *postflash)
{
	return strcmp(postflash->device->facts.variant, "minimal") == 0;
}

/*
 * Write what to do with a device that is half way, beginning with a separator;
 * "" if it is not.
 */
static const char *
advise(const struct postflash *postflash, char *dst, size_t size)
{
	char at[INET_ADDRSTRLEN];

	if (!is_half_way(postflash))
		return "";
	inet_ntop(AF_INET, &postflash->device->place.address, at, sizeof(at));
	snprintf(dst, size,
	    ". This build can do nothing but upgrade. To try once more: "
	    "reflashctl retry %s. By hand: open http://%s, choose Firmware "
	    "Upgrade and upload the file of Upgrade=",
	    postflash->device->id, at);
	return dst;
}

static void
not_upgraded(struct postflash *postflash)
{
	bool has_way = postflash->fetched || postflash->task.no_step == NULL ||
	    postflash->task.no_step[0] == '\0' || is_half_way(postflash);
	char next[MAX_HINT];

	if (postflash->upgrades < MAX_UPGRADES)
		postflash_prove(postflash, AIM_UPGRADE);
	else
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "Upgrade: it still runs %s (%s) and %s%s%s%s",
		    postflash->device->facts.firmware,
		    postflash->device->facts.variant,
		    postflash->fetched ? "has downloaded the image"
			: postflash->fetching
			? "has not downloaded all of the image"
			: "never downloaded the image",
		    has_way ? "" : "; if it has no room for it: ",
		    has_way ? "" : postflash->task.no_step,
		    advise(postflash, next, sizeof(next)));
}

void
postflash_upgrade_believe(struct postflash *postflash)
{
	bool began = postflash->fetching || postflash->fetched;
	uint64_t patience_ms = UINT64_C(1000) *
	    (began ? postflash->task.verify_sec : postflash->task.fetch_sec);

	if (is_upgraded(postflash, &postflash->facts)) {
		postflash_say_what_it_is(postflash);
		has_upgraded(postflash);
	} else if (postflash_now(postflash) >=
	    postflash->news_ms + patience_ms) {
		not_upgraded(postflash);
	} else {
		postflash_rest(postflash, AIM_VERSION, POSTFLASH_POLL_MS);
	}
}

void
postflash_upgrade_late(struct postflash *postflash)
{
	char next[MAX_HINT], time[32];

	postflash_fail(postflash, REASON_FINISH_FAILED,
	    "Upgrade: nothing new came up in %s%s%s",
	    text_duration(time, sizeof(time), postflash->task.upgrade_sec),
	    is_half_way(postflash) ? "; it was last seen in its minimal build"
				   : "",
	    advise(postflash, next, sizeof(next)));
}

void
postflash_excuse(struct postflash *postflash)
{
	postflash->upgrades = 0;
	postflash->news_ms = postflash_now(postflash);
}

void
postflash_fetching(struct postflash *postflash)
{
	postflash->fetching = true;
	postflash->news_ms = postflash_now(postflash);
}

void
postflash_fetched(struct postflash *postflash)
{
	postflash->fetched = true;
	postflash->news_ms = postflash_now(postflash);
}
