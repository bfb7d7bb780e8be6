/* SPDX-License-Identifier: ISC */
/*
 * Carries out each job for the scheduler: puts its image on the server,
 * measures its time, saves its progress, and begins and ends it.
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
#include "base/ratelimit.h"
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
 * Between two writes of the progress.  After a crash of the daemon the device
 * shows by its requests how far it really was.
 */
#define KEEP_MS 500

/*
 * The progress of a few downloads is logged often, that of a whole house
 * seldom: sixty devices would fill the log.
 */
#define CLOSE_LOOKS 4  /* downloads in ten minutes */
#define CLOSE_STEP  10 /* percent */
#define WIDE_STEP   25

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

static bool
put_on_server(struct flash_work *work, const char *token, struct error *err)
{
	work->served = download_offer(work->parts->server, work->image, NULL,
	    work->device->place.address, token, &flash_server_ops, work, err);
	return work->served != NULL;
}

static bool
work_serve(struct error *err, void *ctx)
{
	struct flash_work *work = ctx;

	if (!flash_note_local(work, err))
		return false;
	if (work->served != NULL)
		server_job_renew(work->served, work->device->place.address);
	else if (!put_on_server(work, NULL, err))
		return false;
	work->told_percent = work->logged_percent = 0;
	work->kept_whole = false;
	if (!server_job_url(
		work->served, work->local, work->url, sizeof(work->url)))
		return error_set(err, ENAMETOOLONG, "the URL is too long");
	return true;
}

/* Keep a copy of an image; dst becomes its checksum, "" if image is NULL. */
static void
keep_for_later(struct flash_work *work, const struct image *image, char dst[65])
{
	dst[0] = '\0';
	if (image == NULL)
		return;
	text_copy(dst, 65, image_sha256(image));
	persist_upgrade(work->parts->persist, image);
}

/*
 * Return true if all files that are needed after the first image are still
 * there, and keep copies of them until then.  The first image is in memory
 * already, so only its report counts.
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
		keep_for_later(work, needs.upgrade, device->upgrade.next);
		keep_for_later(
		    work, needs.minimal, device->upgrade.next_minimal);
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
	text_copy(device->download.token, sizeof(device->download.token),
	    server_job_token(work->served));
	device->download.told_at = time(NULL);
	device->upgrade.last[0] = '\0';
	device->awaited.heard_at.s_addr = 0;
	if (!persist_intent(work->parts->persist, device, work->image, err))
		return false;
	if (device_is_weak(device))
		devlog_device(device, LOG_WARNING,
		    "its Wi-Fi signal is weak (%d dBm): the download may break "
		    "off",
		    device->facts.rssi);
	devlog_device(device, LOG_INFO, "told to download %s (%zu bytes)",
	    work->url, image_size(work->image));
	return true;
}

static void
on_timer(void *ctx)
{
	struct flash_work *work = ctx;

	outage_due(work->parts->outage, work->due_ms);
	/* A device that should be gone is asked even so: it may answer. */
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

/* Log how far the download is: at each step, and at its end. */
static void
log_progress(struct flash_work *work)
{
	unsigned percent =
	    report_percent(work->device) / work->log_step * work->log_step;

	if (percent <= work->logged_percent)
		return;
	work->logged_percent = percent;
	devlog_progress(work->device);
}

static void
work_progress(void *ctx)
{
	struct flash_work *work = ctx;
	unsigned percent = report_percent(work->device) / 10 * 10;
	uint64_t now_ms = clock_now_ms();

	if (work->device->download.whole && !work->kept_whole) {
		work->kept_whole = true;
		persist_soon(work->parts->persist, work->device);
	}
	if (work->device->download.whole || now_ms - work->kept_ms >= KEEP_MS) {
		persist_progress(work->parts->persist, work->device);
		work->kept_ms = now_ms;
	}
	log_progress(work);
	if (percent <= work->told_percent)
		return;
	work->told_percent = percent;
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
		persist_tidy(flash->parts.persist);
	flash->parts.ops->ended(device, policy, flash->parts.ctx);
	policy_free(policy);
	if (device->state != STATE_HELD && device->state != STATE_REFUSED)
		device_drop_order(device);
	flash->parts.ops->slot_is_free(flash->parts.ctx);
}

