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

/* A sentence that is being built; only its first part names the devices. */
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

static void
add_held(struct sentence *sentence, enum hold hold, unsigned count)
{
	if (hold == HOLD_PAUSED || hold == HOLD_ABSENT ||
	    hold == HOLD_BACKOFF || hold == HOLD_CANCELLED)
		add(sentence, count, "held: ", "held: ", hold_name(hold));
	else
		add(sentence, count, "waits for ", "wait for ",
		    hold_name(hold));
}

char *
forecast_text(const struct forecast *forecast)
{
	struct sentence sentence = { NULL };

	add(&sentence, forecast->flash, "would now be flashed",
	    "would now be flashed", "");
	add(&sentence, forecast->work, "is at work", "are at work", "");
	for (enum hold h = HOLD_NONE + 1; h < HOLD_COUNT; h++)
		add_held(&sentence, h, forecast->held[h]);
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
