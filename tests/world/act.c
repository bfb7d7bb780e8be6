/* SPDX-License-Identifier: ISC */
/* Does what a script says: to the machine, the devices and the daemon. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/world/parts.h"
#include "tests/world/script.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"

static const char *const contents[] = { NULL, "lite-9.5.0", "lite-8.5.0",
	"esphome-1", "damaged" };
static const char *const image_files[SCRIPT_IMAGES] = { "a.bin", "b.bin" };

/* clang-format off */
#define ALL "[Match]\nType=diy_plug\n[Flash]\nImage=a.bin\nAction="
static const char *const texts[SCRIPT_TEXTS] = {
	NULL,
	ALL "flash\n",
	ALL "ask\n",
	ALL "flash\n[Rollout]\nCanary=1\nStopAfterFailures=1\n",
	ALL "flash\n[Rollout]\nCanary=2\nSoakSec=10m\n",
	ALL "flash\n[Rollout]\nMaxParallel=1\n",
	ALL "observe\n",
	ALL "ignore\n",
	ALL "flash\nWindow=11:00-13:00\n",
	"[Match]\nType=diy_plug\n[Flash]\nAction=flash\nImage=b.bin\n",
	ALL "flash\n[Finish]\nCommand=PowerOnState 1\nCommand=TelePeriod 60\n",
	"[Match]\nType=diy_plug\nFirmware=>=3.5\n[Flash]\nAction=flash\nImage=a.bin\n",
	"[Match]\nDeviceId=1000a00001\n[Flash]\nAction=flash\nImage=a.bin\n",
	ALL "flash\nAttempts=1\n",
	ALL "ask\n[Rollout]\nCanary=1\n[Verify]\nTimeoutSec=60\n",
	ALL "flash\n[Rollout]\nStopAfterFailures=1\n",
	ALL "flash\nAttempts=1\n[Rollout]\nStopAfterFailures=1\n",
	ALL "flash\nAttempts=1\n[Rollout]\nCanary=1\n",
	ALL "flash\n[Verify]\nExpect=tasmota\nTimeoutSec=120\n",
	"[Match]\nType=diy_plug\n[Flash]\nAction=now\n",
};
#undef ALL

static const struct {
	const char *firmware;
	bool joins, is_encrypted, is_esp32, is_bulb;
} device_kinds[SCRIPT_KINDS] = {
	{ "3.6.0", true, false, false, false },
	{ "3.6.0", false, false, false, false },
	{ "3.3.0", true, false, false, false },
	{ "3.5.0", false, false, false, false },
	{ "3.7.6", true, false, false, false },
	{ "3.7.6", false, false, false, false },
	{ "3.6.0", true, true, false, false },
	{ "3.6.0", true, false, true, false },
	{ "3.6.0", true, false, false, true },
	{ "3.8.1", true, false, false, false },
};
/* clang-format on */

static const struct script *playing;
static bool is_done[SCRIPT_MAX];	  /* acts that waited for a state */
static unsigned on_disk[SCRIPT_POLICIES]; /* texts of the files */
static bool is_kind;			  /* the world does no more harm */

const char *
script_policy_text(unsigned slot)
{
	return texts[on_disk[slot]];
}

static void
add_device(unsigned who, unsigned kind)
{
	struct thing *thing = &things[who];

	*thing = (struct thing){ .n = who,
		.last = LAN_FIRST + who,
		.is_on = true,
		.is_joined = true,
		.seq = 1,
		.joins = device_kinds[kind].joins,
		.is_encrypted = device_kinds[kind].is_encrypted,
		.is_esp32 = device_kinds[kind].is_esp32,
		.is_bulb = device_kinds[kind].is_bulb };
	snprintf(thing->id, sizeof(thing->id), "1000a0%04x", who + 1);
	snprintf(
	    thing->mac, sizeof(thing->mac), "d8:f1:5b:00:00:%02x", who + 1);
	snprintf(thing->firmware, sizeof(thing->firmware), "%s",
	    device_kinds[kind].firmware);
	if (thing_count <= who)
		thing_count = who + 1;
}

static void
order(const char *word, const struct act *act, const char *key)
{
	const struct thing *thing = &things[act->who];
	json_t *args = json_object();

	if (key != NULL)
		json_object_set_new(args, "id", json_string(thing->id));
	if (act->kind == ACT_AGAIN || act->kind == ACT_WITH)
		json_object_set_new(args, "again", json_true());
	if (act->kind == ACT_WITH && act->value < SCRIPT_IMAGES) {
		truth_orders_image(act->who, act->value);
		json_object_set_new(
		    args, "image", json_string(image_files[act->value]));
	}
	world_command(act->kind, word, key != NULL ? thing->id : "", args);
}

