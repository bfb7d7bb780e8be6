/* SPDX-License-Identifier: ISC */
/*
 * commands -- what each request on the control socket does.
 */
#ifndef REFLASHD_COMMANDS_H
#define REFLASHD_COMMANDS_H

#include "io/control/control.h"

/* For control_new(), with the daemon as its ctx. */
extern const struct control_ops commands_control_ops;

#endif
