/* SPDX-License-Identifier: ISC */
/*
 * Is the world of each job: puts its image on the server, measures its time,
 * keeps its progress, and begins and ends it.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/control/report.h"
#include "core/postflash/postflash.h"
#include "io/conffiles.h"
#include "io/http/client.h"
#include "io/images.h"
#include "io/timer.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/store/persist.h"

/*
 * Between two writes of the progress.  What is lost by a death the device tells
 * after the restart, by what it asks for.
 */
#define KEEP_MS 500

static uint64_t
work_now(void *ctx)
{
	struct flash_work *work = ctx;

	return outage_clock(work->parts->outage, work->device, &work->clock);
}

static uint64_t
work_real(void *ctx)
{
	(void)ctx;
	return clock_now_ms();
}

/* ---- the image on the server ------------------------------------------- */

static void
release_image(void *owner)
{
	image_unref(owner);
}

static bool
put_on_server(struct flash_work *work, const char *token, struct error *err)
{
	struct server_file file = {
		.data = image_data(work->image),
		.size = image_size(work->image),
		.sha256 = image_sha256(work->image),
		.md5 = image_md5(work->image),
		.modified = image_modified(work->image),
		.release = release_image,
		.owner = work->image,
	};

	work->served = server_job_new(work->parts->server, &file,
	    work->device->address, token, &work->download, err);
	if (work->served == NULL)
		return false;
	image_ref(work->image);
	return true;
}

static bool
work_serve(struct error *err, void *ctx)
{
	struct flash_work *work = ctx;

	if (!flash_note_local(work, err))
		return false;
	if (work->served != NULL)
		server_job_renew(work->served, work->device->address);
	else if (!put_on_server(work, NULL, err))
		return false;
	work->told_percent = 0;
	work->kept_whole = false;
	if (!server_job_url(
		work->served, work->local, work->url, sizeof(work->url)))
		return error_set(err, ENAMETOOLONG, "the URL is too long");
	return true;
}

/* Keep a copy of an image for later; dst is its sha256, "" if there is none. */
static void
keep_for_later(struct flash_work *work, const struct image *image, char dst[65])
{
	dst[0] = '\0';
	if (image == NULL)
		return;
	text_copy(dst, 65, image_sha256(image));
	persist_upgrade(work->parts->keep, image);
}

/*
 * Return true if all files that follow the first image are still there, and
 * keep copies of them, whatever becomes of the files until they are needed. The
 * bytes of the first image are held already, so only its report counts.
 */
static bool
prepare_rest(struct flash_work *work, struct error *err)
{
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct device *device = work->device;
	struct policy_files needs;
	bool ok = true;

	policy_files_look(&needs, work->policy, work->parts->setup->config,
	    work->parts->images, NULL);
	policy_files_look_at_own(&needs, work->policy, device);
	policy_files_describe(&needs.facts.image, work->image,
	    image_report(work->image), work->policy->image, err);
	if (preflight_check(work->policy, &needs.facts, faults) > 0) {
		ok = error_set(err, ENOENT, "%s=%s: %s", faults[0].key,
		    faults[0].value, faults[0].text);
	} else {
		keep_for_later(work, needs.upgrade, device->next_upgrade);
		keep_for_later(work, needs.minimal, device->next_minimal);
	}
	policy_files_fini(&needs);
	return ok;
}

static bool
work_intend(struct error *err, void *ctx)
{
	struct flash_work *work = ctx;
	struct device *device = work->device;

	if (!prepare_rest(work, err))
		return false;
	text_copy(device->token, sizeof(device->token),
	    server_job_token(work->served));
	device->told_at = time(NULL);
	if (!persist_intent(work->parts->keep, device, work->image, err))
		return false;
	if (device_is_weak(device))
		devlog_device(device, LOG_WARNING,
		    "its Wi-Fi signal is weak (%d dBm): the download may break "
		    "off",
		    device->rssi);
	devlog_device(device, LOG_INFO, "told to fetch %s (%zu bytes)",
	    work->url, image_size(work->image));
	return true;
}

/* ---- time, progress, the end ------------------------------------------- */

static void
on_timer(void *ctx)
{
	struct flash_work *work = ctx;

	outage_due(work->parts->outage, work->due_ms);
	/* A device that should leave is asked all the same: it may answer. */
	if (!work->is_cut_off || work->device->state == STATE_REBOOTING)
		job_timer(work->job);
}

