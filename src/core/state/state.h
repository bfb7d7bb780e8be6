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
/* symbol       name           phase         meaning */ \
X(SEEN,         "seen",        IDLE,         "known; no policy fits it, or its policy only observes") \
X(IGNORED,      "ignored",     IDLE,         "a policy says to ignore it") \
X(REFUSED,      "refused",     IDLE,         "a policy fits it, but this device or this image must not be flashed") \
X(HELD,         "held",        IDLE,         "is to be flashed, and is waiting") \
X(PROBING,      "probing",     BEFORE_OFFER, "asking the device for its info") \
X(UNLOCKING,    "unlocking",   BEFORE_OFFER, "the device is asking the Sonoff cloud to unlock its update") \
X(CONFIRMING,   "confirming",  BEFORE_OFFER, "checking that it is unlocked, and still the same device") \
X(OFFERING,     "offering",    FETCHING,     "telling the device to download the image") \
X(DOWNLOADING,  "downloading", FETCHING,     "the device is downloading the image") \
X(REBOOTING,    "rebooting",   RESTARTING,   "the device has the whole image and is restarting") \
X(VERIFYING,    "verifying",   AFTER,        "waiting for the device to come back with its new firmware") \
X(FINISHING,    "finishing",   AFTER,        "setting up the new firmware") \
X(FLASHED,      "flashed",     SUCCESS,      "flashed; the device is not back on your network yet") \
X(VERIFIED,     "verified",    SUCCESS,      "back on your network with its new firmware, and set up") \
X(FAILED,       "failed",      FAILURE,      "every attempt has failed, or the failure must not be tried again")

#define HOLDS(X) \
X(APPROVAL, "approval", "waiting for your approval") \
X(WINDOW,   "window",   "outside the policy's hours") \
X(SLOT,     "slot",     "waiting its turn") \
X(CANARY,   "canary",   "waiting for the first devices of this policy to succeed") \
X(SOAK,     "soak",     "waiting until the first devices have run well for long enough") \
X(BACKOFF,  "backoff",  "waiting before the next attempt") \
X(PAUSED,   "paused",   "waiting until you resume it") \
X(DISK,     "disk",     "waiting until the state can be saved: make room on the disk, or make it writable") \
X(ABSENT,   "absent",   "waiting for the device to appear on the network") \
X(NETWORK,  "network",  "waiting until this machine can reach the network of the device") \
X(CANCELLED, "cancelled", "cancelled: it is not flashed until you say so")
/* clang-format on */

enum state {
#define X(symbol, name, phase, meaning) STATE_##symbol,
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

const char *state_name(enum state);    /* borrowed for ever */
const char *state_meaning(enum state); /* borrowed for ever */

/* Predicates of the phase; a state at work has one of the next four. */
bool state_is_idle(enum state);
bool state_is_at_work(enum state);	/* a job is under way */
bool state_is_before_offer(enum state); /* and has told the device nothing */
bool state_is_fetching(enum state);	/* it was told, and may be fetching */
bool state_is_under_way(enum state); /* it was told; the outcome is not known */
bool state_is_setting_up(enum state); /* it has its image: after the flash */
bool state_is_success(enum state);    /* at its end, and flashed */
bool state_is_ended(enum state);      /* a success or a failure */
bool state_is_after(enum state);      /* believed to have the new firmware */

bool state_find(const char *name, enum state *);

const char *hold_name(enum hold); /* NULL for HOLD_NONE */
const char *hold_meaning(enum hold);
enum hold hold_find(const char *name); /* HOLD_NONE: no such hold */

/*
 * Which state follows which.  If a state has no row for an event, such as an
 * answer after its timeout, the event is dropped and the state stays.
 */

/* clang-format off */
#define STATE_EVENTS(X) \
/* what a decision says of a device that has been told nothing */ \
X(OBSERVE)   /* no policy wants it */ \
X(IGNORE)    /* a policy says to leave it alone */ \
X(REFUSE)    /* a policy wants it, but it must not be flashed */ \
X(HOLD)      /* the device will be flashed, but not yet */ \
X(START)     /* go */ \
X(VERIFY)    /* the device has its image: go on after the flash */ \
/* what happens to a device at work */ \
X(DONE)      /* the step is done; on to the next */ \
X(UNLOCKED)  /* it was unlocked already */ \
X(LOCKED)    /* it is locked (again): unlock once more */ \
X(AGAIN)     /* this attempt failed, another follows later */ \
X(AT_ONCE)   /* this attempt failed, another must follow now */ \
X(FAIL)      /* failed for good */ \
X(CANCEL)    /* a person says that it is not to be flashed */ \
X(LEFT)      /* the old firmware is gone, nothing more is expected */ \
X(BACK)      /* seen again under the new firmware */ \
X(STOCK)     /* seen again under the old firmware */
/* clang-format on */

enum state_event {
#define X(symbol) STATE_EVENT_##symbol,
	STATE_EVENTS(X)
#undef X
	    STATE_EVENT_COUNT
};

const char *state_event_name(enum state_event);

/* Find the state that follows; false: the event means nothing in this state. */
bool state_next(enum state from, enum state_event, enum state *to);

#endif