static void
go_on(unsigned slot)
{
	char name[4];

	snprintf(name, sizeof(name), "%u0", slot + 1);
	if (world_is_running()) /* else nobody hears it */
		truth_policy_resumed(slot);
	world_command(
	    ACT_GO_ON, "resume", "", json_pack("{s:s}", "policy", name));
}

static void
strangers(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char id[16];

		snprintf(id, sizeof(id), "1000%06x",
		    world_draw("stranger", 0, 1u << 24));
		scanner_forge(id, lan_address(100 + i % 100), i);
	}
}

static void
spread_rumour(void *ctx)
{
	struct thing *thing = ctx;

	truth_forged(thing);
	scanner_rumour(thing->id, thing_address(thing), thing->seq++);
}

static void
stop_noise(struct thing *thing)
{
	thing->noise_percent = 0;
	thing->noise_until_ms = 0;
}

static void
trouble(struct thing *thing)
{
	thing->had_trouble = true;
}

static bool
is_taken(unsigned last)
{
	for (size_t i = 0; i < thing_count; i++)
		if (things[i].last == last)
			return true;
	return false;
}

static void
do_to_device(const struct act *act)
{
	struct thing *thing = &things[act->who];

	if (act->who >= thing_count || thing->id[0] == '\0')
		return;
	switch (act->kind) {
	case ACT_OFF:
		trouble(thing);
		thing_switch(thing, false);
		break;
	case ACT_ON:
		thing_switch(thing, true);
		break;
	case ACT_JOIN:
		thing->joins = true;
		if (thing->nature == NATURE_TASMOTA && !thing->is_joined)
			thing_join(thing);
		break;
	case ACT_MOVE:
		if (is_taken(act->value))
			break;
		trouble(thing);
		thing_move(thing, act->value);
		break;
	case ACT_SWAP:
		if (act->value < thing_count &&
		    things[act->value].id[0] != '\0') {
			struct thing *other = &things[act->value];
			unsigned last = thing->last;

			trouble(thing);
			trouble(other);
			thing_move(thing, other->last);
			thing_move(other, last);
		}
		break;
	case ACT_UPDATE:
		trouble(thing);
		if (thing->nature == NATURE_STOCK) {
			snprintf(
			    thing->firmware, sizeof(thing->firmware), "3.7.6");
			thing_switch(thing, false);
			thing_switch(thing, true);
		}
		break;
	case ACT_PAIR:
		trouble(thing);
		if (thing->nature == NATURE_STOCK) {
			thing->is_encrypted = act->value != 0;
			thing_switch(thing, false);
			thing_switch(thing, true);
		}
		break;
	case ACT_NOISE:
		trouble(thing);
		thing->noise_percent = act->value;
		thing->noise_until_ms = world_ms() + WORLD_MINUTE;
		break;
	case ACT_STALL:
		trouble(thing);
		thing->stall_at = act->value;
		break;
	case ACT_NEVER:
		trouble(thing);
		thing->never_fetches = true;
		break;
	case ACT_VERDICT:
		trouble(thing);
		thing->bad_verdict = (int)act->value;
		thing->no_verdict = act->value == 0;
		break;
	case ACT_REPEAT:
		thing->repeats = act->value;
		break;
	case ACT_RELOCK:
		trouble(thing);
		thing->locks_itself = true;
		break;
	case ACT_ANNOUNCE:
		thing->seq++;
		thing_announce(thing);
		break;
	case ACT_FALL:
		trouble(thing);
		thing->falls_back = true;
		break;
	case ACT_RUMOURS:
		for (unsigned i = 0; i < act->value; i++)
			world_at(world_ms() + i * 300, spread_rumour, thing);
		break;
	case ACT_FORGE:
		truth_forged(thing);
		scanner_forge(thing->id, lan_address(act->value), 77);
		break;
	default:
		break;
	}
}

static void
do_to_machine(const struct act *act)
{
	switch (act->kind) {
	case ACT_KILL:
		if (act->value > 0)
			world_die_after_disk_operations(act->value);
		else
			world_die();
		break;
	case ACT_TERM:
		world_signal(SIGTERM);
		break;
	case ACT_POWER:
		world_lose_power();
		break;
	case ACT_DISK:
		disk_set_mode((enum disk_mode)act->value);
		break;
	case ACT_SLOW:
		disk_set_slow(act->value);
		break;
	case ACT_SPOIL:
		truth_copies_spoilt();
		disk_spoil("/world/kept", act->value != 0);
		break;
	case ACT_CABLE:
		lan_set_up(act->value != 0);
		break;
	case ACT_OWN:
		lan_set_own(act->value);
		break;
	case ACT_WALL:
		truth_wall_set();
		world_set_wall(world_wall() + ((int)act->value - 5000) * 60);
		break;
	case ACT_SLEEP:
		world_sleep(act->value * WORLD_SECOND);
		break;
	case ACT_FREEZE:
		world_freeze(act->value * WORLD_SECOND);
		break;
	case ACT_CRASH:
		abort();
	case ACT_STRANGERS:
		strangers(act->value);
		break;
	case ACT_HANGUP:
		truth_ordering(ACT_RELOAD, "");
		world_signal(SIGHUP);
		truth_ordered(ACT_RELOAD, "", true);
		break;
	default:
		break;
	}
}