static void
work_set_timer(uint64_t delay_ms, void *ctx)
{
	struct flash_work *work = ctx;

	work->due_ms = clock_awake_ms() + delay_ms;
	timer_set(work->timer, delay_ms);
}

static void
work_progress(void *ctx)
{
	struct flash_work *work = ctx;
	unsigned percent = report_percent(work->device) / 10 * 10;
	uint64_t now_ms = clock_now_ms();

	if (work->device->whole && !work->kept_whole) {
		work->kept_whole = true;
		persist_soon(work->parts->keep, work->device);
	}
	if (work->device->whole || now_ms - work->kept_ms >= KEEP_MS) {
		persist_progress(work->parts->keep, work->device);
		work->kept_ms = now_ms;
	}
	if (percent <= work->told_percent)
		return;
	work->told_percent = percent;
	devlog_progress(work->device);
	events_publish(work->parts->events, work->device);
}

static void
work_free(struct flash_work *work)
{
	client_cancel(work->call);
	server_job_free(work->served);
	timer_free(work->timer);
	timer_free(work->search);
	job_free(work->job);
	image_unref(work->image);
	policy_free(work->policy);
	work->device->job = NULL;
	DL_DELETE(work->flash->works, work);
	work->flash->at_work -= !work->is_cut_off;
	flash_count_unheard(work, false);
	free(work);
}

static void
work_ended(void *ctx)
{
	struct flash_work *work = ctx;
	struct flash *flash = work->flash;
	struct device *device = work->device;
	struct policy *policy = policy_ref(work->policy);

	work_free(work);
	if (flash->at_work == 0)
		persist_tidy(flash->parts.keep);
	flash->parts.ops->ended(device, policy, flash->parts.ctx);
	policy_free(policy);
	if (device->state != STATE_HELD && device->state != STATE_REFUSED) {
		device->ordered = device->again = false;
		device_order_image(device, NULL);
	}
	flash->parts.ops->slot_is_free(flash->parts.ctx);
}

/* Have the job end as this policy says. */
static void
adopt_policy(struct flash_work *work, struct policy *policy)
{
	struct device *device = work->device;

	policy_free(work->policy);
	work->policy = policy_ref(policy);
	device->attempts = policy->attempts;
	device->must_return =
	    postflash_must_return(policy->expect, device->image.kind);
	device->expect = postflash_expect(policy->expect, device->image.kind);
	device->must_finish = policy_has_finish(policy);
}

static bool
work_decide(struct decision *out, void *ctx)
{
	struct flash_work *work = ctx;
	bool goes_on = work->parts->ops->decide(
	    work->device, work->image, out, work->parts->ctx);

	if (goes_on)
		adopt_policy(work, out->policy);
	return goes_on;
}

static const struct job_ops ops = {
	.now_ms = work_now,
	.call = flash_call,
	.hang_up = flash_hang_up,
	.serve = work_serve,
	.intend = work_intend,
	.set_timer = work_set_timer,
	.decide = work_decide,
	.progress = work_progress,
	.ended = work_ended,
	.real_ms = work_real,
};

void
flash_moved(struct device *device)
{
	if (device->job != NULL)
		job_moved(device->job);
}

/* ---- begin ------------------------------------------------------------- */

static void
note_image(struct device *device, const struct image *image)
{
	struct device_image *out = &device->image;
	const char *name = image_name(image);

	text_escape(out->name, sizeof(out->name), name, strlen(name));
	text_copy(out->sha256, sizeof(out->sha256), image_sha256(image));
	text_copy(out->kind, sizeof(out->kind),
	    image_kind_name(image_report(image)->kind));
	out->size = image_size(image);
	device->has_image = true;
	device->bytes = 0;
	device->rate = 0;
}

/* Of the configuration as it is now: a reload changes no job under way. */
static struct job_limits
limits_of(const struct config *config)
{
	return (struct job_limits){
		.probe_sec = config->probe_timeout_sec,
		.unlock_sec = config->unlock_timeout_sec,
		.confirm_sec = config->confirm_timeout_sec,
		.offer_sec = config->offer_timeout_sec,
		.first_fetch_sec = config->first_fetch_sec,
		.stall_sec = config->stall_sec,
		.flash_sec = config->flash_timeout_sec,
		.verdict_sec = config->verdict_sec,
		.leave_sec = config->leave_timeout_sec,
		.gone_sec = config->gone_sec,
		.backoff_sec = config->backoff_sec,
	};
}

