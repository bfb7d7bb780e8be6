/* SPDX-License-Identifier: ISC */
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
#include "io/http/client.h"
#include "io/images.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

/* After a restart a device tells by what it asks for where it was. */
#define KEEP_MS 500

static uint64_t
work_now(void *ctx)
{
	struct flash *flash = ctx;

	return outage_clock(
	    flash->daemon->outage, flash->device, &flash->clock);
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
put_on_server(struct flash *flash, const char *token, struct error *err)
{
	struct server_file file = {
		.data = image_data(flash->image),
		.size = image_size(flash->image),
		.sha256 = image_sha256(flash->image),
		.md5 = image_md5(flash->image),
		.modified = image_modified(flash->image),
		.release = release_image,
		.owner = flash->image,
	};

	flash->served = server_job_new(flash->daemon->server, &file,
	    flash->device->address, token, &flash->download, err);
	if (flash->served == NULL)
		return false;
	image_ref(flash->image);
	return true;
}

static bool
work_serve(struct error *err, void *ctx)
{
	struct flash *flash = ctx;

	if (!flash_note_local(flash, err))
		return false;
	if (flash->served != NULL)
		server_job_renew(flash->served, flash->device->address);
	else if (!put_on_server(flash, NULL, err))
		return false;
	flash->told_percent = 0;
	flash->kept_whole = false;
	if (!server_job_url(
		flash->served, flash->local, flash->url, sizeof(flash->url)))
		return error_set(err, ENAMETOOLONG, "the URL is too long");
	return true;
}

/* A copy of an image for later; dst is its sha256, "" if there is none. */
static void
keep_for_later(struct flash *flash, const struct image *image, char dst[65])
{
	dst[0] = '\0';
	if (image == NULL)
		return;
	text_copy(dst, 65, image_sha256(image));
	persist_upgrade(flash->daemon->keep, image);
}

/*
 * Is all that follows still there?  What was looked at is kept, whatever
 * becomes of the files until it is needed.  The bytes of the first image are
 * held already, so only its report counts.
 */
static bool
prepare_rest(struct flash *flash, struct error *err)
{
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct device *device = flash->device;
	struct policy_files needs;
	bool ok = true;

	policy_files_look(&needs, flash->policy, flash->daemon->setup.config,
	    flash->daemon->images, NULL);
	policy_files_look_at_own(&needs, flash->policy, device);
	policy_files_describe(&needs.facts.image, flash->image,
	    image_report(flash->image), flash->policy->image, err);
	if (preflight_check(flash->policy, &needs.facts, faults) > 0) {
		ok = error_set(err, ENOENT, "%s=%s: %s", faults[0].key,
		    faults[0].value, faults[0].text);
	} else {
		keep_for_later(flash, needs.upgrade, device->next_upgrade);
		keep_for_later(flash, needs.minimal, device->next_minimal);
	}
	policy_files_fini(&needs);
	return ok;
}

static bool
work_intend(struct error *err, void *ctx)
{
	struct flash *flash = ctx;
	struct device *device = flash->device;

	if (!prepare_rest(flash, err))
		return false;
	text_copy(device->token, sizeof(device->token),
	    server_job_token(flash->served));
	device->told_at = time(NULL);
	if (!persist_intent(flash->daemon->keep, device, flash->image, err))
		return false;
	if (device_is_weak(device))
		devlog_device(device, LOG_WARNING,
		    "its Wi-Fi signal is weak (%d dBm): the download may break "
		    "off",
		    device->rssi);
	devlog_device(device, LOG_INFO, "told to fetch %s (%zu bytes)",
	    flash->url, image_size(flash->image));
	return true;
}

/* ---- time, progress, the end ------------------------------------------- */

static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct flash *flash = ctx;

	(void)fd;
	(void)what;
	outage_due(flash->daemon->outage, flash->due_ms);
	/* One that should leave is looked at: only an answer would count. */
	if (!flash->is_cut_off || flash->device->state == STATE_REBOOTING)
		job_timer(flash->job);
}

static void
work_set_timer(uint64_t delay_ms, void *ctx)
{
	struct flash *flash = ctx;
	struct timeval tv = { (time_t)(delay_ms / 1000),
		(suseconds_t)(delay_ms % 1000 * 1000) };

	flash->due_ms = clock_awake_ms() + delay_ms;
	evtimer_add(flash->timer, &tv);
}

static void
work_progress(void *ctx)
{
	struct flash *flash = ctx;
	unsigned percent = report_percent(flash->device) / 10 * 10;
	uint64_t now_ms = clock_now_ms();

	if (flash->device->whole && !flash->kept_whole) {
		flash->kept_whole = true;
		persist_soon(flash->daemon->keep, flash->device);
	}
	if (flash->device->whole || now_ms - flash->kept_ms >= KEEP_MS) {
		persist_progress(flash->daemon->keep, flash->device);
		flash->kept_ms = now_ms;
	}
	if (percent <= flash->told_percent)
		return;
	flash->told_percent = percent;
	devlog_progress(flash->device);
	events_publish(flash->daemon->events, flash->device);
}

static void
work_free(struct flash *flash)
{
	client_cancel(flash->call);
	server_job_free(flash->served);
	event_free(flash->timer);
	event_free(flash->search);
	job_free(flash->job);
	image_unref(flash->image);
	policy_free(flash->policy);
	flash->device->job = NULL;
	DL_DELETE(flash->daemon->works, flash);
	flash->daemon->at_work -= !flash->is_cut_off;
	flash_count_unheard(flash, false);
	free(flash);
}

