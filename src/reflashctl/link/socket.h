/* SPDX-License-Identifier: ISC */
/* socket -- advice for a person who cannot use the control socket. */
#ifndef REFLASHD_REFLASHCTL_SOCKET_H
#define REFLASHD_REFLASHCTL_SOCKET_H

/*
 * Print what a person can do who gets no answer, or who may only look; print
 * nothing if no advice fits.  source is as socket_path() gives it.
 */
void socket_advise_start(const char *path, const char *source);
void socket_advise_rights(const char *path);

#endif
