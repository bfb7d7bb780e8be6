/* SPDX-License-Identifier: ISC */
/* Answers policies: whom each policy fits, and how far it has come. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/time_slice.h"
#include "core/control/ctlproto.h"
#include "core/control/policy_report.h"
#include "core/schedule/campaign.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/store/persist.h"

#define PART_MS 2

/* A policy as it was when its devices were counted. */
struct entry {
	struct policy *policy; /* a reference: a reload may drop it */
	struct policy_progress progress;
	unsigned behind, undecided;
	char *note; /* owned; NULL */
};

/* The answer: all policies, or one. */
struct overview {
	struct stream stream;
	struct commands *commands; /* borrowed */
	uint64_t number;	   /* of the census that is waited for */
	char *only;		   /* owned; NULL: all */
	bool is_counted;	   /* the rest is known */
	struct entry *entries;	   /* owned */
	size_t count, sent;
	struct policy_progress all; /* of all policies together */
};

static void
take_entry(struct overview *overview, size_t i,
    const struct policy_stats *stats, const struct policy_progress *progress)
{
	struct entry *entry = &overview->entries[overview->count++];

	entry->policy =
	    policy_ref(overview->commands->parts.setup->policies->items[i]);
	entry->progress = progress[i];
	entry->behind = policy_stats_behind(stats, i);
	entry->undecided = policy_stats_undecided(stats, i);
	entry->note = policy_stats_why_none(stats, i);
}

/* Keep the result of the census: the next one replaces it. */
static void
take_census(struct overview *overview, const struct policy_stats *stats)
{
	const struct policy_list *list =
	    overview->commands->parts.setup->policies;
	const struct policy_progress *progress =
	    policy_census_progress(overview->commands->census);

	overview->entries = xcalloc(list->count, sizeof(*overview->entries));
	for (size_t i = 0; i < list->count; i++)
		if (overview->only == NULL ||
		    strcmp(list->items[i]->name, overview->only) == 0)
			take_entry(overview, i, stats, progress);
	overview->all = progress[list->count];
	overview->is_counted = true;
}

static bool
overview_ready(struct stream *stream)
{
	struct overview *overview = (struct overview *)stream;
	const struct policy_stats *stats;

	if (overview->is_counted)
		return true;
	stats = policy_census_get(overview->commands->census, overview->number);
	if (stats != NULL)
		take_census(overview, stats);
	return overview->is_counted;
}

/* Look at the files of the policy, as the scheduler does before each flash. */
static void
look_at_files(struct overview *overview, const struct policy *policy,
    struct policy_files *files)
{
	const struct commands_parts *parts = &overview->commands->parts;

	policy_files_look(
	    files, policy, parts->setup->config, parts->images, NULL);
	if (policy->image == NULL)
		return;
	files->image =
	    image_cache_get(parts->images, policy->image, &files->no_image);
	policy_files_describe(&files->facts.image, files->image,
	    files->image != NULL ? image_report(files->image) : NULL,
	    policy->image, &files->no_image);
}

static void
estimate(const struct overview *overview, const struct entry *entry,
    const struct preflight_image *image, struct policy_estimate *out)
{
	const struct policy_estimate_world world = {
		.max_parallel =
		    overview->commands->parts.setup->config->max_parallel,
		.image_size = image->size,
		.is_esphome = image->report != NULL &&
		    image->report->kind == IMAGE_ESPHOME,
		.all = &overview->all,
		.now = time(NULL),
		.now_s = (int64_t)(clock_now_ms() / 1000),
	};

	policy_estimate_make(out, entry->policy, &entry->progress, &world);
}

/* Return why no policy starts anything; NULL: nothing is in the way. */
static const char *
find_halt(const struct commands_parts *parts)
{
	const char *paused = campaign_paused(parts->campaign, NULL);

	return paused != NULL ? paused : persist_why_broken(parts->persist);
}

static void
send_entry(struct overview *overview, struct control_client *client,
    const struct entry *entry)
{
	const struct commands_parts *parts = &overview->commands->parts;
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct policy_estimate left;
	struct policy_files files;
	struct policy_report report = { .policy = entry->policy,
		.progress = &entry->progress,
		.estimate = &left,
		.faults = faults,
		.behind = entry->behind,
		.undecided = entry->undecided,
		.note = entry->note,
		.paused = campaign_paused(parts->campaign, entry->policy->name),
		.halted = find_halt(parts) };

	look_at_files(overview, entry->policy, &files);
	estimate(overview, entry, &files.facts.image, &left);
	if (entry->policy->image != NULL)
		report.image = &files.facts.image;
	if (entry->policy->action == POLICY_FLASH ||
	    entry->policy->action == POLICY_ASK)
		report.fault_count =
		    preflight_check(entry->policy, &files.facts, faults);
	control_send_item(client, policy_report(&report));
	policy_files_fini(&files);
}

static bool
overview_part(struct stream *stream, struct control_client *client)
{
	struct overview *overview = (struct overview *)stream;
	struct time_slice slice;

	time_slice_begin(&slice, PART_MS);
	while (overview->sent < overview->count && !time_slice_is_over(&slice))
		send_entry(
		    overview, client, &overview->entries[overview->sent++]);
	return overview->sent < overview->count;
}

static void
overview_done(struct stream *stream, struct control_client *client)
{
	const struct overview *overview = (struct overview *)stream;
	const struct request r = { .commands = overview->commands,
		.client = client };

	if (overview->only != NULL && overview->count == 0)
		request_fail(&r, ENOENT, overview->only, "no such policy");
	else
		control_done(client, NULL);
}

static void
overview_free(struct stream *stream)
{
	struct overview *overview = (struct overview *)stream;

	for (size_t i = 0; i < overview->count; i++) {
		policy_free(overview->entries[i].policy);
		free(overview->entries[i].note);
	}
	free(overview->entries);
	free(overview->only);
	free(overview);
}

void
command_policies(const struct request *r)
{
	const char *only = ctl_arg_text(r->args, "policy");
	struct overview *overview = xcalloc(1, sizeof(*overview));

	overview->stream = (struct stream){
		.ready = overview_ready,
		.part = overview_part,
		.done = overview_done,
		.free = overview_free,
	};
	overview->commands = r->commands;
	overview->number = policy_census_ask(r->commands->census);
	overview->only = only != NULL ? xstrdup(only) : NULL;
	stream_start(r->commands->streams, r->client, &overview->stream);
}
