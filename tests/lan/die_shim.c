/* SPDX-License-Identifier: ISC */
/*
 * die_shim -- a library for LD_PRELOAD that kills reflashd while it puts an
 * image into its folder.
 *
 *	DIE_AT=N	at the Nth call: 0 before the file is made, 1 before the
 *			first byte is written, and so on
 *
 * What is counted begins with the file that is made, whose name begins with
 * ".adding-".
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_begun;
static int calls;

static void
count(void)
{
	const char *at = getenv("DIE_AT");

	if (has_begun && at != NULL && calls++ == atoi(at))
		kill(getpid(), SIGKILL);
}

int
openat(int folder, const char *name, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	has_begun |= strncmp(name, ".adding-", 8) == 0;
	count();
	return (int)syscall(SYS_openat, folder, name, flags, mode);
}

/* Half of the bytes first, so that there is a moment between them. */
ssize_t
write(int fd, const void *data, size_t size)
{
	static bool was_halved;

	count();
	if (has_begun && size > 4096 && !was_halved) {
		size /= 2;
		was_halved = true;
	}
	return syscall(SYS_write, fd, data, size);
}

int
fchmod(int fd, mode_t mode)
{
	count();
	return (int)syscall(SYS_fchmod, fd, mode);
}

int
fsync(int fd)
{
	count();
	return (int)syscall(SYS_fsync, fd);
}

int
renameat(int from, const char *a, int to, const char *b)
{
	count();
	return (int)syscall(SYS_renameat2, from, a, to, b, 0);
}

int
renameat2(int from, const char *a, int to, const char *b, unsigned flags)
{
	count();
	return (int)syscall(SYS_renameat2, from, a, to, b, flags);
}

int
close(int fd)
{
	count();
	return (int)syscall(SYS_close, fd);
}