/* The image is taken. */
static struct flash_work *
work_new(struct flash *flash, struct device *device, struct image *image)
{
	const struct job_limits limits = limits_of(flash->parts.setup->config);
	struct flash_work *work = xcalloc(1, sizeof(*work));

	assert(device->job == NULL);
	work->download = flash_guest(work);
	work->flash = flash;
	work->parts = &flash->parts;
	work->device = device;
	work->image = image;
	work->timer = timer_new(flash->parts.base, on_timer, work);
	work->search = timer_new(flash->parts.base, flash_on_search, work);
	work->job = job_new(device, image_size(image), &limits, &ops, work);
	device->job = work->job;
	device->work = work;
	DL_APPEND(flash->works, work);
	flash->at_work++;
	outage_watch(flash->parts.outage);
	flash_count_unheard(work, !device->has_answered);
	return work;
}

void
flash_start(struct flash *flash, struct device *device, struct policy *policy,
    struct image *image)
{
	struct flash_work *work = work_new(flash, device, image_ref(image));

	if (strcmp(device->image.sha256, image_sha256(image)) != 0)
		device->attempt = 0; /* another image has its own attempts */
	device->by_order = device->ordered;
	device->is_vouched |= device->ordered || device->retry ||
	    policy->action == POLICY_ASK || device->rank == DEVICE_NAMED;
	device->upgraded_to[0] = '\0';
	device->heard_at.s_addr = 0;
	note_image(device, image);
	adopt_policy(work, policy);
	job_start(work->job);
}

/* The device may still be fetching: its time must be up before the next try. */
static void
cannot_resume(const struct flash *flash, struct device *device, const char *why)
{
	device_blame(device, REASON_DOWNLOAD_ERROR,
	    "after a restart its image could not be served on: %s", why);
	device->hold = HOLD_BACKOFF;
	device->hold_until_ms = clock_now_ms() +
	    flash->parts.setup->config->flash_timeout_sec * UINT64_C(1000);
	device_post(device, STATE_EVENT_AGAIN);
}

void
flash_resume(struct flash *flash, struct device *device, uint64_t bytes)
{
	struct image *image;
	struct flash_work *work;
	struct error err;

	image = persist_image(flash->parts.keep, device->image.sha256, &err);
	if (image == NULL) {
		cannot_resume(flash, device, err.text);
		return;
	}
	device->has_answered = true; /* or it had not been told */
	work = work_new(flash, device, image);
	work->policy = policy_ref(
	    policy_list_find(flash->parts.setup->policies, device->policy));
	device->present = true;
	if (!put_on_server(work, device->token, &err)) {
		work_free(work);
		cannot_resume(flash, device, err.text);
		return;
	}
	flash_restore_local(work);
	devlog_device(device, LOG_INFO,
	    "going on after a restart: %s, %" PRIu64
	    " of %zu bytes handed over",
	    state_name(device->state), bytes, image_size(image));
	job_resume(work->job, bytes);
}

/* The device gives its slot to a device that this machine can reach. */
void
flash_cut_off(struct device *device)
{
	struct flash_work *work = device->work;

	if (device->job == NULL || work->is_cut_off)
		return;
	work->is_cut_off = true;
	work->flash->at_work--;
	job_cut_off(work->job);
}

void
flash_reconnected(struct device *device, const char *what)
{
	struct flash_work *work = device->work;

	if (device->job == NULL)
		return;
	if (work->is_cut_off)
		work->flash->at_work++;
	work->is_cut_off = false;
	job_reconnected(work->job, what);
}

void
flash_excuse(struct device *device, const char *what)
{
	struct flash_work *work = device->work;

	if (device->job != NULL)
		job_excuse(work->job, what);
}

bool
flash_has_slot(struct flash *flash, const struct device *device)
{
	unsigned max = flash->parts.setup->config->max_parallel;

	if (flash->at_work >= max)
		return false;
	if (device->has_answered || device->ordered ||
	    flash->at_work_unheard < (max + 1) / 2)
		return true;
	flash->unheard_wait = true;
	return false;
}

bool
flash_waits_for_answer(const struct flash *flash)
{
	return flash->unheard_wait;
}

struct flash *
flash_new(const struct flash_parts *parts)
{
	struct flash *flash = xcalloc(1, sizeof(*flash));

	flash->parts = *parts;
	return flash;
}

void
flash_free(struct flash *flash)
{
	struct flash_work *work, *next;

	if (flash == NULL)
		return;
	flash->unheard_wait = false; /* nobody gets a slot any more */
	DL_FOREACH_SAFE (flash->works, work, next)
		work_free(work);
	free(flash);
}
