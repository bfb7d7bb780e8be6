/* SPDX-License-Identifier: ISC */
/* Opens and locks the state directory, so that only one daemon works in it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/store/store.h"
#include "io/store/store_parts.h"

#define LOCK	      "lock"
#define LOCK_TRIES    50
#define LOCK_PAUSE_MS 20
#define HISTORY	      "history.jsonl"

/* Say which process holds the lock.  Returns false. */
static bool
refuse_second(const struct store *store, struct error *err)
{
	char pid[24] = "";
	uint64_t number;

	if (pread(store->lock, pid, sizeof(pid) - 1, 0) > 0 &&
	    text_number(text_trim(pid), 1, INT32_MAX, &number))
		return error_set(err, EWOULDBLOCK,
		    "%s is in use by process %s: a state directory is for one "
		    "reflashd",
		    store->top.path, pid);
	return error_set(err, EWOULDBLOCK,
	    "%s is in use by another process: a state directory is for one "
	    "reflashd",
	    store->top.path);
}

/* Write the pid into the lock file, for people who look. */
static void
tell_pid(int fd)
{
	char pid[24];
	int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, pid, (size_t)len, 0);
}

/*
 * Take the lock, and wait a moment for it if need be: a daemon that is killed
 * right after a fork leaves a child that holds the lock until its exec.
 */
static bool
lock_soon(int fd)
{
	const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000 };

	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

static bool
take_lock(struct store *store, struct error *err)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

	store->lock =
	    openat(store->top.fd, LOCK, O_RDWR | O_CREAT | flags, 0600);
	if (store->lock == -1 && errno == EROFS)
		store->lock = openat(store->top.fd, LOCK, O_RDONLY | flags);
	if (store->lock == -1)
		return store_folder_fail(&store->top, LOCK, errno, err);
	if (!lock_soon(store->lock))
		return errno == EWOULDBLOCK
		    ? refuse_second(store, err)
		    : store_folder_fail(&store->top, LOCK, errno, err);
	tell_pid(store->lock);
	return true;
}

struct store *
store_open(const char *dir, struct error *err)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->top.fd = store->devices.fd = store->kept.fd = store->lock = -1;
	if (!store_folder_open(&store->top, NULL, dir, err) ||
	    !take_lock(store, err) ||
	    !store_folder_open(&store->devices, &store->top, "devices", err) ||
	    !store_folder_open(&store->kept, &store->top, "kept", err) ||
	    !store_folder_list(
		&store->devices, STORE_RECORD, &store->records, err)) {
		store_close(store);
		return NULL;
	}
	store_folder_clean(&store->top);
	store_folder_clean(&store->devices);
	store_folder_clean(&store->kept);
	store->marks = store_marks_new(&store->devices);
	store->history = (struct store_lines){ &store->top, HISTORY };
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_marks_free(store->marks);
	strlist_fini(&store->records);
	store_folder_close(&store->kept);
	store_folder_close(&store->devices);
	/* The lock goes last: the next daemon finds all closed. */
	if (store->lock != -1)
		close(store->lock);
	store_folder_close(&store->top);
	free(store);
}
