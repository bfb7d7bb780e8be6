/* SPDX-License-Identifier: ISC */
/*
 * command -- the program that is run inside of the simulation, and everything
 * it leaves behind: whatever it started ends with it.
 */
#ifndef REFLASHD_SIM_COMMAND_H
#define REFLASHD_SIM_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct lan;

struct command {
	pid_t pid;
	int channel;
};

/* Fork; on a virtual LAN the child is in a network namespace of its own. */
bool command_prepare(
    struct command *, const struct lan *, char *const argv[], struct error *);

/* Once the cable is there: let the child set up its end. */
bool command_connect(struct command *, struct error *);

/* Once the devices are there: let it become the program. */
bool command_run(struct command *, struct error *);

/* Its exit code as a shell has it, 128 + signal. */
int command_exit_code(int wait_status);

/* End whatever is left of it. */
void command_sweep(void);

#endif