/* Let the job end as this policy says. */
static void
adopt_policy(struct flash_work *work, struct policy *policy)
{
	struct device *device = work->device;

	policy_free(work->policy);
	work->policy = policy_ref(policy);
	device->attempt.allowed = policy->attempts;
	device->awaited.must_return =
	    postflash_must_return(policy->expect, device->attempt.image.kind);
	device->awaited.expect =
	    postflash_expect(policy->expect, device->attempt.image.kind);
	device->awaited.must_finish = policy_has_finish(policy);
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

static void
note_image(struct device *device, const struct image *image)
{
	device_image_set(&device->attempt.image, image_name(image),
	    image_sha256(image), image_report(image));
	device->attempt.has_image = true;
	device->download.bytes = 0;
	device->download.rate = 0;
}

/* Copy the limits: a reload does not change a job that is under way. */
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

/* Make a job for a device; the image is taken. */
static struct flash_work *
work_new(struct flash *flash, struct device *device, struct image *image)
{
	const struct job_limits limits = limits_of(flash->parts.setup->config);
	struct flash_work *work = xcalloc(1, sizeof(*work));

	assert(device->job == NULL);
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
	work->log_step =
	    ratelimit_take(&flash->close_looks, CLOSE_LOOKS, clock_now_ms())
	    ? CLOSE_STEP
	    : WIDE_STEP;
	outage_watch(flash->parts.outage);
	flash_count_unheard(work, !device->seen.has_answered);
	return work;
}

void
flash_start(struct flash *flash, struct device *device, struct policy *policy,
    struct image *image)
{
	struct flash_work *work = work_new(flash, device, image_ref(image));

	if (strcmp(device->attempt.image.sha256, image_sha256(image)) != 0)
		device->attempt.number =
		    0; /* another image has its own attempts */
	device->attempt.by_order = device->order.is_given;
	xreplace(&device->people.attempt,
	    device->people.ordered != NULL || policy->action == POLICY_ASK
		? device_ordered_by(device)
		: NULL);
	device->seen.is_vouched |= device->order.is_given ||
	    device->order.retry || policy->action == POLICY_ASK ||
	    device->seen.rank == DEVICE_NAMED;
	note_image(device, image);
	adopt_policy(work, policy);
	job_start(work->job);
}

/*
 * End a job that cannot go on after a restart, by no fault of the device.  The
 * device may still be fetching, so the next attempt waits for that long.  It
 * may have everything, too, and come back under its new firmware.
 */
static void
end_unresumable(
    const struct flash *flash, struct device *device, const char *why)
{
	device_blame(device, REASON_STALLED,
	    "after a restart of reflashd its image could not be served on: %s",
	    why);
	device_note_unsure(device);
	device_uncount(device);
	device->attempt.is_excused = true;
	device->hold = HOLD_BACKOFF;
	device->download.tries_until_ms = clock_now_ms() +
	    flash->parts.setup->config->flash_timeout_sec * UINT64_C(1000);
	device_post(device, STATE_EVENT_AGAIN);
}

void
flash_resume(struct flash *flash, struct device *device, uint64_t bytes)
{
	struct image *image;
	struct flash_work *work;
	struct error err;

	image = persist_image(
	    flash->parts.persist, device->attempt.image.sha256, &err);
	if (image == NULL) {
		end_unresumable(flash, device, err.text);
		return;
	}
	device->seen.has_answered = true; /* else it was not told to fetch */
	work = work_new(flash, device, image);
	work->policy = policy_ref(
	    policy_list_find(flash->parts.setup->policies, device->policy));
	device->seen.is_present = true;
	if (!put_on_server(work, device->download.token, &err)) {
		work_free(work);
		end_unresumable(flash, device, err.text);
		return;
	}
	flash_restore_local(work);
	devlog_device(device, LOG_INFO,
	    "going on after a restart: %s, %" PRIu64
	    " of %zu bytes handed over",
	    state_name(device->state), bytes, image_size(image));
	job_resume(work->job, bytes);
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
	flash->unheard_wait = false; /* no device gets a slot any more */
	DL_FOREACH_SAFE (flash->works, work, next)
		work_free(work);
	free(flash);
}
