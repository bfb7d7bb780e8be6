/* SPDX-License-Identifier: ISC */
/*
 * sleep_shim -- a library for LD_PRELOAD: a machine that has slept, or that
 * has its clock set, also by a program that is run with it.
 *
 *	SLEEP_SHIM=FILE		8 bytes: the seconds that it has slept until
 *				now, of which CLOCK_MONOTONIC knows nothing;
 *				8 bytes, or none: the seconds that its clock on
 *				the wall is ahead, below 0 behind
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *slept; /* NULL: it does not */
static int is_settable;		/* the file may be written */

__attribute__((constructor)) static void
begin(void)
{
	const char *file = getenv("SLEEP_SHIM");
	int fd = file != NULL ? open(file, O_RDWR | O_CLOEXEC) : -1;
	void *page;

	is_settable = fd != -1;
	if (fd == -1 && file != NULL)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	page = mmap(NULL, 2 * sizeof(*slept),
	    is_settable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd,
	    0);
	close(fd);
	if (page != MAP_FAILED)
		slept = page;
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int result = (int)syscall(SYS_clock_gettime, clock, ts);

	if (result == 0 && clock == CLOCK_BOOTTIME && slept != NULL)
		ts->tv_sec += (time_t)slept[0];
	if (result == 0 && clock == CLOCK_REALTIME && slept != NULL)
		ts->tv_sec += (time_t)slept[1];
	return result;
}

time_t
time(time_t *out)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

int
clock_settime(clockid_t clock, const struct timespec *ts)
{
	struct timespec now;

	if (slept == NULL || clock != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_settime, clock, ts);
	if (!is_settable) {
		errno = EPERM;
		return -1;
	}
	syscall(SYS_clock_gettime, clock, &now);
	slept[1] = (int64_t)ts->tv_sec - now.tv_sec;
	return 0;
}
