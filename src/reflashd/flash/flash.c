/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/control/report.h"
#include "core/postflash/postflash.h"
#include "io/http/client.h"
#include "io/images.h"
#include "reflashd/aftercare.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/policy/policy_files.h"
#include "reflashd/roster.h"
#include "reflashd/store/persist.h"

/* After a restart a device tells by what it asks for where it was. */
#define KEEP_MS 500

static uint64_t
work_now(void *ctx)
{
	struct work *work = ctx;

	return outage_clock(work->daemon, work->device, &work->clock);
}

static uint64_t
work_real(void *ctx)
{
	(void)ctx;
	return daemon_now_ms();
}

/* ---- the image on the server ------------------------------------------- */

static void
release_image(void *owner)
{
	image_unref(owner);
}

static bool
put_on_server(struct work *work, const char *token, struct error *err)
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

	work->served = server_job_new(work->daemon->server, &file,
	    work->device->address, token, &work->guest, err);
	if (work->served == NULL)
		return false;
	image_ref(work->image);
	return true;
}

static bool
work_serve(struct job *job, struct error *err, void *ctx)
{
	struct work *work = ctx;

	(void)job;
	if (!work_note_local(work, err))
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

/* A copy of an image for later; dst is its sha256, "" if there is none. */
static void
keep_for_later(struct work *work, const struct image *image, char dst[65])
{
	dst[0] = '\0';
	if (image == NULL)
		return;
	text_copy(dst, 65, image_sha256(image));
	persist_upgrade(work->daemon->keep, image);
}

/*
 * Is all that follows still there?  What was looked at is kept, whatever
 * becomes of the files until it is needed.  The bytes of the first image are
 * held already, so only its report counts.
 */
static bool
prepare_rest(struct work *work, struct error *err)
{
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct device *device = work->device;
	struct policy_files needs;
	bool ok = true;

	policy_files_look(&needs, work->policy, work->daemon->setup.config,
	    work->daemon->images, NULL);
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
work_intend(struct job *job, struct error *err, void *ctx)
{
	struct work *work = ctx;
	struct device *device = work->device;

	(void)job;
	if (!prepare_rest(work, err))
		return false;
	text_copy(device->token, sizeof(device->token),
	    server_job_token(work->served));
	device->told_at = time(NULL);
	if (!persist_intent(work->daemon->keep, device, work->image, err))
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
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct work *work = ctx;

	(void)fd;
	(void)what;
	outage_due(work->daemon, work->due_ms);
	/* One that should leave is looked at: only an answer would count. */
	if (!work->is_cut_off || work->device->state == STATE_REBOOTING)
		job_timer(work->job);
}

static void
work_set_timer(struct job *job, uint64_t delay_ms, void *ctx)
{
	struct work *work = ctx;
	struct timeval tv = { (time_t)(delay_ms / 1000),
		(suseconds_t)(delay_ms % 1000 * 1000) };

	(void)job;
	work->due_ms = daemon_awake_ms() + delay_ms;
	evtimer_add(work->timer, &tv);
}

static void
work_progress(struct job *job, void *ctx)
{
	struct work *work = ctx;
	unsigned percent = report_percent(work->device) / 10 * 10;
	uint64_t now_ms = daemon_now_ms();

	(void)job;
	if (work->device->whole && !work->kept_whole) {
		work->kept_whole = true;
		persist_soon(work->daemon->keep, work->device);
	}
	if (work->device->whole || now_ms - work->kept_ms >= KEEP_MS) {
		persist_progress(work->daemon->keep, work->device);
		work->kept_ms = now_ms;
	}
	if (percent <= work->told_percent)
		return;
	work->told_percent = percent;
	devlog_progress(work->device);
	events_publish(work->daemon->events, work->device);
}

static void
work_free(struct work *work)
{
	client_cancel(work->call);
	server_job_free(work->served);
	event_free(work->timer);
	event_free(work->search);
	job_free(work->job);
	image_unref(work->image);
	policy_free(work->policy);
	work->device->job = NULL;
	DL_DELETE(work->daemon->works, work);
	work->daemon->at_work -= !work->is_cut_off;
	work_count_unheard(work, false);
	free(work);
}

static void
work_ended(struct job *job, void *ctx)
{
	struct work *work = ctx;
	struct daemon *daemon = work->daemon;
	struct device *device = work->device;
	struct policy *policy = policy_ref(work->policy);

	(void)job;
	work_free(work);
	if (daemon->at_work == 0)
		persist_tidy(daemon->keep);
	aftercare_take_over(daemon, device, policy);
	policy_free(policy);
	if (device->state != STATE_HELD && device->state != STATE_REFUSED) {
		device->ordered = device->again = false;
		device_order_image(device, NULL);
	}
	roster_consider_soon(daemon);
}

/* The job is to be ended as this policy says. */
static void
adopt(struct work *work, struct policy *policy)
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
work_decide(struct job *job, struct decision *out, void *ctx)
{
	struct work *work = ctx;
	bool goes_on =
	    roster_decide_job(work->daemon, work->device, work->image, out);

	(void)job;
	if (goes_on)
		adopt(work, out->policy);
	return goes_on;
}

static const struct job_ops ops = {
	.now_ms = work_now,
	.call = work_call,
	.hang_up = work_hang_up,
	.serve = work_serve,
	.intend = work_intend,
	.set_timer = work_set_timer,
	.decide = work_decide,
	.progress = work_progress,
	.ended = work_ended,
	.real_ms = work_real,
};

void
work_moved(struct device *device)
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
static struct work *
work_new(struct daemon *daemon, struct device *device, struct image *image)
{
	struct work *work = xcalloc(1, sizeof(*work));

	assert(device->job == NULL);
	work->guest = work_guest(work);
	work->daemon = daemon;
	work->device = device;
	work->image = image;
	work->timer = evtimer_new(daemon->base, on_timer, work);
	work->search = evtimer_new(daemon->base, work_on_search, work);
	work->job =
	    job_new(device, image_size(image), &daemon->limits, &ops, work);
	device->job = work->job;
	device->work = work;
	DL_APPEND(daemon->works, work);
	daemon->at_work++;
	outage_watch(daemon);
	work_count_unheard(work, !device->has_answered);
	return work;
}

void
work_start(struct daemon *daemon, struct device *device, struct policy *policy,
    struct image *image)
{
	struct work *work = work_new(daemon, device, image_ref(image));

	if (strcmp(device->image.sha256, image_sha256(image)) != 0)
		device->attempt = 0; /* another image has its own attempts */
	device->by_order = device->ordered;
	device->is_vouched |= device->ordered || device->retry ||
	    policy->action == POLICY_ASK || device->rank == DEVICE_NAMED;
	device->upgraded_to[0] = '\0';
	device->heard_at.s_addr = 0;
	note_image(device, image);
	adopt(work, policy);
	job_start(work->job);
}

/* Its time must be up before it is told again. */
static void
cannot_resume(struct daemon *daemon, struct device *device, const char *why)
{
	device_blame(device, REASON_DOWNLOAD_ERROR,
	    "after a restart its image could not be served on: %s", why);
	device->hold = HOLD_BACKOFF;
	device->hold_until_ms = daemon_now_ms() +
	    daemon->setup.config->flash_timeout_sec * UINT64_C(1000);
	device_post(device, MACHINE_AGAIN);
}

void
work_resume(struct daemon *daemon, struct device *device, uint64_t bytes)
{
	struct image *image;
	struct work *work;
	struct error err;

	image = persist_image(daemon->keep, device->image.sha256, &err);
	if (image == NULL) {
		cannot_resume(daemon, device, err.text);
		return;
	}
	device->has_answered = true; /* or it had not been told */
	work = work_new(daemon, device, image);
	work->policy = policy_ref(
	    policy_list_find(daemon->setup.policies, device->policy));
	device->present = true;
	if (!put_on_server(work, device->token, &err)) {
		work_free(work);
		cannot_resume(daemon, device, err.text);
		return;
	}
	devlog_device(device, LOG_INFO,
	    "going on after a restart: %s, %" PRIu64
	    " of %zu bytes handed over",
	    state_name(device->state), bytes, image_size(image));
	job_resume(work->job, bytes);
}

/* It holds no place of those that can go on. */
void
work_cut_off(struct daemon *daemon, struct device *device)
{
	struct work *work = device->work;

	if (device->job == NULL || work->is_cut_off)
		return;
	work->is_cut_off = true;
	daemon->at_work--;
	job_cut_off(work->job);
}

void
work_reconnected(struct device *device, const char *what)
{
	struct work *work = device->work;

	if (device->job == NULL)
		return;
	if (work->is_cut_off)
		work->daemon->at_work++;
	work->is_cut_off = false;
	job_reconnected(work->job, what);
}

void
work_excuse(struct device *device, const char *what)
{
	struct work *work = device->work;

	if (device->job != NULL)
		job_excuse(work->job, what);
}

void
work_stop(struct daemon *daemon)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (device->job != NULL)
			work_free(device->work);
}
