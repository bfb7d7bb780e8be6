/* SPDX-License-Identifier: ISC */
/*
 * child -- a process that the daemon starts: at the other end of a socket pair,
 * or on its own.
 */
#ifndef REFLASHD_CHILD_H
#define REFLASHD_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct starter;

/*
 * Start a program by its path.  Its stdin and stdout are one end of a stream
 * socket pair, *fd is the other (non-blocking, closed on exec).  Of this
 * process's other descriptors it gets stderr only, and it is killed when this
 * process dies.  Returns its pid, or -1.
 */
pid_t
child_start(struct starter *, char *const argv[], int *fd, struct error *);

/*
 * Start a program by its path in a session of its own, in /, with only this
 * environment. fds are its stdin, and its stdout and stderr; it gets no other
 * descriptor.  It may outlive this process.  Returns its pid, which is its
 * process group, or -1 if the program cannot be run.
 */
pid_t child_spawn(struct starter *, const char *path, char *const env[],
    const int fds[2], struct error *);

/*
 * End the child with SIGTERM, and after wait_ms with SIGKILL, and reap it;
 * wait_ms 0: with SIGKILL at once.  Writes how it ended ("exit status 1",
 * "signal 9 (Killed)") to how.  Returns how.
 */
char *child_end(pid_t, unsigned wait_ms, char *how, size_t size);

#endif
