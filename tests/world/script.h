/* SPDX-License-Identifier: ISC */
/*
 * script -- what happens in a run: acts of people, devices, the network and the
 * machine, each at its time.  A script is made from a seed, or read from a
 * file, so that a run that failed can be made shorter and kept as a case.
 */
#ifndef TESTS_WORLD_SCRIPT_H
#define TESTS_WORLD_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/state/state.h"

#define SCRIPT_MAX	400
#define SCRIPT_POLICIES 3
#define SCRIPT_IMAGES	2
#define SCRIPT_TEXTS	20 /* of policies; the last has a mistake */
#define SCRIPT_FINISH	10 /* the text with a [Finish] */
#define SCRIPT_KINDS	10 /* of devices */

/* clang-format off */
#define ACTS(X) \
/* symbol, word, weight in a random script, what it does */ \
/* the beginning */ \
X(DEVICE,   "device",    0, "there is a device WHO of the kind VALUE") \
X(POLICY,   "policy",    5, "the file of policy WHO has the text VALUE; 0: none") \
X(IMAGE,    "image",     3, "the file WHO is the image VALUE; 0: none") \
/* the machine */ \
X(KILL,     "kill",      8, "the daemon dies after VALUE operations of the disk") \
X(TERM,     "term",      2, "the daemon is stopped, and started again") \
X(POWER,    "power",     2, "the machine loses its power") \
X(DISK,     "disk",      3, "the disk is fine, full, read-only or broken") \
X(SLOW,     "slow",      1, "each write takes VALUE ms") \
X(SPOIL,    "spoil",     1, "the copies of images are damaged (0) or gone (1)") \
X(CABLE,    "cable",     3, "the cable is in (1) or out (0)") \
X(OWN,      "own",       1, "this machine has another address") \
X(WALL,     "wall",      2, "the clock on the wall is set by VALUE - 5000 minutes") \
X(SLEEP,    "sleep",     1, "the machine sleeps for VALUE seconds") \
X(FREEZE,   "freeze",    1, "the daemon does not get to run for VALUE seconds") \
X(CRASH,    "crash",     0, "the process ends as a bug ends it") \
/* the devices */ \
X(OFF,      "off",       3, "the device WHO loses its power") \
X(ON,       "on",        3, "and has it again") \
X(JOIN,     "join",      4, "somebody joins the device WHO to the Wi-Fi") \
X(MOVE,     "move",      2, "the device WHO has another address") \
X(SWAP,     "swap",      1, "the devices WHO and VALUE swap their addresses") \
X(UPDATE,   "update",    1, "the manufacturer's firmware of WHO is updated") \
X(PAIR,     "pair",      1, "the device WHO is in eWeLink mode (1) or not (0)") \
X(NOISE,    "noise",     6, "for a minute VALUE percent of the calls to WHO go wrong") \
X(STALL,    "stall",     2, "WHO stops when it has VALUE percent") \
X(NEVER,    "never",     2, "WHO does not fetch what it is told next") \
X(VERDICT,  "verdict",   2, "WHO reports VALUE next; 0: nothing") \
X(REPEAT,   "repeat",    2, "WHO repeats what it reports next, VALUE times") \
X(RELOCK,   "relock",    1, "WHO forgets that it was unlocked") \
X(FALL,     "fall",      1, "WHO falls back to its old firmware next") \
X(ANNOUNCE, "announce",  2, "WHO announces itself") \
X(FORGE,    "forge",     3, "somebody announces WHO at the address VALUE") \
X(RUMOURS,  "rumours",   1, "somebody announces WHO VALUE times, in two versions") \
X(STRANGERS, "strangers", 1, "VALUE devices that do not exist are announced") \
/* people */ \
X(RELOAD,   "reload",    5, "reflashctl reload") \
X(HANGUP,   "hangup",    1, "SIGHUP") \
X(APPROVE,  "approve",   6, "reflashctl approve WHO") \
X(FLASH,    "flash",     3, "reflashctl flash WHO") \
X(AGAIN,    "again",     2, "reflashctl flash --again WHO") \
X(WITH,     "with",      2, "reflashctl flash --again --image VALUE WHO") \
X(RETRY,    "retry",     3, "reflashctl retry WHO") \
X(CANCEL,   "cancel",    4, "reflashctl cancel WHO") \
X(FORGET,   "forget",    1, "reflashctl forget WHO") \
X(PAUSE,    "pause",     2, "reflashctl pause") \
X(RESUME,   "resume",    4, "reflashctl resume") \
X(GO_ON,    "go-on",     2, "reflashctl resume the policy WHO") \
X(PLAN,     "plan",      1, "reflashctl plan") \
X(DEVICES,  "devices",   1, "reflashctl devices") \
X(HISTORY,  "history",   1, "reflashctl history")
/* clang-format on */

enum act_kind {
#define X(symbol, word, weight, what) ACT_##symbol,
	ACTS(X)
#undef X
	    ACT_COUNT
};

/*
 * At a time of the run, or so many ms after a device has come into a state for
 * the first time.
 */
struct act {
	uint64_t ms;
	bool is_after;
	unsigned device;
	enum state state;
	enum act_kind kind;
	unsigned who, value;
};

struct script {
	uint64_t seed, kind_ms, end_ms;
	struct act acts[SCRIPT_MAX];
	size_t count;
};

void script_make(struct script *, uint64_t seed);
void script_print(const struct script *, FILE *);
bool script_read(struct script *, FILE *);
const char *script_word(enum act_kind);

/* act.c: plan all acts of the script, and the end. */
void script_play(const struct script *);
void script_state_entered(unsigned device, enum state);

/* The text of a policy's file as it is on the disk now; NULL: no file. */
const char *script_policy_text(unsigned slot);

/* rest.c: what people do. */
void
world_command(enum act_kind, const char *word, const char *id, json_t *args);
void world_signal(int number);
void signals_world_reset(void);

#endif
