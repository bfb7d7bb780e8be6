/* SPDX-License-Identifier: ISC */
/*
 * unixsock -- stream sockets in the file system, and who is at their far end.
 */
#ifndef REFLASHD_UNIXSOCK_H
#define REFLASHD_UNIXSOCK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Listen at path, with mode and, unless it is -1, group.  A file left behind
 * by a process that died is replaced; one that somebody listens on, or that
 * is no socket, is an error.  Folders of the path that are not there are
 * made.  A group that this process may not give away is left as it is.
 * Non-blocking; -1 on error.
 */
int unixsock_listen(const char *path, mode_t mode, gid_t group, struct error *);

/* Take over a descriptor that should be such a socket. */
bool unixsock_inherit(int fd, struct error *);

/* Remove the file, if it is still the one that has this inode. */
void unixsock_remove(const char *path, const struct stat *);

/* Blocking; -1 on error. */
int unixsock_connect(const char *path, struct error *);

struct unixsock_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* Who connected, as the kernel noted it at connect(2). */
bool unixsock_peer(int fd, struct unixsock_peer *, struct error *);

/* Is the group the peer's own or one of its supplementary ones? */
bool unixsock_peer_has_group(int fd, const struct unixsock_peer *, gid_t);

#endif
