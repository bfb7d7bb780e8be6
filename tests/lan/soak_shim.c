/* SPDX-License-Identifier: ISC */
/*
 * soak_shim -- a library for LD_PRELOAD that tells what reflashd and
 * reflash-scan hold whenever they go to sleep.
 *
 *	SOAK_SHIM=FOLDER	FOLDER/PID is a struct holding, kept current
 *
 * The kernel tells of memory in pages, and nothing of libevent's timers; here
 * a lost string is seen, and a timer that nobody waits for.  Tcaches would
 * count as held: run it with GLIBC_TUNABLES=glibc.malloc.tcache_count=0.
 */
#include "config.h"

#include <dlfcn.h>
#include <event2/event.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

static struct holding {
	uint64_t bytes;	 /* that malloc() has given, and not got back */
	uint64_t events; /* that libevent waits for, timers among them */
} *shared;		 /* NULL in programs that are none of ours */

static struct event_base *base;
static int (*count_events)(struct event_base *, unsigned);
static int (*next_epoll_wait)(int, struct epoll_event *, int, int);
static int (*next_poll)(struct pollfd *, nfds_t, int);

static void
be_somebody_else(void)
{
	shared = NULL;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *folder = getenv("SOAK_SHIM");
	char path[256];
	void *page;
	int fd;

	next_epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
	next_poll = dlsym(RTLD_NEXT, "poll");
	if (folder == NULL ||
	    strncmp(program_invocation_short_name, "reflash", 7) != 0)
		return;
	snprintf(path, sizeof(path), "%s/%d", folder, (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || ftruncate(fd, sizeof(*shared)) == -1)
		abort();
	page = mmap(
	    NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		abort();
	close(fd);
	shared = page;
	pthread_atfork(NULL, NULL, be_somebody_else);
}

struct event_base *
event_base_new(void)
{
	struct event_base *(*next)(void) = dlsym(RTLD_NEXT, "event_base_new");

	count_events = dlsym(RTLD_NEXT, "event_base_get_num_events");
	return base = next();
}

static void
tell(void)
{
	struct mallinfo2 heap;

	if (shared == NULL)
		return;
	heap = mallinfo2();
	shared->bytes = heap.uordblks + heap.hblkhd;
	if (base != NULL)
		shared->events =
		    (uint64_t)count_events(base, EVENT_BASE_COUNT_ADDED);
}

int
epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
	tell();
	return next_epoll_wait(fd, events, count, timeout);
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	tell();
	return next_poll(fds, count, timeout);
}
