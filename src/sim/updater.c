/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "sim/tasmota.h"
#include "sim/updater.h"

void
updater_start(struct tasmota *t)
{
	(void)t;
}
