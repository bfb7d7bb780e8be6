/* SPDX-License-Identifier: ISC */
/*
 * control -- a Unix socket by which a test changes devices while they run.
 *
 *	set ID KEY=VALUE,...	as --device
 *	announce ID		multicast now
 *	leave ID		switch it off
 *	come ID			switch it on, with its stock firmware
 *	move ID			give it another address
 *	report			the report file, now
 *
 * One line each way; the answer is "ok" or "error: a sentence".  ID may be
 * "#N", the Nth device, or "all".
 */
#ifndef REFLASHD_SIM_CONTROL_H
#define REFLASHD_SIM_CONTROL_H

#include "base/error.h"

struct control;
struct sim;

/* Listen at path; report is the file of --report or NULL; both are borrowed. */
struct control *
control_new(struct sim *, const char *path, const char *report, struct error *);
void control_free(struct control *);

/* Run "reflash-sim control": send a request.  Returns an exit code. */
int control_main(int argc, char *argv[]);

#endif
