/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/state/state.h"

static const struct {
	const char *name;
	bool at_work;
	const char *meaning;
} states[STATE_COUNT] = {
#define X(symbol, name, at_work, meaning)                                      \
	[STATE_##symbol] = { name, at_work, meaning },
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

bool
state_is_at_work(enum state state)
{
	assert(state < STATE_COUNT);
	return states[state].at_work;
}

bool
state_is_before_offer(enum state state)
{
	return state == STATE_PROBING || state == STATE_UNLOCKING ||
	    state == STATE_CONFIRMING;
}

bool
state_is_after(enum state state)
{
	return state == STATE_VERIFYING || state == STATE_FINISHING ||
	    state == STATE_FLASHED || state == STATE_VERIFIED;
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
