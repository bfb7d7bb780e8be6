/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stddef.h>

#include "core/state/machine.h"

/* clang-format off */
/* Where a decision may take a device that has been told nothing. */
#define DECIDED(from)						\
	{ STATE_##from,	MACHINE_OBSERVE, STATE_SEEN },		\
	{ STATE_##from,	MACHINE_IGNORE,	 STATE_IGNORED },	\
	{ STATE_##from,	MACHINE_REFUSE,	 STATE_REFUSED },	\
	{ STATE_##from,	MACHINE_HOLD,	 STATE_HELD },		\
	{ STATE_##from,	MACHINE_FAIL,	 STATE_FAILED }

static const struct {
	enum state from;
	enum machine_event event;
	enum state to;
} transitions[] = {
	DECIDED(SEEN),
	DECIDED(IGNORED),
	DECIDED(REFUSED),
	DECIDED(HELD),
	DECIDED(PROBING),
	DECIDED(UNLOCKING),
	DECIDED(CONFIRMING),
	{ STATE_SEEN,	     MACHINE_START,    STATE_PROBING },
	{ STATE_IGNORED,     MACHINE_START,    STATE_PROBING },
	{ STATE_REFUSED,     MACHINE_START,    STATE_PROBING },
	{ STATE_HELD,	     MACHINE_START,    STATE_PROBING },
	{ STATE_SEEN,	     MACHINE_CANCEL,   STATE_HELD },
	{ STATE_IGNORED,     MACHINE_CANCEL,   STATE_HELD },
	{ STATE_REFUSED,     MACHINE_CANCEL,   STATE_HELD },
	{ STATE_HELD,	     MACHINE_CANCEL,   STATE_HELD },
	{ STATE_HELD,	     MACHINE_BACK,     STATE_VERIFYING },

	{ STATE_PROBING,     MACHINE_DONE,     STATE_UNLOCKING },
	{ STATE_PROBING,     MACHINE_UNLOCKED, STATE_CONFIRMING },
	{ STATE_PROBING,     MACHINE_AGAIN,    STATE_HELD },
	{ STATE_PROBING,     MACHINE_CANCEL,   STATE_HELD },

	/* Whatever the device answered, or did not: the next look tells. */
	{ STATE_UNLOCKING,   MACHINE_DONE,     STATE_CONFIRMING },
	{ STATE_UNLOCKING,   MACHINE_AGAIN,    STATE_HELD },
	{ STATE_UNLOCKING,   MACHINE_CANCEL,   STATE_HELD },

	{ STATE_CONFIRMING,  MACHINE_DONE,     STATE_OFFERING },
	{ STATE_CONFIRMING,  MACHINE_LOCKED,   STATE_UNLOCKING },
	{ STATE_CONFIRMING,  MACHINE_AGAIN,    STATE_HELD },
	{ STATE_CONFIRMING,  MACHINE_CANCEL,   STATE_HELD },

	/* No cancel from here on: the device has been told to fetch. */
	{ STATE_OFFERING,    MACHINE_DONE,     STATE_DOWNLOADING },
	{ STATE_OFFERING,    MACHINE_LOCKED,   STATE_UNLOCKING },
	{ STATE_OFFERING,    MACHINE_AGAIN,    STATE_HELD },
	{ STATE_OFFERING,    MACHINE_AT_ONCE,  STATE_PROBING },
	{ STATE_OFFERING,    MACHINE_FAIL,     STATE_FAILED },

	{ STATE_DOWNLOADING, MACHINE_DONE,     STATE_REBOOTING },
	{ STATE_DOWNLOADING, MACHINE_AGAIN,    STATE_HELD },
	{ STATE_DOWNLOADING, MACHINE_AT_ONCE,  STATE_PROBING },
	{ STATE_DOWNLOADING, MACHINE_FAIL,     STATE_FAILED },

	{ STATE_REBOOTING,   MACHINE_DONE,     STATE_VERIFYING },
	{ STATE_REBOOTING,   MACHINE_LEFT,     STATE_FLASHED },
	{ STATE_REBOOTING,   MACHINE_AGAIN,    STATE_HELD },
	{ STATE_REBOOTING,   MACHINE_AT_ONCE,  STATE_PROBING },
	{ STATE_REBOOTING,   MACHINE_FAIL,     STATE_FAILED },

	{ STATE_VERIFYING,   MACHINE_DONE,     STATE_FINISHING },
	{ STATE_VERIFYING,   MACHINE_BACK,     STATE_VERIFIED },
	{ STATE_VERIFYING,   MACHINE_LEFT,     STATE_FLASHED },
	{ STATE_VERIFYING,   MACHINE_STOCK,    STATE_FAILED },
	{ STATE_VERIFYING,   MACHINE_FAIL,     STATE_FAILED },

	{ STATE_FINISHING,   MACHINE_DONE,     STATE_VERIFIED },
	{ STATE_FINISHING,   MACHINE_VERIFY,   STATE_VERIFYING },
	{ STATE_FINISHING,   MACHINE_STOCK,    STATE_FAILED },
	{ STATE_FINISHING,   MACHINE_FAIL,     STATE_FAILED },

	/* An end that a later sight, another image or a person can undo. */
	{ STATE_FLASHED,     MACHINE_BACK,     STATE_VERIFYING },
	{ STATE_FLASHED,     MACHINE_STOCK,    STATE_FAILED },
	{ STATE_FLASHED,     MACHINE_HOLD,     STATE_HELD },
	{ STATE_FLASHED,     MACHINE_START,    STATE_PROBING },
	{ STATE_VERIFIED,    MACHINE_STOCK,    STATE_FAILED },
	{ STATE_VERIFIED,    MACHINE_HOLD,     STATE_HELD },
	{ STATE_VERIFIED,    MACHINE_START,    STATE_PROBING },
	{ STATE_FAILED,	     MACHINE_REFUSE,   STATE_REFUSED },
	{ STATE_FAILED,	     MACHINE_HOLD,     STATE_HELD },
	{ STATE_FAILED,	     MACHINE_START,    STATE_PROBING },
	{ STATE_FAILED,	     MACHINE_VERIFY,   STATE_VERIFYING },
	{ STATE_FAILED,	     MACHINE_BACK,     STATE_VERIFYING },
	{ STATE_FAILED,	     MACHINE_STOCK,    STATE_FAILED },
};
/* clang-format on */

static const char *const event_names[] = {
#define X(symbol) [MACHINE_##symbol] = #symbol,
	MACHINE_EVENTS(X)
#undef X
};

const char *
machine_event_name(enum machine_event event)
{
	assert(event < MACHINE_EVENT_COUNT);
	return event_names[event];
}

bool
machine_next(enum state from, enum machine_event event, enum state *to)
{
	size_t count = sizeof(transitions) / sizeof(transitions[0]);

	for (size_t i = 0; i < count; i++)
		if (transitions[i].from == from &&
		    transitions[i].event == event) {
			*to = transitions[i].to;
			return true;
		}
	return false;
}
