/* SPDX-License-Identifier: ISC */
/*
 * unixsock -- stream sockets in the file system, and which user is at the other
 * end.
 */
#ifndef REFLASHD_UNIXSOCK_H
#define REFLASHD_UNIXSOCK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Listen at path, with mode and, unless it is -1, group.  A socket left behind
 * by a dead process is replaced; a socket on which a process listens, or any
 * other file, is an error.  Missing folders of the path are made.  A group that
 * this process may not give away is left as it is.  Non-blocking; -1 on error.
 */
int unixsock_listen(const char *path, mode_t mode, gid_t group, struct error *);

/* Take over an inherited descriptor.  Returns false if it is no such socket. */
bool unixsock_inherit(int fd, struct error *);

/* Remove the file, if it is still the one that has this inode. */
void unixsock_remove(const char *path, const struct stat *);

/* Connect, blocking.  Returns -1 on error. */
int unixsock_connect(const char *path, struct error *);

/*
 * Connect without waiting; the socket is non-blocking.  Returns -1 on error,
 * which is EAGAIN where so many connect that there is no room just now.
 */
int unixsock_connect_now(const char *path, struct error *);

struct unixsock_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/*
 * Find which process and user connected, as the kernel noted it at connect(2).
 */
bool unixsock_peer(int fd, struct unixsock_peer *, struct error *);

/*
 * Return true if the group is the peer's own or one of its supplementary ones.
 */
bool unixsock_peer_has_group(int fd, const struct unixsock_peer *, gid_t);

#endif
