/* SPDX-License-Identifier: ISC */
/* Makes scripts from seeds, and writes and reads them as text. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "tests/world/parts.h"
#include "tests/world/script.h"
#include "tests/world/world.h"

static const struct {
	const char *word;
	unsigned weight;
	const char *what;
} kinds[ACT_COUNT] = {
#define X(symbol, word, weight, what) [ACT_##symbol] = { word, weight, what },
	ACTS(X)
#undef X
};

const char *
script_word(enum act_kind kind)
{
	return kinds[kind].word;
}

static void
add(struct script *script, uint64_t ms, enum act_kind kind, unsigned who,
    unsigned value)
{
	if (script->count < SCRIPT_MAX)
		script->acts[script->count++] = (struct act){
			.ms = ms, .kind = kind, .who = who, .value = value
		};
}

static unsigned
draw(unsigned n)
{
	return world_draw("script", 0, n);
}

static enum act_kind
draw_kind(void)
{
	unsigned sum = 0, at;

	for (int i = 0; i < ACT_COUNT; i++)
		sum += kinds[i].weight;
	at = draw(sum);
	for (int i = 0; i < ACT_COUNT; i++) {
		if (at < kinds[i].weight)
			return (enum act_kind)i;
		at -= kinds[i].weight;
	}
	return ACT_PLAN;
}

static unsigned
draw_value(enum act_kind kind, unsigned devices)
{
	switch (kind) {
	case ACT_POLICY:
		return draw(SCRIPT_TEXTS);
	case ACT_IMAGE:
		return draw(5);
	case ACT_KILL:
		return draw(3) == 0 ? 0 : 1 + draw(12);
	case ACT_DISK:
		return draw(2) == 0 ? 0 : draw(4);
	case ACT_SLOW:
		return draw(2) * draw(400);
	case ACT_SPOIL:
	case ACT_CABLE:
	case ACT_PAIR:
		return draw(2);
	case ACT_OWN:
		return 1 + draw(3);
	case ACT_WALL:
		return draw(10000);
	case ACT_SLEEP:
		return 1 + draw(4000);
	case ACT_MOVE:
		return 40 + draw(40);
	case ACT_SWAP:
		return draw(devices);
	case ACT_NOISE:
		return 10 + draw(90);
	case ACT_REPEAT:
		return 1 + draw(5);
	case ACT_WITH:
		return draw(SCRIPT_IMAGES);
	case ACT_STALL:
		return 1 + draw(99);
	case ACT_VERDICT:
		return (unsigned[]){ 0, 404, 409, 410, 406 }[draw(5)];
	case ACT_FORGE:
		return draw(2) == 0 ? LAN_FIRST + draw(devices) : 40 + draw(40);
	case ACT_STRANGERS:
		return 1 + draw(30);
	case ACT_FREEZE:
		return 1 + draw(120);
	case ACT_RUMOURS:
		return 1 + draw(200);
	default:
		return 0;
	}
}

static unsigned
draw_who(enum act_kind kind, unsigned devices)
{
	if (kind == ACT_POLICY || kind == ACT_GO_ON)
		return draw(SCRIPT_POLICIES);
	if (kind == ACT_IMAGE)
		return draw(SCRIPT_IMAGES);
	return draw(devices);
}

/* The states in which a device is at work last for moments only. */
static void
wait_for_state(struct act *act, unsigned devices)
{
	static const enum state brief[] = { STATE_PROBING, STATE_UNLOCKING,
		STATE_CONFIRMING, STATE_VERIFYING, STATE_FINISHING };
	static const enum state states[] = { STATE_PROBING, STATE_UNLOCKING,
		STATE_CONFIRMING, STATE_OFFERING, STATE_DOWNLOADING,
		STATE_REBOOTING, STATE_VERIFYING, STATE_FINISHING,
		STATE_FLASHED, STATE_VERIFIED, STATE_HELD, STATE_FAILED };

	act->is_after = true;
	act->device = draw(3) == 0 ? draw(devices) : act->who % devices;
	act->state = states[draw(sizeof(states) / sizeof(states[0]))];
	act->ms = draw(3) == 0 ? 0 : draw(2) == 0 ? draw(300) : draw(8000);
	if (draw(5) == 0) {
		act->state = brief[draw(sizeof(brief) / sizeof(brief[0]))];
		act->ms = draw(2) == 0 ? draw(20) : draw(600);
	}
}

