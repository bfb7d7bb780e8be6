/* SPDX-License-Identifier: ISC */
/* Lists the files of ImageDirectory, and puts new ones there as a whole. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path_error.h"
#include "base/trust.h"
#include "io/images_folder.h"

#define BEGUN	   ".adding-" /* and 8 digits: a file that is not whole yet */
#define BEGUN_SIZE (sizeof(BEGUN) + 8)
#define MODE	   0640 /* so that the group of the folder can read it */

/* Open the folder, if nobody else could change what is in it. */
static int
open_folder(const char *folder, struct error *err)
{
	int fd;

	if (!trust_folder(folder, err))
		return -1;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		path_error(err, errno, folder);
	return fd;
}

static bool
is_file(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
images_folder_list(const char *folder, struct strlist *names, struct error *err)
{
	int fd = open_folder(folder, err);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	*names = (struct strlist){ 0 };
	if (dir == NULL) {
		if (fd != -1) {
			path_error(err, errno, folder);
			close(fd);
		}
		return false;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && is_file(fd, entry->d_name))
			strlist_add(names, entry->d_name);
	closedir(dir);
	if (names->count > 0)
		qsort(
		    names->items, names->count, sizeof(*names->items), by_name);
	return true;
}

/*
 * Say why the folder cannot be written to.  If its owner and mode would allow
 * it, what does not is the sandbox, which knows the folders of the start only.
 */
static bool
fail(const char *path, int folder, int code, struct error *err)
{
	switch (code) {
	case ENOSPC:
		return error_set(err, code,
		    "the disk that holds %s is full: make room there, then try "
		    "again",
		    path);
	case EDQUOT:
		return error_set(err, code,
		    "the quota of the disk that holds %s is used up: make room "
		    "there, then try again",
		    path);
	case EACCES:
	case EPERM:
		if (faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0)
			return error_set(err, EBUSY,
			    "%s was not ImageDirectory when the daemon began, "
			    "so that its sandbox keeps it from writing there: "
			    "restart the daemon, then try again",
			    path);
		return error_set(
		    err, EACCES, "the daemon may not write into %s", path);
	case EROFS:
		return error_set(err, code,
		    "the daemon can only read %s, as its disk is mounted "
		    "read-only: mount it for writing, or let ImageDirectory= "
		    "name another folder",
		    path);
	default:
		return error_errno(err, code, "%s", path);
	}
}

/* Write a new file, and wait until it is on the disk.  Returns an errno. */
static int
fill(int fd, const void *data, size_t size)
{
	const char *at = data;
	int code = 0;

	while (size > 0 && code == 0) {
		ssize_t n = write(fd, at, size);

		if (n > 0) {
			at += n;
			size -= (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			code = n == 0 ? EIO : errno;
		}
	}
	/* The mode does not depend on our umask. */
	if (code == 0 && (fchmod(fd, MODE) == -1 || fsync(fd) == -1))
		code = errno;
	if (close(fd) == -1 && code == 0)
		code = errno;
	return code;
}

/* Make a file under a name that nobody else has, and write it. */
static int
make_begun(
    int folder, const struct images_folder_file *file, char name[BEGUN_SIZE])
{
	unsigned number;
	int fd;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return EIO;
	snprintf(name, BEGUN_SIZE, BEGUN "%08x", number);
	fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd == -1 ? errno : fill(fd, file->data, file->size);
}

/* Give the file its name.  Returns an errno. */
static int
rename_begun(
    int folder, const char *begun, const struct images_folder_file *file)
{
	struct stat st;

	if (file->may_replace)
		return renameat(folder, begun, folder, file->name) == -1 ? errno
									 : 0;
	if (renameat2(folder, begun, folder, file->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	/* A file system that has no such rename. */
	if (fstatat(folder, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return EEXIST;
	return renameat(folder, begun, folder, file->name) == -1 ? errno : 0;
}

bool
images_folder_put(const char *folder, const struct images_folder_file *file,
    struct error *err)
{
	int fd = open_folder(folder, err), code;
	char begun[BEGUN_SIZE] = "";

	if (fd == -1)
		return false;
	code = make_begun(fd, file, begun);
	if (code == 0)
		code = rename_begun(fd, begun, file);
	if (code != 0)
		(void)unlinkat(fd, begun, 0);
	if (code == 0 && fsync(fd) == -1)
		error_errno(err, errno,
		    "%s/%s is there, but a power cut might undo it", folder,
		    file->name);
	else if (code == 0) {
		close(fd);
		return true;
	} else if (code == EEXIST)
		error_set(
		    err, EEXIST, "%s/%s is there already", folder, file->name);
	else
		fail(folder, fd, code, err);
	close(fd);
	return false;
}

void
images_folder_clean(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, BEGUN, sizeof(BEGUN) - 1) == 0)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}
