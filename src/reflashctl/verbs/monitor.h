/* SPDX-License-Identifier: ISC */
/*
 * monitor -- one line for each change, until the daemon goes away.
 */
#ifndef REFLASHD_REFLASHCTL_MONITOR_H
#define REFLASHD_REFLASHCTL_MONITOR_H

#include <stdbool.h>

#include "reflashctl/ctl.h"

/* Print changes; list_first: first a line for each present device. */
int monitor_run(struct ctl *, bool list_first);

#endif
