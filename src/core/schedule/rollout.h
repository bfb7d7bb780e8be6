/* SPDX-License-Identifier: ISC */
/*
 * rollout -- how many devices of a policy may go, and which must wait.
 *
 *   canary    the first N go alone, and must end well before the rest.  A
 *             device that left without its verdict has not ended well until
 *             it is back, nor has a device that fell silent in its download.
 *             A canary that goes away between two attempts gives its place to
 *             the next device.
 *   soak      after the canaries nothing starts for a while
 *   stop      after M failures the policy pauses until a person resumes it
 *
 * A device that nothing vouches for (device.h) may be invented by somebody on
 * the network.  It takes a place only while it is at work: it does not keep the
 * place between two attempts, and its failure does not count.  It has not
 * fetched enough to be harmed, and an attacker who invents devices must not
 * stop a policy.  A device that has fetched counts, so that no row of
 * inventions hides the failure of a real device.
 *
 * Counted is what became of this image under this policy.  Pure: it takes
 * counts and returns a hold.
 */
#ifndef REFLASHD_ROLLOUT_H
#define REFLASHD_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/device/device.h"
#include "core/policy/policy.h"

/* The work of the device that the others wait for; the worst is last. */
enum rollout_doing {
	ROLLOUT_NOTHING,
	ROLLOUT_WORKS,
	ROLLOUT_RESTS,	/* before its next attempt */
	ROLLOUT_SILENT, /* had begun to fetch, and fell silent */
};

/* The outcomes of one policy with one image. */
struct rollout {
	unsigned good;	 /* flashed or verified */
	unsigned failed; /* for good, not forgiven */
	unsigned unsure; /* flashed without a word of its own, likewise */
	unsigned at_work;
	unsigned other_at_work; /* with another image: it takes a slot, too */
	unsigned between;	/* waiting for their next attempt */
	int64_t last_good; /* the last of them, by steady_s() of device_ops */
	int64_t wall_ahead_s; /* of steady_s(): for the times in a detail */
	/* The device most in doubt of those at work or between attempts. */
	char first[DEVICE_ID_SIZE];
	enum rollout_doing first_does;
	time_t first_since;    /* by the wall clock, for people */
	int64_t first_since_s; /* by steady_s() */
	/*
	 * Ordered by a person: these are no canaries, and do not wait for any.
	 */
	unsigned ordered_at_work, ordered_failed;
};

/* Count the device if it concerns this policy and this image. */
void rollout_count(struct rollout *, const struct device *,
    const struct policy *, const char *sha256);

/*
 * Return true if the device fell silent after it began to fetch, or after a
 * damaged download.
 */
bool rollout_is_silent(const struct device *);
/* Return true if the device has had such an attempt. */
bool rollout_has_begun(
    const struct device *, const struct policy *, const char *sha256);

/* Take a device at work out of the counts: it does not wait for itself. */
void rollout_leave_out(struct rollout *, const struct device *,
    const struct policy *, const char *sha256);

/* Return true if the policy has failed as often as allowed. */
bool rollout_must_stop(const struct rollout *, const struct policy *);

/*
 * Return what a device that has not begun must wait for, with the facts, or
 * HOLD_NONE.  A device between two attempts has begun: it waits here only for a
 * stop and for a slot. now_s is steady_s().
 */
enum hold rollout_wait(const struct rollout *, const struct policy *,
    bool has_begun, int64_t now_s, char *detail, size_t size);

/*
 * How many jobs may start in one moment.
 *
 * Devices that start together do everything together: their states would be
 * written to disk one after another, and no other work would have its turn.
 */

#define ROLLOUT_STARTS_AT_ONCE 4
#define ROLLOUT_STARTS_MS      25 /* 160 in a second */

/* Initialize with zeros; a plain value. */
struct rollout_starts {
	uint64_t since_ms;
	unsigned count;
};

/* Return in how many ms another job may start; 0: now. */
unsigned rollout_starts_wait(const struct rollout_starts *, uint64_t now_ms);

/* Count a job that starts now. */
void rollout_starts_count(struct rollout_starts *, uint64_t now_ms);

#endif
