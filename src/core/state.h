/* SPDX-License-Identifier: ISC */
/*
 * state -- the states of a device, and what a held device waits for.
 *
 *   seen ignored refused held                    nothing is under way
 *     |
 *   probing -> unlocking -> confirming -> offering -> downloading
 *                                                        |
 *   flashed <----------------------------------------- rebooting
 *      |                                                 |
 *      +--------> verifying -> finishing -> verified <---+
 *
 *   failed: from each of them.  Up to confirming nothing has been done to the
 *   device that lasts; in offering it is told to fetch.
 */
#ifndef REFLASHD_STATE_H
#define REFLASHD_STATE_H

#include <stdbool.h>

/* clang-format off */
#define STATES(X) \
/* symbol       name           at work, meaning */ \
X(SEEN,         "seen",        false, "known; no policy fits, or the policy only observes") \
X(IGNORED,      "ignored",     false, "a policy says ignore") \
X(REFUSED,      "refused",     false, "a policy fits, but the device or the image must not be flashed") \
X(HELD,         "held",        false, "will be flashed, but waits") \
X(PROBING,      "probing",     true,  "asked for its info") \
X(UNLOCKING,    "unlocking",   true,  "it asks its maker's cloud to unlock its update") \
X(CONFIRMING,   "confirming",  true,  "is it unlocked, and still the same device?") \
X(OFFERING,     "offering",    true,  "it is told to fetch the image") \
X(DOWNLOADING,  "downloading", true,  "it fetches the image") \
X(REBOOTING,    "rebooting",   true,  "it has everything and must leave now") \
X(VERIFYING,    "verifying",   true,  "is it back under its new firmware?") \
X(FINISHING,    "finishing",   true,  "its new firmware is set up") \
X(FLASHED,      "flashed",     false, "it took the image and left; not seen again") \
X(VERIFIED,     "verified",    false, "seen again under its new firmware, and set up") \
X(FAILED,       "failed",      false, "out of attempts, or a failure that must not be tried again")

#define HOLDS(X) \
X(APPROVAL, "approval", "waits for: reflashctl approve") \
X(WINDOW,   "window",   "waits for the time that the policy allows") \
X(SLOT,     "slot",     "waits until fewer devices are at work") \
X(CANARY,   "canary",   "waits for the first devices of this policy to end well") \
X(SOAK,     "soak",     "waits until the first devices have run well for the time that the policy asks") \
X(BACKOFF,  "backoff",  "waits before the next attempt") \
X(PAUSED,   "paused",   "waits until a person resumes it") \
X(DISK,     "disk",     "waits for a disk that the state can be saved on: make room, or make it writable") \
X(ABSENT,   "absent",   "waits for the device to show up") \
X(NETWORK,  "network",  "waits until this machine can reach the network of the device") \
X(CANCELLED, "cancelled", "a person cancelled it: it is not flashed until somebody says so")
/* clang-format on */

enum state {
#define X(symbol, name, at_work, meaning) STATE_##symbol,
	STATES(X)
#undef X
	    STATE_COUNT
};

enum hold {
	HOLD_NONE,
#define X(symbol, name, meaning) HOLD_##symbol,
	HOLDS(X)
#undef X
	    HOLD_COUNT
};

const char *state_name(enum state);	/* borrowed for ever */
const char *state_meaning(enum state);	/* borrowed for ever */
bool state_is_at_work(enum state);	/* a job is under way */
bool state_is_before_offer(enum state); /* and has told the device nothing */
bool state_is_after(enum state);	/* believed to have the new firmware */
bool state_find(const char *name, enum state *);

const char *hold_name(enum hold); /* NULL for HOLD_NONE */
const char *hold_meaning(enum hold);
enum hold hold_find(const char *name); /* HOLD_NONE: no such hold */

#endif
