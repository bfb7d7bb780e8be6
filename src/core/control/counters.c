/* SPDX-License-Identifier: ISC */
/* Counts the lines of the history, for the metrics of the daemon. */
#include "config.h"

#include "core/control/counters.h"

static const unsigned bounds[] = { COUNTERS_BOUNDS };

unsigned
counters_bound(size_t i)
{
	return bounds[i];
}

bool
counters_is_end(enum state state)
{
	return !state_is_at_work(state);
}

/* Count how long a flash took that is in the history with so many seconds. */
static void
add_duration(struct counters *counters, json_int_t seconds)
{
	size_t i = 0;

	while (i < COUNTERS_BOUND_COUNT && seconds > (json_int_t)bounds[i])
		i++;
	counters->took[i]++;
	counters->took_s += (uint64_t)seconds;
}

void
counters_add(struct counters *counters, const json_t *line, int64_t now)
{
	const char *name = json_string_value(json_object_get(line, "state"));
	const char *why = json_string_value(json_object_get(line, "reason"));
	enum reason reason = why != NULL ? reason_find(why) : REASON_NONE;
	json_int_t seconds =
	    json_integer_value(json_object_get(line, "seconds"));
	enum state state;

	if (name == NULL || !state_find(name, &state))
		return;
	counters->ends[state]++;
	counters->last[state] = now;
	if (state_is_success(state))
		add_duration(counters, seconds > 0 ? seconds : 0);
	else if (state == STATE_FAILED || state == STATE_HELD)
		counters->why[reason]++; /* none: a person has cancelled it */
}

static json_t *
ends_json(const struct counters *counters)
{
	json_t *ends = json_object();

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (counters_is_end(s))
			json_object_set_new(ends, state_name(s),
			    json_integer((json_int_t)counters->ends[s]));
	return ends;
}

static json_t *
last_json(const struct counters *counters)
{
	json_t *last = json_object();

	for (enum state s = 0; s < STATE_COUNT; s++)
		if (counters_is_end(s))
			json_object_set_new(last, state_name(s),
			    counters->last[s] > 0
				? json_integer((json_int_t)counters->last[s])
				: json_null());
	return last;
}

static json_t *
reasons_json(const struct counters *counters)
{
	json_t *reasons = json_object();

	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		json_object_set_new(reasons, reason_token(r),
		    json_integer((json_int_t)counters->why[r]));
	return reasons;
}

static json_t *
durations_json(const struct counters *counters)
{
	json_t *ends = json_array(), *counts = json_array();

	for (size_t i = 0; i <= COUNTERS_BOUND_COUNT; i++) {
		if (i < COUNTERS_BOUND_COUNT)
			json_array_append_new(ends, json_integer(bounds[i]));
		json_array_append_new(
		    counts, json_integer((json_int_t)counters->took[i]));
	}
	return json_pack("{s:o, s:o, s:I}", "bounds", ends, "counts", counts,
	    "seconds", (json_int_t)counters->took_s);
}

json_t *
counters_json(const struct counters *counters)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "ends", ends_json(counters),
	    "last", last_json(counters), "reasons", reasons_json(counters),
	    "durations", durations_json(counters));
}
