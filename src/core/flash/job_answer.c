/* SPDX-License-Identifier: ISC */
/*
 * Judges what a device answered, in whatever state it was asked, or that it did
 * not answer.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/device/eligible.h"
#include "core/flash/job_parts.h"

void
job_expect_answer(struct job *job, unsigned seconds)
{
	char time[32];

	job->deadline_ms = job_now(job) + seconds * UINT64_C(1000);
	job->last.heard = JOB_REPLY;
	job->last.cut_off = false;
	snprintf(job->last.why, sizeof(job->last.why), "no answer in %s",
	    text_duration(time, sizeof(time), seconds));
}

void
job_keep_silence(struct job *job, const struct job_answer *answer)
{
	/* The call lacked its full time: what came before says more. */
	if (job->hurried && job->last.heard != JOB_REPLY)
		return;
	job->last.heard = answer->heard;
	job->last.cut_off = answer->cut_off;
	snprintf(job->last.why, sizeof(job->last.why), "%s", answer->why);
}

void
job_keep_garbage(
    struct job *job, const char *what, const struct job_answer *answer)
{
	if (answer->heard == JOB_GARBAGE)
		snprintf(job->garbage, sizeof(job->garbage),
		    "its answer to %s makes no sense (%s)", what, answer->why);
}

void
job_fail_answered(struct job *job, enum reason reason, const char *what,
    const struct devapi_reply *reply)
{
	char how[DEVICE_DETAIL_SIZE];

	devapi_describe(what, reply, how, sizeof(how));
	job_fail(job, reason, "%s", how);
}

/*
 * Fail because the device did not answer.  The daemon does not believe an
 * announced port, but names it where it may be the reason for the silence.
 */
static void
fail_silent(struct job *job)
{
	const struct device *device = job->device;
	char address[INET_ADDRSTRLEN];

	if (device->said.port == 0 || device->said.port == device->place.port) {
		job_fail(job, REASON_NO_ANSWER, "%s", job->last.why);
		return;
	}
	inet_ntop(AF_INET, &device->place.address, address, sizeof(address));
	job_fail(job, REASON_NO_ANSWER,
	    "%s at port %u, but the device announces port %u: to ask it there, "
	    "write Device=%s:%u %s into [Discovery] of reflashd.conf",
	    job->last.why, device->place.port, device->said.port, address,
	    device->said.port, device->id);
}

void
job_fail_unanswered(struct job *job)
{
	if (job->last.cut_off)
		job_fail_ours(job, job->last.why);
	else if (job->last.heard == JOB_GARBAGE)
		job_fail(job, REASON_BAD_ANSWER, "%s", job->last.why);
	else
		fail_silent(job);
}

/*
 * Return true if the reply comes from the device of this job.  Firmware up to
 * 3.4 does not repeat its id, but answers 404 to a request with another id.  A
 * reply to a request without the key proves nothing unless the reply has the
 * id.
 */
bool
job_is_same(const struct job *job, const struct devapi_reply *reply)
{
	if (reply->error == 404)
		return false;
	if (reply->info.id[0] == '\0')
		return job->device->facts.form != DEVAPI_WITHOUT_ID;
	return strcmp(reply->info.id, job->device->id) == 0;
}

bool
job_is_from(const struct job *job, const struct devapi_reply *reply)
{
	return job->call == DEVAPI_INFO && reply->has_info &&
	    devapi_reason(DEVAPI_INFO, reply) == REASON_NONE &&
	    job_is_same(job, reply);
}

bool
job_accept_info(struct job *job, const struct job_answer *answer)
{
	const struct devapi_reply *reply = answer->reply;
	struct device *device = job->device;
	enum reason reason = devapi_reason(DEVAPI_INFO, reply);
	char detail[DEVICE_DETAIL_SIZE];

	if (reason != REASON_NONE) {
		job_fail_answered(job, reason, "info", reply);
		return false;
	}
	if (!job_is_same(job, reply)) {
		job_fail(job, REASON_WRONG_DEVICE,
		    reply->info.id[0] == '\0'
			? "what answers does not say its id"
			: "what answers says that it is %s",
		    reply->info.id);
		return false;
	}
	if (answer->other_mac) {
		job_fail(job, REASON_WRONG_DEVICE,
		    "another device answers at its address%s: this machine "
		    "does not see the MAC %s there, which the device had",
		    reply->info.id[0] != '\0' ? " and says its id" : "",
		    device->place.mac);
		return false;
	}
	device_learn(device, &reply->info);
	if (!job_goes_on(job, true))
		return false;
	reason = eligible_device(device, detail, sizeof(detail));
	if (reason == REASON_NONE && !reply->info.has_unlocked) {
		reason = REASON_BAD_ANSWER;
		snprintf(detail, sizeof(detail),
		    "its info does not say whether it is unlocked");
	}
	if (reason != REASON_NONE) {
		job_fail(job, reason, "%s", detail);
		return false;
	}
	return true;
}
