/* SPDX-License-Identifier: ISC */
/* Lets the calls of the store to the disk fail, for test_storefaults. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/broken.h"

/*
 * What the linker calls them.  Where long has 32 bits, those that know how long
 * a file is have another name, and those that know a time as well yet another
 * one.
 */
#define SAME(name) #name
#if __WORDSIZE == 64
#define BIG(name)   #name
#define DATED(name) #name
#elif defined(__USE_TIME_BITS64)
#define BIG(name)   #name "64"
#define DATED(name) "__" #name "64_time64"
#else
#define BIG(name)   #name "64"
#define DATED(name) #name "64"
#endif

/* Calls: result, name, the linker's, parameters, arguments, does it change? */
/* clang-format off */
#define CALLS(X)							    \
	X(int, mkdirat, SAME, (int at, const char *name, mode_t mode),	    \
	    (at, name, mode), true)					    \
	X(int, renameat, SAME, (int at, const char *name, int at2,	    \
	    const char *name2), (at, name, at2, name2), true)		    \
	X(int, unlinkat, SAME, (int at, const char *name, int flags),	    \
	    (at, name, flags), true)					    \
	X(int, ftruncate, BIG, (int fd, off_t size), (fd, size), true)	    \
	X(int, stat, DATED, (const char *name, struct stat *st),	    \
	    (name, st), false)						    \
	X(int, fstat, DATED, (int fd, struct stat *st), (fd, st), false)    \
	X(int, fstatat, DATED, (int at, const char *name, struct stat *st,  \
	    int flags), (at, name, st, flags), false)			    \
	X(int, flock, SAME, (int fd, int what), (fd, what), false)
#define TRANSFERS(X)							    \
	X(write, SAME, (int fd, const void *data, size_t len),		    \
	    (fd, data, len), true)					    \
	X(pwrite, BIG, (int fd, const void *data, size_t len, off_t at),    \
	    (fd, data, len, at), true)					    \
	X(read, SAME, (int fd, void *data, size_t len),			    \
	    (fd, data, len), false)					    \
	X(pread, BIG, (int fd, void *data, size_t len, off_t at),	    \
	    (fd, data, len, at), false)
/* clang-format on */

static struct broken_fault fault;
static unsigned strike_at, calls;
static bool struck, renamed;
static char trace[2048];

void
broken_start(const struct broken_fault *what, unsigned at)
{
	fault = *what;
	strike_at = at;
	calls = 0;
	struck = renamed = false;
	trace[0] = '\0';
}

bool
broken_stop(void)
{
	strike_at = 0;
	return struck;
}

const char *
broken_calls(void)
{
	return trace;
}

bool
broken_renamed(void)
{
	return renamed;
}

/* Is it this call?  Counts it. */
static bool
strikes(const char *name, bool changes)
{
	size_t used = strlen(trace);
	bool all = fault.code == EIO;

	if (strike_at == 0)
		return false;
	snprintf(trace + used, sizeof(trace) - used, "%s ", name);
	calls++;
	if (calls == strike_at) {
		struck = true;
		return true;
	}
	return calls > strike_at && fault.stay && (changes || all);
}

static int
fail(void)
{
	if (fault.die)
		_exit(BROKEN_DEAD);
	errno = fault.code;
	return -1;
}

/* Of a call that transfers nothing there is no half. */
static bool
fails(const char *name, bool changes)
{
	return strikes(name, changes) && (fault.code != 0 || fault.die);
}

#define X(result, name, linker, params, args, changes)                         \
	result __real_##name params __asm__("__real_" linker(name));           \
	result __wrap_##name params __asm__("__wrap_" linker(name));           \
	result __wrap_##name params                                            \
	{                                                                      \
		result rc;                                                     \
                                                                               \
		if (fails(#name, changes))                                     \
			return fail();                                         \
		rc = __real_##name args;                                       \
		if (changes && rc == 0 && strcmp(#name, "renameat") == 0)      \
			renamed = true;                                        \
		return rc;                                                     \
	}
CALLS(X)
#undef X

#define X(name, linker, params, args, changes)                                 \
	ssize_t __real_##name params __asm__("__real_" linker(name));          \
	ssize_t __wrap_##name params __asm__("__wrap_" linker(name));          \
	ssize_t __wrap_##name params                                           \
	{                                                                      \
		bool first = calls + 1 == strike_at;                           \
                                                                               \
		if (!strikes(#name, changes))                                  \
			return __real_##name args;                             \
		len /= 2;                                                      \
		if (first && fault.part) {                                     \
			ssize_t n = __real_##name args;                        \
                                                                               \
			return fault.die ? fail() : n;                         \
		}                                                              \
		return fail();                                                 \
	}
TRANSFERS(X)
#undef X

int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	(void)fd;
	return fails("fsync", true) ? fail() : 0;
}

int __wrap_fdatasync(int fd);
int
__wrap_fdatasync(int fd)
{
	(void)fd;
	return fails("fdatasync", true) ? fail() : 0;
}

/* Whatever it returns, Linux has closed it. */
int __real_close(int fd);
int __wrap_close(int fd);
int
__wrap_close(int fd)
{
	bool bad = fails("close", true);

	__real_close(fd);
	return bad ? fail() : 0;
}

int __real_openat(int at, const char *name, int flags, ...) __asm__(
    "__real_" BIG(openat));
int __wrap_openat(int at, const char *name, int flags, ...) __asm__(
    "__wrap_" BIG(openat));
int
__wrap_openat(int at, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (fails("openat", (flags & O_ACCMODE) != O_RDONLY))
		return fail();
	return __real_openat(at, name, flags, mode);
}

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
DIR *
__wrap_fdopendir(int fd)
{
	return fails("fdopendir", false) ? (fail(), NULL)
					 : __real_fdopendir(fd);
}

struct dirent *__real_readdir(DIR *dir) __asm__("__real_" BIG(readdir));
struct dirent *__wrap_readdir(DIR *dir) __asm__("__wrap_" BIG(readdir));
struct dirent *
__wrap_readdir(DIR *dir)
{
	return fails("readdir", false) ? (fail(), NULL) : __real_readdir(dir);
}
