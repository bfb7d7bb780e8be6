/* SPDX-License-Identifier: ISC */
/* socket_path -- where the control socket of the daemon is. */
#ifndef REFLASHD_SOCKET_PATH_H
#define REFLASHD_SOCKET_PATH_H

/*
 * Return the path, yours: given unless that is NULL, else REFLASHD_SOCKET, else
 * ControlSocket of the configuration, else the built-in path.  *source names
 * where it is from, and is constant.
 */
char *socket_path(const char *given, const char **source);

#endif