static void
work_ended(void *ctx)
{
	struct flash *flash = ctx;
	struct daemon *daemon = flash->daemon;
	struct device *device = flash->device;
	struct policy *policy = policy_ref(flash->policy);

	work_free(flash);
	if (daemon->at_work == 0)
		persist_tidy(daemon->keep);
	postflash_run_take_over(daemon, device, policy);
	policy_free(policy);
	if (device->state != STATE_HELD && device->state != STATE_REFUSED) {
		device->ordered = device->again = false;
		device_order_image(device, NULL);
	}
	scheduler_consider_soon(daemon->scheduler);
}

/* The job is to be ended as this policy says. */
static void
adopt(struct flash *flash, struct policy *policy)
{
	struct device *device = flash->device;

	policy_free(flash->policy);
	flash->policy = policy_ref(policy);
	device->attempts = policy->attempts;
	device->must_return =
	    postflash_must_return(policy->expect, device->image.kind);
	device->expect = postflash_expect(policy->expect, device->image.kind);
	device->must_finish = policy_has_finish(policy);
}

static bool
work_decide(struct decision *out, void *ctx)
{
	struct flash *flash = ctx;
	bool goes_on = scheduler_decide_job(
	    flash->daemon->scheduler, flash->device, flash->image, out);

	if (goes_on)
		adopt(flash, out->policy);
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

/* The image is taken. */
static struct flash *
work_new(struct daemon *daemon, struct device *device, struct image *image)
{
	struct flash *flash = xcalloc(1, sizeof(*flash));

	assert(device->job == NULL);
	flash->download = flash_guest(flash);
	flash->daemon = daemon;
	flash->device = device;
	flash->image = image;
	flash->timer = evtimer_new(daemon->base, on_timer, flash);
	flash->search = evtimer_new(daemon->base, flash_on_search, flash);
	flash->job =
	    job_new(device, image_size(image), &daemon->limits, &ops, flash);
	device->job = flash->job;
	device->work = flash;
	DL_APPEND(daemon->works, flash);
	daemon->at_work++;
	outage_watch(daemon->outage);
	flash_count_unheard(flash, !device->has_answered);
	return flash;
}

void
flash_start(struct daemon *daemon, struct device *device, struct policy *policy,
    struct image *image)
{
	struct flash *flash = work_new(daemon, device, image_ref(image));

	if (strcmp(device->image.sha256, image_sha256(image)) != 0)
		device->attempt = 0; /* another image has its own attempts */
	device->by_order = device->ordered;
	device->is_vouched |= device->ordered || device->retry ||
	    policy->action == POLICY_ASK || device->rank == DEVICE_NAMED;
	device->upgraded_to[0] = '\0';
	device->heard_at.s_addr = 0;
	note_image(device, image);
	adopt(flash, policy);
	job_start(flash->job);
}

/* Its time must be up before it is told again. */
static void
cannot_resume(struct daemon *daemon, struct device *device, const char *why)
{
	device_blame(device, REASON_DOWNLOAD_ERROR,
	    "after a restart its image could not be served on: %s", why);
	device->hold = HOLD_BACKOFF;
	device->hold_until_ms = clock_now_ms() +
	    daemon->setup.config->flash_timeout_sec * UINT64_C(1000);
	device_post(device, STATE_EVENT_AGAIN);
}

void
flash_resume(struct daemon *daemon, struct device *device, uint64_t bytes)
{
	struct image *image;
	struct flash *flash;
	struct error err;

	image = persist_image(daemon->keep, device->image.sha256, &err);
	if (image == NULL) {
		cannot_resume(daemon, device, err.text);
		return;
	}
	device->has_answered = true; /* or it had not been told */
	flash = work_new(daemon, device, image);
	flash->policy = policy_ref(
	    policy_list_find(daemon->setup.policies, device->policy));
	device->present = true;
	if (!put_on_server(flash, device->token, &err)) {
		work_free(flash);
		cannot_resume(daemon, device, err.text);
		return;
	}
	flash_restore_local(flash);
	devlog_device(device, LOG_INFO,
	    "going on after a restart: %s, %" PRIu64
	    " of %zu bytes handed over",
	    state_name(device->state), bytes, image_size(image));
	job_resume(flash->job, bytes);
}

/* It holds no place of those that can go on. */
void
flash_cut_off(struct daemon *daemon, struct device *device)
{
	struct flash *flash = device->work;

	if (device->job == NULL || flash->is_cut_off)
		return;
	flash->is_cut_off = true;
	daemon->at_work--;
	job_cut_off(flash->job);
}

void
flash_reconnected(struct device *device, const char *what)
{
	struct flash *flash = device->work;

	if (device->job == NULL)
		return;
	if (flash->is_cut_off)
		flash->daemon->at_work++;
	flash->is_cut_off = false;
	job_reconnected(flash->job, what);
}

void
flash_excuse(struct device *device, const char *what)
{
	struct flash *flash = device->work;

	if (device->job != NULL)
		job_excuse(flash->job, what);
}

void
flash_stop(struct daemon *daemon)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (device->job != NULL)
			work_free(device->work);
}
