/* SPDX-License-Identifier: ISC */
/*
 * machine -- which state follows which: the table, and nothing else.
 *
 * A state that has no row for an event stays as it is and the event is
 * dropped: an answer that came after its timeout, say.
 */
#ifndef REFLASHD_MACHINE_H
#define REFLASHD_MACHINE_H

#include <stdbool.h>

#include "core/state/state.h"

/* clang-format off */
#define MACHINE_EVENTS(X) \
/* what a decision says of a device that has been told nothing */ \
X(OBSERVE)   /* no policy wants it */ \
X(IGNORE)    /* a policy says to leave it alone */ \
X(REFUSE)    /* a policy wants it, but it must not be flashed */ \
X(HOLD)      /* it will be flashed, but not yet */ \
X(START)     /* go */ \
X(VERIFY)    /* it has its image: go on behind the flash */ \
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

enum machine_event {
#define X(symbol) MACHINE_##symbol,
	MACHINE_EVENTS(X)
#undef X
	    MACHINE_EVENT_COUNT
};

const char *machine_event_name(enum machine_event);

/* The state that follows; false: this event means nothing in this state. */
bool machine_next(enum state from, enum machine_event, enum state *to);

#endif
