/* SPDX-License-Identifier: ISC */
/*
 * rollout -- how many devices of a policy may go, and which must wait.
 *
 *   canary    the first N go alone, and must end well before the rest.  A
 *             device that left without its verdict has not, until it is back,
 *             nor has one that fell silent while it fetched.  One that goes
 *             away between two attempts gives its place to the next.
 *   soak      then nothing starts for a while
 *   stop      after M failures the policy pauses until a person resumes it
 *
 * A device that nothing vouches for (device.h) can be an invention.  It takes a
 * place only while it is at work: it neither keeps that between two attempts
 * nor counts as a failure.  It has not fetched enough to be harmed, and whoever
 * invents devices must not stop a policy.  One that has fetched counts, so that
 * no row of inventions hides a failure of a device that is real.
 *
 * Counted is what became of this image under this policy.  Pure: counts in,
 * a hold out.
 */
#ifndef REFLASHD_ROLLOUT_H
#define REFLASHD_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/device/device.h"
#include "core/policy/policy.h"

/* What a device does whose end the others wait for; the worst is last. */
enum rollout_doing {
	ROLLOUT_NOTHING,
	ROLLOUT_WORKS,
	ROLLOUT_RESTS,	/* before its next attempt */
	ROLLOUT_SILENT, /* it had begun to fetch, and is gone since */
};

/* What became of the devices of one policy with one image. */
struct rollout {
	unsigned good;	 /* flashed or verified */
	unsigned failed; /* for good, not forgiven */
	unsigned unsure; /* flashed without a word of its own, likewise */
	unsigned at_work;
	unsigned between;  /* waiting for their next attempt */
	int64_t last_good; /* the last of them, by steady_s() of device_ops */
	/* The one of those at work or between that is the most in doubt. */
	char first[DEVICE_ID_SIZE];
	enum rollout_doing first_does;
	time_t first_since;    /* by the wall clock, for people */
	int64_t first_since_s; /* by steady_s() */
	/* By order of a person: neither canaries nor what follows them. */
	unsigned ordered_at_work, ordered_failed;
};

/* Count a device in, if it concerns this policy and this image. */
void rollout_count(struct rollout *, const struct device *,
    const struct policy *, const char *sha256);

/*
 * It waits for its next attempt with this image under this policy, and keeps
 * its place: not one that is away and was never told, nor one that waits like
 * those who have not begun, nor one that nothing vouches for.
 */
bool rollout_is_between(
    const struct device *, const struct policy *, const char *sha256);

/* It had begun to fetch, or has fetched damage, and is gone since. */
bool rollout_is_silent(const struct device *);
/* The device has had an attempt with this image under this policy. */
bool rollout_has_begun(
    const struct device *, const struct policy *, const char *sha256);

/* Take a device at work out again: what it must do does not depend on it. */
void rollout_leave_out(struct rollout *, const struct device *,
    const struct policy *, const char *sha256);

/* The policy must pause: it has failed as often as it may. */
bool rollout_must_stop(const struct rollout *, const struct policy *);

/*
 * What a device that has not begun must wait for, with the facts, or
 * HOLD_NONE.  One between two attempts has begun and waits for nothing here
 * but a stop and a slot.  now_s is steady_s().
 */
enum hold rollout_wait(const struct rollout *, const struct policy *,
    bool has_begun, int64_t now_s, char *detail, size_t size);

/*
 * How many jobs may start in one moment.
 *
 * Devices that start as one do everything as one. Their states would then be
 * written to disk one after another, and no other work would have its turn.
 */

#define ROLLOUT_STARTS_AT_ONCE 4
#define ROLLOUT_STARTS_MS      25 /* 160 in a second */

/* Plain; zero to begin with. */
struct rollout_starts {
	uint64_t since_ms;
	unsigned count;
};

/* Enough for now: when more may start, in ms from now; 0: one may now. */
unsigned rollout_starts_wait(const struct rollout_starts *, uint64_t now_ms);

/* One starts. */
void rollout_starts_count(struct rollout_starts *, uint64_t now_ms);

#endif
