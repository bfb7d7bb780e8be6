/* SPDX-License-Identifier: ISC */
/*
 * Reads and replaces small files in one directory so that a crash leaves the
 * old file or the new one, never half of it.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path_error.h"
#include "base/trust.h"
#include "io/store/store_folder.h"

#define SUFFIX_NEW ".new"
#define MAX_ASIDE  1000
#define MAX_WHY	   280 /* bytes of a reason, with room for more after */

static bool
names_drop(struct strlist *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], name) == 0) {
			free(list->items[i]);
			list->items[i] = list->items[--list->count];
			return true;
		}
	return false;
}

bool
store_folder_fail(const struct store_folder *folder, const char *name, int code,
    struct error *err)
{
	switch (code) {
	case ENOSPC:
		return error_set(
		    err, code, "the disk that holds %s is full", folder->path);
	case EDQUOT:
		return error_set(err, code,
		    "the quota of the disk that holds %s is used up",
		    folder->path);
	case EROFS:
		return error_set(err, code,
		    "the disk that holds %s is mounted read-only",
		    folder->path);
	default:
		return error_errno(err, code, "%s/%s", folder->path, name);
	}
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len >= end && strcmp(name + len - end, suffix) == 0;
}

bool
store_folder_open(struct store_folder *folder,
    const struct store_folder *parent, const char *name, struct error *err)
{
	/* The service manager may have made the uppermost directory a link. */
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    (parent != NULL ? O_NOFOLLOW : 0);
	int at = parent != NULL ? parent->fd : AT_FDCWD;
	struct stat st;

	*folder = (struct store_folder){ .fd = -1 };
	folder->path = parent != NULL ? xasprintf("%s/%s", parent->path, name)
				      : xstrdup(name);
	folder->fd = openat(at, name, flags);
	if (folder->fd == -1 && errno == ENOENT) {
		if (mkdirat(at, name, 0700) == -1 ||
		    (parent != NULL && fsync(at) == -1))
			goto fail;
		folder->fd = openat(at, name, flags);
	}
	if (folder->fd == -1 || fstat(folder->fd, &st) == -1)
		goto fail;
	if (trust_check(&st, folder->path, err))
		return true;
	store_folder_close(folder);
	return false;
fail:
	path_error(err, errno, folder->path);
	store_folder_close(folder);
	return false;
}

void
store_folder_close(struct store_folder *folder)
{
	if (folder->fd != -1)
		close(folder->fd);
	free(folder->path);
	strlist_fini(&folder->stuck);
	*folder = (struct store_folder){ .fd = -1 };
}

