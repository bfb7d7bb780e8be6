/* SPDX-License-Identifier: ISC */
/*
 * Holds the table of the states of a device and of the events that lead from
 * one to another.
 */
#include "config.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/state/state.h"

/* In the order in which a device goes through them. */
enum phase {
	IDLE,	      /* no job */
	BEFORE_OFFER, /* a job that has told the device nothing that lasts */
	FETCHING,     /* the device was told to fetch */
	RESTARTING,   /* the device has the whole image */
	AFTER,	      /* the device has left its old firmware */
	SUCCESS,
	FAILURE,
};

static const struct {
	const char *name;
	enum phase phase;
	const char *meaning;
} states[STATE_COUNT] = {
#define X(symbol, name, phase, meaning)                                        \
	[STATE_##symbol] = { name, phase, meaning },
	STATES(X)
#undef X
};

static const struct {
	const char *name;
	const char *meaning;
} holds[HOLD_COUNT] = { [HOLD_NONE] = { NULL, "" },
#define X(symbol, name, meaning) [HOLD_##symbol] = { name, meaning },
	HOLDS(X)
#undef X
};

const char *
state_name(enum state state)
{
	assert(state < STATE_COUNT);
	return states[state].name;
}

const char *
state_meaning(enum state state)
{
	assert(state < STATE_COUNT);
	return states[state].meaning;
}

static enum phase
phase_of(enum state state)
{
	assert(state < STATE_COUNT);
	return states[state].phase;
}

bool
state_is_idle(enum state state)
{
	return phase_of(state) == IDLE;
}

bool
state_is_at_work(enum state state)
{
	return phase_of(state) >= BEFORE_OFFER && phase_of(state) <= AFTER;
}

bool
state_is_before_offer(enum state state)
{
	return phase_of(state) == BEFORE_OFFER;
}

bool
state_is_fetching(enum state state)
{
	return phase_of(state) == FETCHING;
}

bool
state_is_under_way(enum state state)
{
	return phase_of(state) == FETCHING || phase_of(state) == RESTARTING;
}

bool
state_is_setting_up(enum state state)
{
	return phase_of(state) == AFTER;
}

bool
state_is_success(enum state state)
{
	return phase_of(state) == SUCCESS;
}

bool
state_is_ended(enum state state)
{
	return phase_of(state) >= SUCCESS;
}

bool
state_is_after(enum state state)
{
	return phase_of(state) == AFTER || phase_of(state) == SUCCESS;
}

bool
state_find(const char *name, enum state *out)
{
	for (enum state s = 0; s < STATE_COUNT; s++)
		if (strcmp(states[s].name, name) == 0) {
			*out = s;
			return true;
		}
	return false;
}

const char *
hold_name(enum hold hold)
{
	assert(hold < HOLD_COUNT);
	return holds[hold].name;
}

const char *
hold_meaning(enum hold hold)
{
	assert(hold < HOLD_COUNT);
	return holds[hold].meaning;
}

enum hold
hold_find(const char *name)
{
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		if (strcmp(holds[h].name, name) == 0)
			return h;
	return HOLD_NONE;
}

/* clang-format off */
/*
 * The states to which a decision may move a device that has been told nothing.
 */
#define DECIDED(from)						\
	{ STATE_##from,	STATE_EVENT_OBSERVE, STATE_SEEN },		\
	{ STATE_##from,	STATE_EVENT_IGNORE,	 STATE_IGNORED },	\
	{ STATE_##from,	STATE_EVENT_REFUSE,	 STATE_REFUSED },	\
	{ STATE_##from,	STATE_EVENT_HOLD,	 STATE_HELD },		\
	{ STATE_##from,	STATE_EVENT_FAIL,	 STATE_FAILED }

static const struct {
	enum state from;
	enum state_event event;
	enum state to;
} transitions[] = {
	DECIDED(SEEN),
	DECIDED(IGNORED),
	DECIDED(REFUSED),
	DECIDED(HELD),
	DECIDED(PROBING),
	DECIDED(UNLOCKING),
	DECIDED(CONFIRMING),
	{ STATE_SEEN,	     STATE_EVENT_START,    STATE_PROBING },
	{ STATE_IGNORED,     STATE_EVENT_START,    STATE_PROBING },
	{ STATE_REFUSED,     STATE_EVENT_START,    STATE_PROBING },
	{ STATE_HELD,	     STATE_EVENT_START,    STATE_PROBING },
	{ STATE_SEEN,	     STATE_EVENT_CANCEL,   STATE_HELD },
	{ STATE_IGNORED,     STATE_EVENT_CANCEL,   STATE_HELD },
	{ STATE_REFUSED,     STATE_EVENT_CANCEL,   STATE_HELD },
	{ STATE_HELD,	     STATE_EVENT_CANCEL,   STATE_HELD },
	{ STATE_HELD,	     STATE_EVENT_BACK,     STATE_VERIFYING },

	{ STATE_PROBING,     STATE_EVENT_DONE,     STATE_UNLOCKING },
	{ STATE_PROBING,     STATE_EVENT_UNLOCKED, STATE_CONFIRMING },
	{ STATE_PROBING,     STATE_EVENT_AGAIN,    STATE_HELD },
	{ STATE_PROBING,     STATE_EVENT_CANCEL,   STATE_HELD },

	/* The answer does not matter, nor does silence: the next look tells. */
	{ STATE_UNLOCKING,   STATE_EVENT_DONE,     STATE_CONFIRMING },
	{ STATE_UNLOCKING,   STATE_EVENT_AGAIN,    STATE_HELD },
	{ STATE_UNLOCKING,   STATE_EVENT_CANCEL,   STATE_HELD },

	{ STATE_CONFIRMING,  STATE_EVENT_DONE,     STATE_OFFERING },
	{ STATE_CONFIRMING,  STATE_EVENT_LOCKED,   STATE_UNLOCKING },
	{ STATE_CONFIRMING,  STATE_EVENT_AGAIN,    STATE_HELD },
	{ STATE_CONFIRMING,  STATE_EVENT_CANCEL,   STATE_HELD },

	/* No cancel from here on: the device has been told to fetch. */
	{ STATE_OFFERING,    STATE_EVENT_DONE,     STATE_DOWNLOADING },
	{ STATE_OFFERING,    STATE_EVENT_LOCKED,   STATE_UNLOCKING },
	{ STATE_OFFERING,    STATE_EVENT_AGAIN,    STATE_HELD },
	{ STATE_OFFERING,    STATE_EVENT_AT_ONCE,  STATE_PROBING },
	{ STATE_OFFERING,    STATE_EVENT_FAIL,     STATE_FAILED },

	{ STATE_DOWNLOADING, STATE_EVENT_DONE,     STATE_REBOOTING },
	{ STATE_DOWNLOADING, STATE_EVENT_AGAIN,    STATE_HELD },
	{ STATE_DOWNLOADING, STATE_EVENT_AT_ONCE,  STATE_PROBING },
	{ STATE_DOWNLOADING, STATE_EVENT_FAIL,     STATE_FAILED },

	{ STATE_REBOOTING,   STATE_EVENT_DONE,     STATE_VERIFYING },
	{ STATE_REBOOTING,   STATE_EVENT_LEFT,     STATE_FLASHED },
	{ STATE_REBOOTING,   STATE_EVENT_AGAIN,    STATE_HELD },
	{ STATE_REBOOTING,   STATE_EVENT_AT_ONCE,  STATE_PROBING },
	{ STATE_REBOOTING,   STATE_EVENT_FAIL,     STATE_FAILED },

	{ STATE_VERIFYING,   STATE_EVENT_DONE,     STATE_FINISHING },
	{ STATE_VERIFYING,   STATE_EVENT_BACK,     STATE_VERIFIED },
	{ STATE_VERIFYING,   STATE_EVENT_LEFT,     STATE_FLASHED },
	{ STATE_VERIFYING,   STATE_EVENT_STOCK,    STATE_FAILED },
	{ STATE_VERIFYING,   STATE_EVENT_FAIL,     STATE_FAILED },

	{ STATE_FINISHING,   STATE_EVENT_DONE,     STATE_VERIFIED },
	{ STATE_FINISHING,   STATE_EVENT_VERIFY,   STATE_VERIFYING },
	{ STATE_FINISHING,   STATE_EVENT_STOCK,    STATE_FAILED },
	{ STATE_FINISHING,   STATE_EVENT_FAIL,     STATE_FAILED },

	/* An end, which a later sight, another image or a person can undo. */
	{ STATE_FLASHED,     STATE_EVENT_BACK,     STATE_VERIFYING },
	{ STATE_FLASHED,     STATE_EVENT_STOCK,    STATE_FAILED },
	{ STATE_FLASHED,     STATE_EVENT_HOLD,     STATE_HELD },
	{ STATE_FLASHED,     STATE_EVENT_START,    STATE_PROBING },
	{ STATE_VERIFIED,    STATE_EVENT_STOCK,    STATE_FAILED },
	{ STATE_VERIFIED,    STATE_EVENT_HOLD,     STATE_HELD },
	{ STATE_VERIFIED,    STATE_EVENT_START,    STATE_PROBING },
	{ STATE_FAILED,	     STATE_EVENT_REFUSE,   STATE_REFUSED },
	{ STATE_FAILED,	     STATE_EVENT_HOLD,     STATE_HELD },
	{ STATE_FAILED,	     STATE_EVENT_START,    STATE_PROBING },
	{ STATE_FAILED,	     STATE_EVENT_VERIFY,   STATE_VERIFYING },
	{ STATE_FAILED,	     STATE_EVENT_BACK,     STATE_VERIFYING },
	{ STATE_FAILED,	     STATE_EVENT_STOCK,    STATE_FAILED },
};
/* clang-format on */

static const char *const event_names[] = {
#define X(symbol) [STATE_EVENT_##symbol] = #symbol,
	STATE_EVENTS(X)
#undef X
};

const char *
state_event_name(enum state_event event)
{
	assert(event < STATE_EVENT_COUNT);
	return event_names[event];
}

bool
state_next(enum state from, enum state_event event, enum state *to)
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
