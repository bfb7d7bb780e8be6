/* SPDX-License-Identifier: ISC */
/*
 * connector -- opens the one Unix socket to which a sandboxed process may
 * connect.
 *
 *  sandboxed process --connect(2)--> kernel --its number, length--> connector
 *         ^                                                            |
 *         +------- descriptor, connected to the one path <-------------+
 *
 * No filter of the kernel can look at the address of a connect(2).  So each
 * such call of the sandboxed process is stopped.  This small process, which is
 * outside of that filter, connects a socket of its own to the path that was
 * agreed on before, and puts it in the place of the other one
 * (SECCOMP_IOCTL_NOTIF_ADDFD, Linux 5.14).  Whatever address the process asked
 * for: it gets this connection, or EACCES.
 */
#ifndef REFLASHD_CONNECTOR_H
#define REFLASHD_CONNECTOR_H

#include <stdbool.h>

/*
 * Fork the connector, which may connect to path alone.  Returns the descriptor
 * over which it is to be handed the filter's listener, or -1 with errno.
 * confine runs in the connector before anything else.  The connector ends with
 * the last process that has the filter.
 */
int connector_start(const char *path, void (*confine)(void *ctx), void *ctx);

/*
 * Return true if this kernel lets the connector put a connection in the place
 * of a socket, as Linux from 5.9 on does.
 */
bool connector_can_work(int listener);

/* Hand over the listener of the filter, and close both descriptors. */
bool connector_hand_over(int connector, int listener);

#endif
