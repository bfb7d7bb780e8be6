/* SPDX-License-Identifier: ISC */
/* Looks up the tokens, sentences and advice of the table of reasons. */
#include "config.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/state/reason.h"

static const struct {
	const char *token;
	enum reason_retry retry;
	const char *sentence;
	const char *advice;
} reasons[REASON_COUNT] = { [REASON_NONE] = { NULL, REASON_NEVER, "", "" },
#define X(symbol, token, retry, sentence, advice)                              \
	[REASON_##symbol] = { token, REASON_##retry, sentence, advice },
	REASONS(X)
#undef X
};

const char *
reason_token(enum reason reason)
{
	assert(reason < REASON_COUNT);
	return reasons[reason].token;
}

const char *
reason_sentence(enum reason reason)
{
	assert(reason < REASON_COUNT);
	return reasons[reason].sentence;
}

const char *
reason_advice(enum reason reason)
{
	assert(reason < REASON_COUNT);
	return reasons[reason].advice;
}

enum reason_retry
reason_retry(enum reason reason)
{
	assert(reason < REASON_COUNT);
	return reasons[reason].retry;
}

/* Return how much the reason says about the cause, to compare two attempts. */
static int
weight_of(enum reason reason)
{
	switch (reason) {
	case REASON_NONE:
		return 0;
	case REASON_NOT_OFFERED: /* this machine was in the way */
		return 1;
	case REASON_NO_ANSWER:
		return 2;
	case REASON_WRONG_DEVICE: /* nor did the device itself answer */
		return 3;
	default:
		return 4;
	}
}

enum reason
reason_telling(enum reason earlier, enum reason later)
{
	enum reason_retry retry = reason_retry(later);

	if (retry != REASON_LATER && retry != REASON_AT_ONCE)
		return later; /* nothing follows that */
	return weight_of(earlier) > weight_of(later) ? earlier : later;
}

enum reason
reason_find(const char *token)
{
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		if (strcmp(reasons[r].token, token) == 0)
			return r;
	return REASON_NONE;
}