bool
store_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Read up to len bytes, or to the end of the file.  Returns -1 with errno. */
static ssize_t
read_all(int fd, char *dst, size_t len)
{
	size_t used = 0;

	while (used < len) {
		ssize_t n = read(fd, dst + used, len - used);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

/* Make a new file, and wait until it is on the disk.  False: errno. */
static bool
make_file(const struct store_folder *folder, const char *tmp, const void *data,
    size_t len)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(folder->fd, tmp, flags, 0600);
	int code = 0;

	/* A file of that name is left over from a write that failed. */
	if (fd == -1 && errno == EEXIST && unlinkat(folder->fd, tmp, 0) == 0)
		fd = openat(folder->fd, tmp, flags, 0600);
	if (fd == -1)
		return false;
	if (!store_write_all(fd, data, len) || fsync(fd) == -1)
		code = errno;
	if (close(fd) == -1 && code == 0)
		code = errno;
	errno = code;
	return code == 0;
}

/* Make the name "NAME.unreadable-N". */
static void
name_aside(char aside[NAME_MAX + 1], const char *name, unsigned number)
{
	snprintf(aside, NAME_MAX + 1, "%s.unreadable-%u", name, number);
}

/* Find an unused "NAME.unreadable-N".  Returns 0 with errno, or N. */
static unsigned
find_name(const struct store_folder *folder, const char *name,
    char free_name[NAME_MAX + 1])
{
	struct stat st;

	for (unsigned i = 1; i <= MAX_ASIDE; i++) {
		name_aside(free_name, name, i);
		if (fstatat(folder->fd, free_name, &st, AT_SYMLINK_NOFOLLOW) ==
		    -1)
			return errno == ENOENT ? i : 0;
	}
	errno = EEXIST;
	return 0;
}

bool
store_folder_last_aside(const struct store_folder *folder, const char *name,
    char aside[NAME_MAX + 1])
{
	unsigned next = find_name(folder, name, aside);

	if (next > 1)
		name_aside(aside, name, next - 1);
	return next > 1;
}

/* Return true for an error that is not the file's: it may pass. */
static bool
is_passing(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOMEM;
}

void
store_folder_set_aside(
    struct store_folder *folder, const char *name, struct error *why)
{
	char aside[NAME_MAX + 1], more[NAME_MAX + 40];
	size_t used;

	if (is_passing(why->code))
		snprintf(more, sizeof(more), "left where it is");
	else if (find_name(folder, name, aside) != 0 &&
	    renameat(folder->fd, name, folder->fd, aside) == 0) {
		snprintf(more, sizeof(more), "set aside as %s", aside);
		name = NULL;
	} else
		snprintf(more, sizeof(more), "cannot be set aside: %s",
		    strerror(errno));
	if (name != NULL)
		strlist_add(&folder->stuck, name);
	used = strnlen(why->text, MAX_WHY);
	snprintf(why->text + used, sizeof(why->text) - used, "; %s", more);
}

/* Move an unreadable file out of the way: it must not be lost. */
static bool
clear_place(struct store_folder *folder, const char *name, struct error *err)
{
	char aside[NAME_MAX + 1];

	if (!names_drop(&folder->stuck, name))
		return true;
	if (find_name(folder, name, aside) != 0 &&
	    (renameat(folder->fd, name, folder->fd, aside) == 0 ||
		errno == ENOENT))
		return true;
	store_folder_fail(folder, name, errno, err);
	strlist_add(&folder->stuck, name);
	return false;
}

/*
 * Return true if the path still leads to this folder.  If that cannot be told,
 * return true: writing will fail if it does not.
 */
bool
store_folder_is_there(const struct store_folder *folder, struct error *err)
{
	struct stat now, opened;
	bool found = stat(folder->path, &now) == 0;

	if ((!found && errno != ENOENT && errno != ENOTDIR) ||
	    fstat(folder->fd, &opened) == -1)
		return true;
	if (found && now.st_dev == opened.st_dev && now.st_ino == opened.st_ino)
		return true;
	return error_set(err, ENOENT,
	    "%s was %s while reflashd was running: restart it", folder->path,
	    found ? "replaced by another" : "removed");
}

bool
store_folder_write(struct store_folder *folder, const char *name,
    const void *data, size_t len, struct error *err)
{
	char tmp[NAME_MAX + 1];
	int n = snprintf(tmp, sizeof(tmp), "%s" SUFFIX_NEW, name);

	if (n < 0 || (size_t)n >= sizeof(tmp))
		return store_folder_fail(folder, name, ENAMETOOLONG, err);
	if (!store_folder_is_there(folder, err) ||
	    !clear_place(folder, name, err))
		return false;
	if (!make_file(folder, tmp, data, len) ||
	    renameat(folder->fd, tmp, folder->fd, name) == -1) {
		store_folder_fail(folder, name, errno, err);
		(void)unlinkat(folder->fd, tmp, 0);
		return false;
	}
	if (fsync(folder->fd) == -1)
		return store_folder_fail(folder, name, errno, err);
	return true;
}

static bool
is_trusted(const struct store_folder *folder, const char *name,
    const struct stat *st, struct error *err)
{
	char *path = xasprintf("%s/%s", folder->path, name);
	bool ok = trust_check(st, path, err);

	free(path);
	return ok;
}

int
store_folder_file(
    const struct store_folder *folder, const char *name, struct error *err)
{
	/* O_NONBLOCK: opening a FIFO would otherwise wait for a writer. */
	int fd = openat(
	    folder->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd == -1 && errno == ELOOP) {
		error_set(err, ELOOP, "%s/%s is a link", folder->path, name);
		return -1;
	}
	if (fd == -1 || fstat(fd, &st) == -1) {
		store_folder_fail(folder, name, errno, err);
	} else if (!S_ISREG(st.st_mode)) {
		error_set(err, EINVAL, "%s/%s is not a regular file",
		    folder->path, name);
	} else if (is_trusted(folder, name, &st, err)) {
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

bool
store_folder_read(const struct store_folder *folder, const char *name,
    size_t max, char **data, size_t *len, struct error *err)
{
	int fd = store_folder_file(folder, name, err);
	ssize_t got;

	if (fd == -1)
		return false;
	*data = xcalloc(1, max + 2);
	got = read_all(fd, *data, max + 1);
	if (got == -1)
		store_folder_fail(folder, name, errno, err);
	else if ((size_t)got > max)
		error_set(err, EFBIG, "%s/%s has more than %zu bytes",
		    folder->path, name, max);
	close(fd);
	if (got == -1 || (size_t)got > max) {
		free(*data);
		*data = NULL;
		return false;
	}
	(*data)[got] = '\0';
	*len = (size_t)got;
	return true;
}

bool
store_folder_remove(
    struct store_folder *folder, const char *name, struct error *err)
{
	if (!clear_place(folder, name, err))
		return false;
	if (unlinkat(folder->fd, name, 0) == -1)
		return errno == ENOENT ||
		    store_folder_fail(folder, name, errno, err);
	if (fsync(folder->fd) == -1)
		return store_folder_fail(folder, name, errno, err);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
store_folder_clean(const struct store_folder *folder)
{
	struct strlist list;
	struct error ignored;

	if (!store_folder_list(folder, SUFFIX_NEW, &list, &ignored))
		return;
	/* Leftovers do no harm: make_file() removes what is in its way. */
	for (size_t i = 0; i < list.count; i++)
		(void)unlinkat(folder->fd, list.items[i], 0);
	strlist_fini(&list);
}

bool
store_folder_list(const struct store_folder *folder, const char *suffix,
    struct strlist *list, struct error *err)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	*list = (struct strlist){ 0 };
	if (dir == NULL) {
		store_folder_fail(folder, ".", errno, err);
		if (fd != -1)
			close(fd);
		return false;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && ends_in(entry->d_name, suffix))
			strlist_add(list, entry->d_name);
	if (errno != 0) {
		store_folder_fail(folder, ".", errno, err);
		strlist_fini(list);
		closedir(dir);
		return false;
	}
	closedir(dir);
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), by_name);
	return true;
}
