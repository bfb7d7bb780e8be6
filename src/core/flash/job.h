/* SPDX-License-Identifier: ISC */
/*
 * job -- one attempt to flash one device, from the first question to the end.
 *
 * The job owns the decisions: what an answer, a silence, a fetched range or a
 * verdict means in the state the device is in.  It touches the world through
 * job_ops alone, and hears of the world through job_answered() and the
 * functions below it, so that a test can be the world.  The rules it keeps:
 *
 *  - A reply to ota_unlock or ota_flash is a hint; a look at the device must
 *    confirm it.  A device may hang, or close without a reply, and have done
 *    it all the same (itead/Sonoff_Devices_DIY_Tools#75, #95).
 *  - The device is asked again right before it is told to fetch, and what is
 *    to be done with it is decided by that answer.  If that is no longer this
 *    flash, the attempt ends and does not count.
 *  - "flashed" needs every byte handed over, and the verdict 0 or the device
 *    gone; and in either case that the old firmware stayed away.
 */
#ifndef REFLASHD_JOB_H
#define REFLASHD_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/device/device.h"
#include "core/schedule/decide.h"
#include "core/sonoff/devapi.h"

struct job;

/* The seconds that each state may take, from [Limits]. */
struct job_limits {
	unsigned probe_sec;
	unsigned unlock_sec;
	unsigned confirm_sec;
	unsigned offer_sec;
	unsigned first_fetch_sec; /* accepted, but nothing asked for */
	unsigned stall_sec;	  /* between two ranges */
	unsigned flash_sec;	  /* from the offer to the last byte */
	unsigned verdict_sec;	  /* from the last byte to the verdict */
	unsigned leave_sec;	  /* from there until it is gone */
	unsigned gone_sec;	  /* gone for so long is gone */
	unsigned backoff_sec;
};

enum job_heard {
	JOB_REPLY,     /* a reply in its protocol */
	JOB_GARBAGE,   /* an answer, but not its protocol */
	JOB_SILENCE,   /* the question went out and nothing usable came back */
	JOB_UNSENT,    /* the question never left this machine */
	JOB_FORBIDDEN, /* the address may not be contacted, now or later */
};

struct job_answer {
	enum job_heard heard;
	const struct devapi_reply *reply; /* with JOB_REPLY; borrowed */
	const char *why;		  /* otherwise: a sentence; borrowed */
	bool cut_off;	/* this machine was cut off, whatever the device does */
	bool other_mac; /* the MAC is that of another device */
	bool same_mac;	/* the MAC is that of this device, after the offer */
};

/*
 * The services that a job needs.  The calls only start something: none of them
 * may call the job before it has returned.
 */
struct job_ops {
	/*
	 * Monotonic; stands still while this machine cannot reach the device.
	 */
	uint64_t (*now_ms)(void *ctx);
	/*
	 * Ask the device.  There is one call at a time; job_answered() ends it.
	 */
	void (*call)(
	    enum devapi_call, enum devapi_form, unsigned timeout_ms, void *ctx);
	void (*hang_up)(void *ctx); /* forget that call */
	/* Offer the image at the URL that the next call will name. */
	bool (*serve)(struct error *, void *ctx);
	/* Record on disk that the device is about to be told, or refuse. */
	bool (*intend)(struct error *, void *ctx);
	void (*set_timer)(uint64_t delay_ms, void *ctx);
	/*
	 * Decide about the device as it is known now.  True: the job may go on.
	 * False: the decision says what is to be done instead, and why.
	 */
	bool (*decide)(struct decision *, void *ctx);
	void (*progress)(void *ctx); /* bytes have changed */
	/* The attempt is over; see the device's state.  May free the job. */
	void (*ended)(void *ctx);
	uint64_t (*real_ms)(void *ctx); /* monotonic, and never stands */
};

/*
 * Everything but the limits is borrowed. size_bytes is the size of the image.
 */
struct job *job_new(struct device *, uint64_t size_bytes,
    const struct job_limits *, const struct job_ops *, void *ctx);
void job_free(struct job *); /* NULL is fine */

/* Begin the attempt.  The device must be in a state that START leads out of. */
void job_start(struct job *);

/*
 * Go on after a restart of the daemon, in the state that the record had.  The
 * first `bytes` bytes are known to have been handed over before.
 */
void job_resume(struct job *, uint64_t bytes);

/*
 * Return true if the reply to an info request says nothing against coming from
 * the device of this job.
 */
bool job_is_from(const struct job *, const struct devapi_reply *);

void job_answered(struct job *, const struct job_answer *);
void job_fetch_began(struct job *);
void job_served(struct job *, uint64_t first, uint64_t len);

/*
 * Take a verdict that the device reports.  job_verdict_doubt() returns why one
 * does not count, and changes nothing: a sentence to be told, or "" where the
 * device has reported already; NULL: it counts.
 */
void job_verdict(struct job *, int code);
const char *job_verdict_doubt(const struct job *, int code);
void job_timer(struct job *);

/*
 * job_cut_off(): this machine cannot reach the network of the device, for the
 * reason in device->place.cut_off; the job may be over afterwards.
 * job_reconnected(): this machine can reach it again, and `what` is a sentence
 * about the outage. job_timer() is not called in between.
 */
void job_cut_off(struct job *);
void job_reconnected(struct job *, const char *what);

/*
 * Note that something of ours is in the way of the download, as a sentence
 * says.  If the download breaks off, the attempt does not count.
 */
void job_excuse(struct job *, const char *what);

/* Cancel the job.  Only allowed where device_may_cancel() says so. */
void job_cancel(struct job *, const char *who);

/*
 * The device has another address now: do not wait for an answer from the old
 * one.  An unlock that was on its way to the old address is sent again, once in
 * an attempt.
 */
void job_moved(struct job *);

/*
 * Decide anew because something that counts has changed, unless the device has
 * been told to fetch.  Returns false if the job has ended and is gone.
 */
bool job_reconsider(struct job *);

#endif