static bool
is_of_devices(enum act_kind kind)
{
	return kind >= ACT_OFF && kind <= ACT_STRANGERS;
}

static void
do_act(void *ctx)
{
	const struct act *act = ctx;

	if (is_kind || (act->kind == ACT_SLEEP && !world_is_running()))
		return;
	/* Nothing is done to a machine that sleeps, nor by its people. */
	if (world_wakes_ms() > world_ms() && !is_of_devices(act->kind)) {
		world_at(world_wakes_ms(), do_act, ctx);
		return;
	}
	truth_act(act);
	world_note("%s %u %u", script_word(act->kind), act->who, act->value);
	switch (act->kind) {
	case ACT_DEVICE:
		add_device(act->who, act->value);
		break;
	case ACT_POLICY:
		on_disk[act->who] = act->value;
		break;
	case ACT_IMAGE:
		images_put(image_files[act->who], contents[act->value]);
		truth_image(act->who, contents[act->value]);
		break;
	case ACT_RELOAD:
	case ACT_PAUSE:
	case ACT_RESUME:
	case ACT_PLAN:
	case ACT_DEVICES:
	case ACT_HISTORY:
		order(script_word(act->kind), act, NULL);
		break;
	case ACT_GO_ON:
		go_on(act->who);
		break;
	case ACT_AGAIN:
	case ACT_WITH:
		order("flash", act, "id");
		break;
	case ACT_APPROVE:
	case ACT_FLASH:
	case ACT_RETRY:
	case ACT_CANCEL:
	case ACT_FORGET:
		order(script_word(act->kind), act, "id");
		break;
	default:
		do_to_device(act);
		do_to_machine(act);
		break;
	}
}

/* Nothing bad happens any more, and people do what they are asked to do. */
static void
be_kind(void *ctx)
{
	(void)ctx;
	world_note("the world is kind from now on");
	is_kind = true;
	disk_set_mode(DISK_FINE);
	disk_set_slow(0);
	lan_set_up(true);
	for (unsigned i = 0; i < SCRIPT_POLICIES; i++)
		if (on_disk[i] == SCRIPT_TEXTS - 1)
			on_disk[i] = 0;
	for (size_t i = 0; i < thing_count; i++) {
		struct thing *thing = &things[i];

		if (thing->id[0] == '\0')
			continue; /* scripts leave numbers out */
		stop_noise(thing);
		thing->stall_at = 0;
		thing->never_fetches = false;
		thing->repeats = 0;
		thing->bad_verdict = 0;
		thing->no_verdict = false;
		thing->falls_back = false;
		thing_switch(thing, true);
		thing->joins = true;
		if (thing->nature == NATURE_TASMOTA && !thing->is_joined)
			thing_join(thing);
	}
}

static void
list_devices(void *ctx)
{
	(void)ctx;
	truth_listing();
	world_command(ACT_DEVICES, "devices", "", json_object());
}

static void
announce_again(void *ctx)
{
	struct thing *thing = ctx;

	thing_announce(thing);
	world_at(world_ms() + 40 * WORLD_SECOND +
		world_draw("again", thing->n, 40000),
	    announce_again, thing);
}

void
script_play(const struct script *script)
{
	playing = script;
	for (size_t i = 0; i < script->count; i++) {
		const struct act *act = &script->acts[i];

		if (act->is_after)
			continue;
		if (act->ms == 0)
			do_act((void *)(uintptr_t)act);
		else
			world_at(act->ms, do_act, (void *)(uintptr_t)act);
	}
	for (size_t i = 0; i < thing_count; i++)
		world_at(world_draw("again", (unsigned)i, 40000),
		    announce_again, &things[i]);
	world_at(script->kind_ms, be_kind, NULL);
	world_at(script->end_ms - 1000, list_devices, NULL);
	world_end_ms = script->end_ms;
}

void
script_state_entered(unsigned device, enum state state)
{
	for (size_t i = 0; i < playing->count && !is_kind; i++) {
		const struct act *act = &playing->acts[i];

		if (!act->is_after || is_done[i] || act->device != device ||
		    act->state != state)
			continue;
		is_done[i] = true;
		world_at(world_ms() + act->ms, do_act, (void *)(uintptr_t)act);
	}
}
