/* SPDX-License-Identifier: ISC */
/*
 * command -- the program that runs inside the simulation; everything that it
 * started ends with it.
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

/* Fork; on a virtual LAN the child enters a network namespace of its own. */
bool command_prepare(
    struct command *, const struct lan *, char *const argv[], struct error *);

/* Let the child set up its end of the cable, which must exist. */
bool command_connect(struct command *, struct error *);

/* Let the child become the program, when the devices are ready. */
bool command_run(struct command *, struct error *);

/* Return the exit code as a shell has it: 128 + the signal. */
int command_exit_code(int wait_status);

/* End everything that COMMAND has left running. */
void command_sweep(void);

#endif
