/* SPDX-License-Identifier: ISC */
/*
 * Counts what is decided about all devices, and puts the counts into one
 * sentence, for a reload.
 */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "core/schedule/forecast.h"

void
forecast_add(struct forecast *forecast, const struct device *device,
    const struct decision *decision)
{
	switch (decision->what) {
	case DECIDE_START:
	case DECIDE_VERIFY:
		forecast->flash++;
		break;
	case DECIDE_HOLD:
		forecast->held[decision->hold]++;
		break;
	case DECIDE_REFUSE:
		forecast->refused[decision->reason]++;
		break;
	case DECIDE_OBSERVE:
		forecast->observe++;
		break;
	case DECIDE_IGNORE:
		forecast->ignore++;
		break;
	case DECIDE_ASK:
		forecast->ask++;
		break;
	case DECIDE_FAIL:
		forecast->ended++;
		break;
	case DECIDE_NOTHING:
		if (state_is_at_work(device->state))
			forecast->work++;
		else
			forecast->ended++;
		break;
	}
}

/* A sentence under construction; only its first part says "devices". */
struct sentence {
	char *text; /* owned; NULL: nothing yet */
};

/*
 * Append ", 1 ONE TAIL" or ", 3 MANY TAIL" to the sentence; nothing if the
 * count is 0.  The tail may be "".
 */
static void
add(struct sentence *sentence, unsigned count, const char *one,
    const char *many, const char *tail)
{
	const char *noun = count == 1 ? " device" : " devices";
	char *longer;

	if (count == 0)
		return;
	longer = xasprintf("%s%s%u%s %s%s",
	    sentence->text != NULL ? sentence->text : "",
	    sentence->text != NULL ? ", " : "", count,
	    sentence->text != NULL ? "" : noun, count == 1 ? one : many, tail);
	free(sentence->text);
	sentence->text = longer;
}

/* The verb for one device that waits, and for many. */
static const char *const waits[HOLD_COUNT][2] = {
	[HOLD_APPROVAL] = { "waits for approval", "wait for approval" },
	[HOLD_WINDOW] = { "waits for the policy's hours",
	    "wait for the policy's hours" },
	[HOLD_SLOT] = { "waits its turn", "wait their turn" },
	[HOLD_CANARY] = { "waits for the first devices to succeed",
	    "wait for the first devices to succeed" },
	[HOLD_SOAK] = { "waits while the first devices are watched",
	    "wait while the first devices are watched" },
	[HOLD_BACKOFF] = { "waits for its next attempt",
	    "wait for their next attempt" },
	[HOLD_PAUSED] = { "is paused", "are paused" },
	[HOLD_DISK] = { "waits until the state can be saved",
	    "wait until the state can be saved" },
	[HOLD_ABSENT] = { "is absent", "are absent" },
	[HOLD_NETWORK] = { "waits for its network", "wait for their network" },
	[HOLD_CANCELLED] = { "is cancelled", "are cancelled" },
};

char *
forecast_text(const struct forecast *forecast)
{
	struct sentence sentence = { NULL };

	add(&sentence, forecast->flash, "would now be flashed",
	    "would now be flashed", "");
	add(&sentence, forecast->work, "is at work", "are at work", "");
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		add(&sentence, forecast->held[h], waits[h][0], waits[h][1], "");
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		add(&sentence, forecast->refused[r],
		    "refused: ", "refused: ", reason_token(r));
	add(&sentence, forecast->ask, "is asked about itself first",
	    "are asked about themselves first", "");
	add(&sentence, forecast->observe, "only observed", "only observed", "");
	add(&sentence, forecast->ignore, "ignored", "ignored", "");
	add(&sentence, forecast->ended, "at an end", "at an end", "");
	return sentence.text != NULL ? sentence.text
				     : xstrdup("no device is known yet");
}
