/* SPDX-License-Identifier: ISC */
/*
 * socket -- where the daemon listens, as far as it can be told from here.
 */
#ifndef REFLASHD_REFLASHCTL_SOCKET_H
#define REFLASHD_REFLASHCTL_SOCKET_H

/*
 * given (NULL: not), else REFLASHD_SOCKET, else ControlSocket of the
 * configuration, else the built-in path.  Yours.  source becomes the words for
 * that, borrowed for ever.
 */
char *socket_path(const char *given, const char **source);

/*
 * What a person can do, on stderr: who is not answered there, and who may only
 * look.  Nothing, where no advice fits.
 */
void socket_advise_start(const char *path, const char *source);
void socket_advise_rights(const char *path);

#endif
