/* SPDX-License-Identifier: ISC */
/*
 * slow_shim -- a library for LD_PRELOAD: a disk that takes 30 ms for whatever
 * is to last.
 */
#include "config.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void
take_time(void)
{
	const struct timespec ts = { 0, 30000000 };

	nanosleep(&ts, NULL);
}

int
fsync(int fd)
{
	take_time();
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	take_time();
	return (int)syscall(SYS_fdatasync, fd);
}
