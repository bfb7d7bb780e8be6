/* SPDX-License-Identifier: ISC */
/*
 * user_name -- what a user of this machine is called.
 *
 * Only /etc/passwd is read: a directory service could keep the daemon waiting.
 */
#ifndef REFLASHD_USER_NAME_H
#define REFLASHD_USER_NAME_H

#include <stddef.h>
#include <sys/types.h>

/* Write "alice", or "user 1000" for a user without an entry; returns dst. */
const char *user_name(uid_t, char *dst, size_t size);

#endif
