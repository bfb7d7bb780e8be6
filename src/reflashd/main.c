/* SPDX-License-Identifier: ISC */
/* reflashd -- the daemon: options, then the daemon's life. */
#include "config.h"

#include <stdio.h>

#include "base/log.h"

int
main(void)
{
	log_open("reflashd");
	log_info("version %s", PACKAGE_VERSION);
	return 0;
}
