/* SPDX-License-Identifier: ISC */
/*
 * socket -- where the daemon listens, as far as it can be told from here.
 */
#ifndef REFLASHD_REFLASHCTL_SOCKET_H
#define REFLASHD_REFLASHCTL_SOCKET_H

/*
 * given (NULL: not), else REFLASHD_SOCKET, else ControlSocket of the
 * configuration, else the built-in path.  Yours.
 */
char *socket_path(const char *given);

#endif