/* An act of a plot: MS after the one before, at most SPREAD ms later. */
struct step {
	enum act_kind kind;
	unsigned ms, spread, value, values; /* value: as many to choose from */
};

#define MAX_STEPS 4

static const struct plot {
	enum state states[4]; /* one of them begins it; 0: no further one */
	struct step steps[MAX_STEPS];
} plots[] = {
#define AT_WORK                                                                \
	{ STATE_PROBING, STATE_UNLOCKING, STATE_CONFIRMING, STATE_OFFERING }
#define ON_ITS_WAY                                                             \
	{ STATE_OFFERING, STATE_DOWNLOADING, STATE_REBOOTING, STATE_VERIFYING }
#define ENDED { STATE_HELD, STATE_FAILED, STATE_FLASHED, STATE_VERIFIED }
	{ AT_WORK,
	    { { ACT_POLICY, 0, 1500, 0, SCRIPT_TEXTS },
		{ ACT_RELOAD, 0, 200, 0, 1 } } },
	{ AT_WORK,
	    { { ACT_CANCEL, 0, 1500, 0, 1 }, { ACT_KILL, 0, 300, 0, 1 } } },
	{ AT_WORK,
	    { { ACT_PAUSE, 0, 1500, 0, 1 }, { ACT_KILL, 0, 2000, 0, 1 },
		{ ACT_RESUME, 600000, 600000, 0, 1 } } },
	{ AT_WORK,
	    { { ACT_CABLE, 0, 1500, 0, 1 }, { ACT_CABLE, 0, 90000, 1, 1 } } },
	{ AT_WORK,
	    { { ACT_DISK, 0, 2000, 1, 3 }, { ACT_DISK, 0, 90000, 0, 1 } } },
	{ ON_ITS_WAY, { { ACT_KILL, 0, 300, 0, 1 } } },
	{ ON_ITS_WAY, { { ACT_POWER, 0, 6000, 0, 1 } } },
	{ ON_ITS_WAY,
	    { { ACT_KILL, 0, 6000, 0, 1 }, { ACT_OWN, 500, 1500, 1, 3 } } },
	{ ON_ITS_WAY,
	    { { ACT_KILL, 0, 6000, 0, 1 }, { ACT_SPOIL, 0, 2500, 0, 2 } } },
	{ ON_ITS_WAY,
	    { { ACT_CABLE, 0, 6000, 0, 1 }, { ACT_CABLE, 0, 90000, 1, 1 } } },
	{ ON_ITS_WAY, { { ACT_SLEEP, 0, 6000, 1, 900 } } },
	{ ON_ITS_WAY, { { ACT_FREEZE, 0, 6000, 1, 300 } } },
	{ ON_ITS_WAY,
	    { { ACT_OWN, 0, 6000, 1, 3 }, { ACT_OWN, 0, 90000, 1, 1 } } },
	{ ON_ITS_WAY, { { ACT_SWAP, 0, 6000, 0, 8 } } },
	{ ON_ITS_WAY,
	    { { ACT_DISK, 0, 3000, 1, 3 }, { ACT_DISK, 60000, 60000, 0, 1 },
		{ ACT_KILL, 90000, 60000, 0, 1 } } },
	{ ON_ITS_WAY,
	    { { ACT_VERDICT, 0, 3000, 0, 1 }, { ACT_FALL, 0, 1, 0, 1 } } },
	{ ON_ITS_WAY, { { ACT_FALL, 0, 3000, 0, 1 } } },
	{ ON_ITS_WAY,
	    { { ACT_REPEAT, 0, 3000, 1, 5 }, { ACT_VERDICT, 0, 1, 409, 2 } } },
	{ ON_ITS_WAY,
	    { { ACT_REPEAT, 0, 3000, 1, 5 }, { ACT_VERDICT, 0, 1, 404, 1 },
		{ ACT_RETRY, 3000, 9000, 0, 1 } } },
	{ { STATE_SEEN, STATE_HELD },
	    { { ACT_APPROVE, 0, 3000, 0, 1 }, { ACT_KILL, 0, 500, 0, 1 } } },
	{ { STATE_SEEN, STATE_HELD },
	    { { ACT_APPROVE, 0, 500, 0, 1 }, { ACT_IMAGE, 0, 3000, 1, 3 } } },
	{ ENDED,
	    { { ACT_IMAGE, 0, 3000, 1, 3 }, { ACT_KILL, 0, 9000, 0, 1 } } },
	{ ENDED,
	    { { ACT_CANCEL, 0, 3000, 0, 1 }, { ACT_KILL, 0, 900, 0, 1 },
		{ ACT_IMAGE, 4000, 9000, 1, 3 } } },
	{ ENDED, { { ACT_FLASH, 0, 3000, 0, 1 }, { ACT_KILL, 0, 900, 0, 1 } } },
	{ ENDED,
	    { { ACT_CANCEL, 0, 1000, 0, 1 }, { ACT_RETRY, 0, 3000, 0, 1 },
		{ ACT_KILL, 0, 300, 0, 1 } } },
	{ ENDED,
	    { { ACT_AGAIN, 0, 3000, 0, 1 }, { ACT_JOIN, 0, 60000, 0, 1 } } },
	{ { STATE_REBOOTING },
	    { { ACT_FALL, 0, 1000, 0, 1 }, { ACT_OFF, 1000, 1000, 0, 1 },
		{ ACT_AGAIN, 60000, 9000, 0, 1 },
		{ ACT_ON, 1000, 9000, 0, 1 } } },
	{ { STATE_OFFERING, STATE_REBOOTING },
	    { { ACT_VERDICT, 0, 600, 409, 1 }, { ACT_REPEAT, 0, 1, 5, 1 },
		{ ACT_RETRY, 9000, 9000, 0, 1 } } },
	{ { STATE_DOWNLOADING },
	    { { ACT_VERDICT, 0, 1, 409, 1 }, { ACT_REPEAT, 0, 1, 5, 1 },
		{ ACT_KILL, 5000, 3000, 0, 1 } } },
	{ { STATE_HELD },
	    { { ACT_PAIR, 0, 3000, 1, 1 }, { ACT_POLICY, 120000, 9000, 13, 1 },
		{ ACT_RELOAD, 0, 200, 0, 1 } } },
	{ { STATE_HELD, STATE_FAILED },
	    { { ACT_POLICY, 0, 3000, 6, 2 }, { ACT_RELOAD, 0, 200, 0, 1 },
		{ ACT_POLICY, 20000, 9000, 13, 1 },
		{ ACT_RELOAD, 0, 200, 0, 1 } } },
	{ ENDED,
	    { { ACT_WITH, 0, 3000, 0, SCRIPT_IMAGES },
		{ ACT_JOIN, 0, 60000, 0, 1 } } },
	{ ENDED,
	    { { ACT_FORGET, 0, 3000, 0, 1 }, { ACT_KILL, 0, 900, 0, 1 } } },
	{ ENDED, { { ACT_KILL, 0, 9000, 0, 1 } } },
#undef AT_WORK
#undef ON_ITS_WAY
#undef ENDED
};

