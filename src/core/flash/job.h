/* SPDX-License-Identifier: ISC */
/*
 * job -- one attempt to flash one device, from the first question to the end.
 *
 * The job owns the decisions: what an answer, a silence, a fetched range or a
 * verdict means in the state the device is in.  It touches the world through
 * job_ops alone, and it hears of the world through job_answered() and its
 * kin, so that a test can be the world.  The rules it keeps:
 *
 *  - A reply to ota_unlock or ota_flash is a hint; the device is looked at.
 *    A device may hang, or close without a word, and have done it all the same
 *    (itead/Sonoff_Devices_DIY_Tools#75, #95).
 *  - Who answers is asked again right before the device is told to fetch, and
 *    what is to be done with it is decided on what that answer tells.  Where
 *    that is something else, the attempt ends and does not count.
 *  - "flashed" needs every byte handed over, and the verdict 0 or the device
 *    gone; and in either case that it stayed away.
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

/* Seconds; what each state may take.  From [Limits] of the configuration. */
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
	JOB_REPLY,     /* its protocol, whatever it says */
	JOB_GARBAGE,   /* an answer, but not its protocol */
	JOB_SILENCE,   /* the question went out and nothing usable came back */
	JOB_UNSENT,    /* the question never left this machine */
	JOB_FORBIDDEN, /* nor will it: the address may not be contacted */
};

struct job_answer {
	enum job_heard heard;
	const struct devapi_reply *reply; /* with JOB_REPLY; borrowed */
	const char *why;		  /* otherwise: a sentence; borrowed */
	bool cut_off;	/* it is for us: that says nothing of the device */
	bool other_mac; /* it comes from another device, by its MAC */
};

/*
 * What a job needs from the world.  Calls only start something: none of them
 * may come back into the job before it has returned.
 */
struct job_ops {
	/* Monotonic; stands while this machine cannot reach the device. */
	uint64_t (*now_ms)(void *ctx);
	/* Ask the device.  One call at a time; its end is job_answered(). */
	void (*call)(
	    enum devapi_call, enum devapi_form, unsigned timeout_ms, void *ctx);
	void (*hang_up)(void *ctx); /* forget that call */
	/* Have the image ready at the URL the next call will name. */
	bool (*serve)(struct error *, void *ctx);
	/* Write down that the device is about to be told, or refuse. */
	bool (*intend)(struct error *, void *ctx);
	void (*set_timer)(uint64_t delay_ms, void *ctx);
	/*
	 * Decide about the device as it is known now.  True: the job is what
	 * is to be done with it; false: the decision says what is, and why.
	 */
	bool (*decide)(struct decision *, void *ctx);
	void (*progress)(void *ctx); /* bytes have changed */
	/* The attempt is over; the device's state says how.  May free. */
	void (*ended)(void *ctx);
	uint64_t (*real_ms)(void *ctx); /* monotonic, and never stands */
};

/* All borrowed but the limits.  size_bytes is that of the image. */
struct job *job_new(struct device *, uint64_t size_bytes,
    const struct job_limits *, const struct job_ops *, void *ctx);
void job_free(struct job *); /* NULL is fine */
struct device *job_device(struct job *);

/* Begin: the device must be in a state that START leads out of. */
void job_start(struct job *);

/*
 * Go on after a restart of the daemon, in the state the record had.  What was
 * handed over before is known up to `bytes`, contiguous from 0.
 */
void job_resume(struct job *, uint64_t bytes);

/* Whether an info is the device's, as far as its words go. */
bool job_is_from(const struct job *, const struct devapi_reply *);

void job_answered(struct job *, const struct job_answer *);
void job_fetch_began(struct job *);
void job_served(struct job *, uint64_t first, uint64_t len);

/* False: it has reported, or has nothing to report on. */
bool job_awaits_verdict(const struct job *);
void job_verdict(struct job *, int code);
void job_timer(struct job *);

/*
 * This machine cannot reach the network of the device, as device->cut_off says,
 * and the job may be over afterwards; then it can again, and was cut off, as a
 * sentence says.  job_timer() is not called in between.
 */
void job_cut_off(struct job *);
void job_reconnected(struct job *, const char *what);

/*
 * Something of ours is in the way of the download, as a sentence says: if it
 * breaks off, the attempt does not count.
 */
void job_excuse(struct job *, const char *what);

/* Only where device_may_cancel() says so. */
void job_cancel(struct job *, const char *who);

/*
 * The device is at another address now: do not wait for an answer from the old
 * one.  An unlock that was on its way there is sent again, once in an attempt.
 */
void job_moved(struct job *);

/*
 * What decides about the device has changed: decide anew, unless it has been
 * told to fetch.  False: the job has ended, and is gone.
 */
bool job_reconsider(struct job *);

#endif
