/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/trust.h"

/*
 * Only a member of a group, or root, can give it a file; so can whoever may
 * create one in a set-group-id folder of it.  Within a user namespace the
 * owner would be "nobody", whoever he is.
 */
static bool
is_from_our_group(const struct stat *st)
{
	return getegid() != 0 && st->st_gid == getegid();
}

bool
trust_check(const struct stat *st, struct error *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid() &&
	    !is_from_our_group(st))
		return error_set(err, EBADMSG,
		    "it belongs to uid %u, who could change it at any time; "
		    "give it to root (chown root)",
		    (unsigned)st->st_uid);
	if (st->st_mode & S_IWOTH)
		return error_set(
		    err, EBADMSG, "everybody may write to it (chmod o-w)");
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0 &&
	    st->st_gid != getegid())
		return error_set(err, EBADMSG,
		    "group %u may write to it (chmod g-w)",
		    (unsigned)st->st_gid);
	return true;
}

/* -1 with errno, EXDEV if it leads out of the folder. */
static int
open_beneath(int folder, const char *name, int flags)
{
	const struct open_how how = { .flags = (uint64_t)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof(how));

	/* Linux 5.5 has it not, and some containers do not let us. */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM) &&
	    strchr(name, '/') == NULL) {
		fd = openat(folder, name, flags | O_NOFOLLOW);
		if (fd == -1 && errno == ELOOP)
			errno = EXDEV;
	}
	return fd;
}

static bool
explain(struct error *err, const char *path)
{
	struct stat st;

	if (errno == EXDEV)
		return error_set(err, EXDEV,
		    "%s: this link leads out of its folder; put the file "
		    "itself there",
		    path);
	if (errno == ENOENT && lstat(path, &st) == 0)
		return error_set(
		    err, ELOOP, "%s: this link leads nowhere", path);
	return error_errno(err, errno, "%s", path);
}

static bool
check(int fd, const char *path, struct stat *st, struct error *err)
{
	if (fstat(fd, st) == -1)
		return error_errno(err, errno, "%s", path);
	/* Of a device, say, the caller will say that it is one. */
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return true;
	return trust_check(st, err) || error_prefix(err, "%s", path);
}

/* The folder that a name below another is in, to be trusted as well. */
static bool
check_parent(int folder, const char *whole, const char *name, struct error *err)
{
	const char *slash = strrchr(name, '/');
	char *parent;
	struct stat st;
	bool ok = true;
	int fd;

	if (slash == NULL)
		return true;
	parent = xstrndup(name, (size_t)(slash - name));
	fd = open_beneath(folder, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1) {
		ok = check(fd, whole, &st, err);
		close(fd);
	}
	free(parent); /* one that is not there, opening the file will tell */
	return ok;
}

static int
open_in(const char *folder, const char *name, const char *whole,
    struct stat *st, struct error *err)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	if (dir == -1) {
		error_errno(err, errno, "%s", whole);
		return -1;
	}
	if (check(dir, folder, st, err) &&
	    check_parent(dir, whole, name, err)) {
		fd = open_beneath(dir, name, flags);
		if (fd == -1)
			explain(err, whole);
		else if (!check(fd, whole, st, err)) {
			close(fd);
			fd = -1;
		}
	}
	close(dir);
	return fd;
}

int
trust_open(
    const char *folder, const char *path, struct stat *st, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char *whole, *parent;
	int fd;

	if (folder != NULL) {
		whole = xasprintf("%s/%s", folder, path);
		fd = open_in(folder, path, whole, st, err);
		free(whole);
		return fd;
	}
	if (slash == NULL)
		return open_in(".", path, path, st, err);
	parent = slash == path ? xstrdup("/")
			       : xstrndup(path, (size_t)(slash - path));
	fd = open_in(parent, slash + 1, path, st, err);
	free(parent);
	return fd;
}