#define PLOTS (sizeof(plots) / sizeof(plots[0]))

static enum state
draw_state(const struct plot *plot)
{
	unsigned n = 1;

	while (n < 4 && plot->states[n] != 0)
		n++;
	return plot->states[draw(n)];
}

static void
add_plot(struct script *script, unsigned devices)
{
	const struct plot *plot = &plots[draw(PLOTS)];
	unsigned device = draw(devices);
	enum state state = draw_state(plot);
	uint64_t ms = 0;

	for (int i = 0; i < MAX_STEPS; i++) {
		const struct step *step = &plot->steps[i];
		enum act_kind kind = step->kind;
		struct act *act;

		if (step->spread == 0 || script->count == SCRIPT_MAX)
			return;
		ms += step->ms +
		    draw(draw(2) == 0 ? step->spread : step->spread / 8 + 1);
		add(script, ms, kind,
		    kind == ACT_POLICY || kind == ACT_IMAGE
			? draw_who(kind, devices)
			: device,
		    step->value + draw(step->values));
		act = &script->acts[script->count - 1];
		act->is_after = true;
		act->device = device;
		act->state = state;
	}
}

static void
sort(struct script *script)
{
	for (size_t i = 1; i < script->count; i++)
		for (size_t k = i;
		    k > 0 && script->acts[k].ms < script->acts[k - 1].ms; k--) {
			struct act act = script->acts[k];

			script->acts[k] = script->acts[k - 1];
			script->acts[k - 1] = act;
		}
}

