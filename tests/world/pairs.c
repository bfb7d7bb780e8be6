/* SPDX-License-Identifier: ISC */
/* Counts what met what, and knows what never can. */
#include "config.h"

#include <string.h>

#include "tests/world/pairs.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth_parts.h"

/* Acts that no random script has, whatever the state of a device. */
static const struct {
	enum act_kind kind;
	const char *why;
} no_acts[] = {
	{ ACT_DEVICE, "all devices are there when the daemon first starts" },
	{ ACT_CRASH, "the run would end: tests/world/crash.script has it" },
};

/* Steps of the table of states that the world cannot show. */
static const struct {
	enum state old, now;
	const char *why;
} no_steps[] = {
	{ STATE_FINISHING, STATE_VERIFYING,
	    "no policy of the world upgrades, or waits for a file" },
	{ STATE_OFFERING, STATE_PROBING,
	    "no device of the world answers an offer with 409" },
	{ STATE_FLASHED, STATE_PROBING,
	    "what has left is not there, so an order holds it first" },
	{ STATE_VERIFIED, STATE_PROBING,
	    "no device of the world gets its old firmware back" },
	{ STATE_VERIFIED, STATE_FAILED,
	    "no device of the world gets its old firmware back" },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *
why_no_act(enum act_kind kind)
{
	for (size_t i = 0; i < COUNT(no_acts); i++)
		if (no_acts[i].kind == kind)
			return no_acts[i].why;
	return NULL;
}

static const char *
why_no_step(enum state old, enum state now)
{
	for (size_t i = 0; i < COUNT(no_steps); i++)
		if (no_steps[i].old == old && no_steps[i].now == now)
			return no_steps[i].why;
	return NULL;
}

/* Whether the act is about one device; others are about all of them. */
static bool
is_about_one(enum act_kind kind)
{
	return (kind >= ACT_OFF && kind <= ACT_RUMOURS) ||
	    (kind >= ACT_APPROVE && kind <= ACT_FORGET);
}

static void
meet(enum act_kind kind, const struct view *view)
{
	if (view->is_known)
		tally_add(&tally->pairs[view->state][kind], 1);
}

void
pairs_act(const struct act *act)
{
	if (act->ms == 0 || !world_is_running())
		return; /* the daemon has no state of anything */
	if (why_no_act(act->kind) != NULL && act->kind != ACT_CRASH)
		world_fail("%s is said never to happen: tests/world/pairs.c",
		    script_word(act->kind));
	for (unsigned i = 0; i < thing_count; i++)
		if (!is_about_one(act->kind) || i == act->who)
			meet(act->kind, &views[i]);
}

/* Return true if an event leads from one state to the other. */
static bool
follows(enum state old, enum state now)
{
	enum state next;

	for (enum state_event event = 0; event < STATE_EVENT_COUNT; event++)
		if (state_next(old, event, &next) && next == now)
			return true;
	return false;
}

void
pairs_step(const char *id, enum state old, enum state now)
{
	if (!follows(old, now))
		world_fail("%s is %s after it was %s: no event leads there", id,
		    state_name(now), state_name(old));
	if (why_no_step(old, now) != NULL)
		world_fail("%s is %s after it was %s, which is said never to "
			   "happen: tests/world/pairs.c",
		    id, state_name(now), state_name(old));
	tally_add(&tally->steps[old][now], 1);
}

/* One number of a table: what is counted, why it cannot be, or that it can. */
struct sum {
	unsigned reached, impossible, missing;
};

static void
count(struct sum *sum, unsigned n, const char *why)
{
	sum->reached += n > 0;
	sum->impossible += n == 0 && why != NULL;
	sum->missing += n == 0 && why == NULL;
}

static void
print_sum(FILE *out, const struct sum *sum, const char *what)
{
	fprintf(out,
	    "%u of %u %s reached; %u cannot be; %u never reached, "
	    "possible\n",
	    sum->reached, sum->reached + sum->impossible + sum->missing, what,
	    sum->impossible, sum->missing);
}

static void
print_acts(FILE *out)
{
	struct sum sum = { 0 };

	for (enum act_kind kind = 0; kind < ACT_COUNT; kind++) {
		const char *why = why_no_act(kind);

		fprintf(out, "%-10s", script_word(kind));
		for (enum state s = 0; s < STATE_COUNT; s++) {
			count(&sum, tally->pairs[s][kind], why);
			if (why == NULL)
				fprintf(out, " %s=%u", state_name(s),
				    tally->pairs[s][kind]);
		}
		fprintf(out, "%s%s\n", why != NULL ? " cannot be: " : "",
		    why != NULL ? why : "");
	}
	for (enum act_kind kind = 0; kind < ACT_COUNT; kind++)
		for (enum state s = 0; s < STATE_COUNT; s++)
			if (tally->pairs[s][kind] == 0 &&
			    why_no_act(kind) == NULL)
				fprintf(out,
				    "never reached, possible: %s while %s\n",
				    script_word(kind), state_name(s));
	print_sum(out, &sum, "pairs of an act and a state");
}

static void
print_steps(FILE *out)
{
	struct sum sum = { 0 };

	for (enum state old = 0; old < STATE_COUNT; old++)
		for (enum state now = 0; now < STATE_COUNT; now++) {
			unsigned n = tally->steps[old][now];
			const char *why = why_no_step(old, now);

			if (!follows(old, now) || old == now)
				continue; /* that is no step */
			count(&sum, n, why);
			if (n > 0)
				fprintf(out, "%s -> %s: %u\n", state_name(old),
				    state_name(now), n);
			else
				fprintf(out, "%s -> %s: %s%s\n",
				    state_name(old), state_name(now),
				    why != NULL ? "cannot be: "
						: "never reached, possible",
				    why != NULL ? why : "");
		}
	print_sum(out, &sum, "steps of the table of states");
}

void
pairs_print(FILE *out)
{
	print_acts(out);
	print_steps(out);
}
