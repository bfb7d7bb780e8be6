/* SPDX-License-Identifier: ISC */
/*
 * Looks up the journal id of each reason and state, so that the catalog can
 * explain the line.
 */
#include "config.h"

#include <assert.h>

#include "core/state/message.h"

#define X(...) +1
_Static_assert(0 MESSAGE_REASONS(X) == REASON_COUNT - 1, "a reason has no id");
_Static_assert(0 MESSAGE_STATES(X) == STATE_COUNT, "a state has no id");
_Static_assert(0 MESSAGE_HOLDS(X) == HOLD_COUNT - 1, "a wait has no id");
#undef X

struct message {
	const char *id, *advice;
};

static const char *const of_reason[REASON_COUNT] = {
#define X(symbol, id) [REASON_##symbol] = id,
	MESSAGE_REASONS(X)
#undef X
};

static const struct message of_state[STATE_COUNT] = {
#define X(symbol, id, advice) [STATE_##symbol] = { id, advice },
	MESSAGE_STATES(X)
#undef X
};

static const struct message of_hold[HOLD_COUNT] = {
#define X(symbol, id, advice) [HOLD_##symbol] = { id, advice },
	MESSAGE_HOLDS(X)
#undef X
};

const char *
message_of_reason(enum reason reason)
{
	assert(reason > REASON_NONE && reason < REASON_COUNT);
	return of_reason[reason];
}

const char *
message_of_state(enum state state)
{
	assert(state < STATE_COUNT);
	return of_state[state].id;
}

const char *
message_of_hold(enum hold hold)
{
	assert(hold > HOLD_NONE && hold < HOLD_COUNT);
	return of_hold[hold].id;
}

const char *
message_state_advice(enum state state)
{
	assert(state < STATE_COUNT);
	return of_state[state].advice;
}

const char *
message_hold_advice(enum hold hold)
{
	assert(hold > HOLD_NONE && hold < HOLD_COUNT);
	return of_hold[hold].advice;
}