void
script_make(struct script *script, uint64_t seed)
{
	unsigned devices, acts;
	uint64_t ms = 0;

	world_begin(seed);
	*script = (struct script){ .seed = seed };
	devices = 1 + draw(7);
	acts = 4 + draw(60);
	script->kind_ms = (uint64_t)(10 + draw(110)) * WORLD_MINUTE;
	script->end_ms = script->kind_ms + 4 * WORLD_HOUR;
	for (unsigned i = 0; i < devices; i++)
		add(script, 0, ACT_DEVICE, i, draw(SCRIPT_KINDS));
	add(script, 0, ACT_IMAGE, 0, 1);
	add(script, 0, ACT_IMAGE, 1, 1 + draw(3));
	/* Only one text has a [Finish], and with it all that sets up. */
	add(script, 0, ACT_POLICY, draw(SCRIPT_POLICIES),
	    draw(6) == 0 ? SCRIPT_FINISH : 1 + draw(SCRIPT_TEXTS - 2));
	for (unsigned i = 0; i < acts; i++) {
		enum act_kind kind = draw_kind();

		/* A flash takes a minute: most happens within one. */
		if (draw(3) == 0)
			ms = draw((unsigned)script->kind_ms);
		else
			ms += draw(20000);

		add(script, ms, kind, draw_who(kind, devices),
		    draw_value(kind, devices));
		if (draw(2) == 0)
			wait_for_state(
			    &script->acts[script->count - 1], devices);
		if (draw(4) == 0)
			add_plot(script, devices);
		/* A file counts when it is read: mostly soon. */
		if (kind == ACT_POLICY && draw(4) != 0)
			add(script, ms + draw(20000), ACT_RELOAD, 0, 0);
	}
	sort(script);
}

void
script_print(const struct script *script, FILE *out)
{
	fprintf(out, "seed %" PRIu64 "\nkind %" PRIu64 "\nend %" PRIu64 "\n",
	    script->seed, script->kind_ms, script->end_ms);
	for (size_t i = 0; i < script->count; i++) {
		const struct act *act = &script->acts[i];

		if (act->is_after)
			fprintf(out, "@%u:%s+", act->device,
			    state_name(act->state));
		fprintf(out, "%" PRIu64 " %s %u %u\n", act->ms,
		    kinds[act->kind].word, act->who, act->value);
	}
}

static bool
read_act(struct script *script, const char *line)
{
	char word[32], state[32];
	struct act act = { 0 };
	int at = 0;

	if (sscanf(line, "@%u:%31[a-z]+%n", &act.device, state, &at) == 2) {
		act.is_after = true;
		if (!state_find(state, &act.state))
			return false;
	}
	if (sscanf(line + at, "%" SCNu64 " %31s %u %u", &act.ms, word, &act.who,
		&act.value) != 4)
		return false;
	for (int i = 0; i < ACT_COUNT; i++)
		if (strcmp(kinds[i].word, word) == 0) {
			act.kind = (enum act_kind)i;
			if (script->count < SCRIPT_MAX)
				script->acts[script->count++] = act;
			return true;
		}
	return false;
}

bool
script_read(struct script *script, FILE *in)
{
	char line[200];

	*script = (struct script){ 0 };
	while (fgets(line, sizeof(line), in) != NULL) {
		if (line[0] == '#' || line[0] == '\n' ||
		    sscanf(line, "seed %" SCNu64, &script->seed) == 1 ||
		    sscanf(line, "kind %" SCNu64, &script->kind_ms) == 1 ||
		    sscanf(line, "end %" SCNu64, &script->end_ms) == 1)
			continue;
		if (!read_act(script, line)) {
			fprintf(
			    stderr, "world: not a line of a script: %s", line);
			return false;
		}
	}
	return script->end_ms > 0;
}
