/* SPDX-License-Identifier: ISC */
/* parts -- what the files of tests/world share, and no other file needs. */
#ifndef TESTS_WORLD_PARTS_H
#define TESTS_WORLD_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/state/state.h"
#include "tests/world/script.h"
#include "tests/world/world.h"

extern uint64_t world_seed;
extern uint64_t world_end_ms;

/* What all runs have done together. */
struct tally {
	uint64_t world_ms;
	unsigned failed, lives, devices, flashes;
	unsigned pairs[STATE_COUNT][ACT_COUNT], steps[STATE_COUNT][STATE_COUNT];
};

extern struct tally *tally;
void tally_add(unsigned *counter, unsigned n);

/* loop.c */
void loop_network_changed(void);
void loop_disk_operation(void);
/* Run the daemon until it ends or is killed. */
void loop_live(void (*life)(void *ctx), void *ctx);
/* world.c: the machine stops at once, and starts again. */
void world_lose_power(void);

/* client.c, server.c, control.c, scanner.c: the daemon is gone. */
void client_world_reset(void);
void server_world_reset(void);
void control_world_reset(void);
void scanner_world_reset(void);

/* truth.c: what must hold at any time, and what the daemon tells. */
void truth_check(void);
void truth_heard(const json_t *event);
struct thing;
void truth_told(struct thing *, const char *sha256);

#endif
