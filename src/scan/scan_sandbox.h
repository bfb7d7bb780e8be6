/* SPDX-License-Identifier: ISC */
/*
 * scan_sandbox -- the sandbox of reflash-scan.
 *
 * The libraries in it read what strangers multicast.  So it may read only what
 * they need (not the state, the policies or the secrets of the daemon, also
 * where it runs as the same user), write nothing, run nothing, send by UDP, and
 * connect to nothing but the system bus of D-Bus, behind which avahi-daemon is.
 */
#ifndef REFLASHD_SCAN_SANDBOX_H
#define REFLASHD_SCAN_SANDBOX_H

#include "base/sandbox.h"

/*
 * Enter the sandbox for good.  The bus is that of DBUS_SYSTEM_BUS_ADDRESS,
 * which has to be "unix:path=...", or the usual one.  Returns said.
 */
char *scan_sandbox_enter(char said[SANDBOX_TEXT_SIZE]);

#endif
