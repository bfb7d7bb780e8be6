/* SPDX-License-Identifier: ISC */
/*
 * A disk in memory below the real store: the linker leads its system calls here
 * (--wrap).  Each call that writes is one operation, after which the daemon may
 * die; what fsync() has not seen may be gone after a loss of power.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/world/parts.h"
#include "tests/world/world.h"

#define FIRST_FD 100000
#define MAX_FDS	 64
#define MAX_NAME 96
#define MAX_KIDS 512

struct node;

struct kid {
	char name[MAX_NAME];
	struct node *node;
};

/* A file or a folder.  Nodes live until the run ends. */
struct node {
	bool is_folder;
	char *data;
	size_t size;
	char *safe; /* as at the last fsync(); NULL: never */
	size_t safe_size;
	struct kid *kids, *safe_kids;
	size_t kid_count, safe_kid_count;
	ino_t number;
	unsigned locked_by; /* a life; 0: no lock */
};

struct handle {
	struct node *node; /* NULL: free */
	off_t at;
	bool appends;
	size_t next_kid; /* of readdir() */
	struct dirent entry;
};

static struct {
	struct node *root;
	struct handle handles[MAX_FDS];
	enum disk_mode mode;
	unsigned slow_ms;
	ino_t last_number;
	dev_t device;
} disk;

static struct node *
node_new(bool is_folder)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->is_folder = is_folder;
	node->number = ++disk.last_number;
	return node;
}

static struct node *
root(void)
{
	if (disk.root == NULL)
		disk.root = node_new(true);
	return disk.root;
}

static struct kid *
find_kid(const struct node *folder, const char *name)
{
	for (size_t i = 0; i < folder->kid_count; i++)
		if (strcmp(folder->kids[i].name, name) == 0)
			return &folder->kids[i];
	return NULL;
}

static void
add_kid(struct node *folder, const char *name, struct node *node)
{
	struct kid *kid = find_kid(folder, name);

	if (kid == NULL) {
		folder->kids = xrealloc(
		    folder->kids, folder->kid_count + 1, sizeof(*folder->kids));
		kid = &folder->kids[folder->kid_count++];
		snprintf(kid->name, sizeof(kid->name), "%s", name);
	}
	kid->node = node;
}

static void
remove_kid(struct node *folder, struct kid *kid)
{
	*kid = folder->kids[--folder->kid_count];
}

static struct handle *
handle_of(int fd)
{
	struct handle *handle = &disk.handles[fd - FIRST_FD];

	return fd >= FIRST_FD && fd < FIRST_FD + MAX_FDS && handle->node != NULL
	    ? handle
	    : NULL;
}

static bool
is_ours(int fd)
{
	return fd >= FIRST_FD;
}

/*
 * Find the folder of a path and its last name.  Absolute paths begin at the
 * root, others at the handle.
 */
static struct node *
walk(int at, const char *path, char name[MAX_NAME])
{
	struct node *node = path[0] == '/' ? root() : handle_of(at)->node;

	for (;;) {
		size_t len;
		struct kid *kid;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		snprintf(name, MAX_NAME, "%.*s", (int)len, path);
		path += len;
		if (path[strspn(path, "/")] == '\0')
			return node;
		kid = find_kid(node, name);
		if (kid == NULL || !kid->node->is_folder)
			return NULL;
		node = kid->node;
	}
}

/* True if a path or a descriptor belongs to this disk. */
static bool
is_on_disk(int at, const char *path)
{
	return path[0] == '/' ? strncmp(path, "/world", 6) == 0 : is_ours(at);
}

static int
fail(int code)
{
	errno = code;
	return -1;
}

/* One operation that writes; false: it fails, with errno. */
static bool
may_write(void)
{
	loop_disk_operation();
	world_spend(disk.slow_ms);
	switch (disk.mode) {
	case DISK_FULL:
		errno = ENOSPC;
		return false;
	case DISK_READONLY:
		errno = EROFS;
		return false;
	case DISK_BROKEN:
		errno = EIO;
		return false;
	case DISK_FINE:
		break;
	}
	return true;
}

static int
open_node(struct node *node, int flags)
{
	for (int i = 0; i < MAX_FDS; i++)
		if (disk.handles[i].node == NULL) {
			disk.handles[i] = (struct handle){ .node = node,
				.appends = (flags & O_APPEND) != 0 };
			if ((flags & O_TRUNC) != 0)
				node->size = 0;
			return FIRST_FD + i;
		}
	world_fail("more than %d files are open", MAX_FDS);
}

static int
open_at(int at, const char *path, int flags)
{
	char name[MAX_NAME];
	struct node *folder = walk(at, path, name);
	struct kid *kid = folder != NULL ? find_kid(folder, name) : NULL;

	if (folder == NULL)
		return fail(ENOENT);
	if (name[0] == '\0' || strcmp(name, ".") == 0)
		return open_node(folder, flags);
	if (kid == NULL && (flags & O_CREAT) == 0)
		return fail(ENOENT);
	if (kid != NULL && (flags & O_EXCL) != 0)
		return fail(EEXIST);
	if ((flags & O_ACCMODE) != O_RDONLY && disk.mode == DISK_READONLY)
		return fail(EROFS);
	if (kid == NULL) {
		if (!may_write())
			return -1;
		add_kid(folder, name, node_new(false));
		kid = find_kid(folder, name);
	}
	if ((flags & O_DIRECTORY) != 0 && !kid->node->is_folder)
		return fail(ENOTDIR);
	return open_node(kid->node, flags);
}

int __real_openat(int, const char *, int, ...);
int __wrap_openat(int, const char *, int, ...);
int __real___openat_2(int, const char *, int);
int __wrap___openat_2(int, const char *, int);

int
__wrap_openat(int at, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return is_on_disk(at, path) ? open_at(at, path, flags)
				    : __real_openat(at, path, flags, mode);
}

int
__wrap___openat_2(int at, const char *path, int flags)
{
	return is_on_disk(at, path) ? open_at(at, path, flags)
				    : __real___openat_2(at, path, flags);
}

int __real_mkdirat(int, const char *, mode_t);
int __wrap_mkdirat(int, const char *, mode_t);

int
__wrap_mkdirat(int at, const char *path, mode_t mode)
{
	char name[MAX_NAME];
	struct node *folder;

	if (!is_on_disk(at, path))
		return __real_mkdirat(at, path, mode);
	folder = walk(at, path, name);
	if (folder == NULL)
		return fail(ENOENT);
	if (find_kid(folder, name) != NULL)
		return fail(EEXIST);
	if (!may_write())
		return -1;
	add_kid(folder, name, node_new(true));
	return 0;
}

int __real_unlinkat(int, const char *, int);
int __wrap_unlinkat(int, const char *, int);

int
__wrap_unlinkat(int at, const char *path, int flags)
{
	char name[MAX_NAME];
	struct node *folder;
	struct kid *kid;

	if (!is_on_disk(at, path))
		return __real_unlinkat(at, path, flags);
	folder = walk(at, path, name);
	kid = folder != NULL ? find_kid(folder, name) : NULL;
	if (kid == NULL)
		return fail(ENOENT);
	loop_disk_operation();
	if (disk.mode == DISK_READONLY || disk.mode == DISK_BROKEN)
		return fail(disk.mode == DISK_READONLY ? EROFS : EIO);
	remove_kid(folder, find_kid(folder, name));
	return 0;
}

int __wrap_renameat(int, const char *, int, const char *);

int
__wrap_renameat(int from_at, const char *from, int to_at, const char *to)
{
	char from_name[MAX_NAME], to_name[MAX_NAME];
	struct node *from_folder = walk(from_at, from, from_name);
	struct node *to_folder = walk(to_at, to, to_name);
	struct kid *kid =
	    from_folder != NULL ? find_kid(from_folder, from_name) : NULL;
	struct node *node;

	if (kid == NULL || to_folder == NULL)
		return fail(ENOENT);
	loop_disk_operation();
	if (disk.mode == DISK_READONLY || disk.mode == DISK_BROKEN)
		return fail(disk.mode == DISK_READONLY ? EROFS : EIO);
	node = kid->node;
	remove_kid(from_folder, find_kid(from_folder, from_name));
	add_kid(to_folder, to_name, node);
	return 0;
}

static void
fill_stat(const struct node *node, struct stat *st)
{
	*st = (struct stat){ .st_mode = node->is_folder ? S_IFDIR | 0700
							: S_IFREG | 0600,
		.st_uid = geteuid(),
		.st_gid = getegid(),
		.st_size = (off_t)node->size,
		.st_ino = node->number,
		.st_dev = disk.device,
		.st_nlink = 1 };
}

int __real_fstatat(int, const char *, struct stat *, int);
int __wrap_fstatat(int, const char *, struct stat *, int);

int
__wrap_fstatat(int at, const char *path, struct stat *st, int flags)
{
	char name[MAX_NAME];
	struct node *folder;
	struct kid *kid;

	if (!is_on_disk(at, path))
		return __real_fstatat(at, path, st, flags);
	folder = walk(at, path, name);
	kid = folder != NULL ? find_kid(folder, name) : NULL;
	if (kid == NULL)
		return fail(ENOENT);
	fill_stat(kid->node, st);
	return 0;
}

int __real_stat(const char *, struct stat *);
int __wrap_stat(const char *, struct stat *);

int
__wrap_stat(const char *path, struct stat *st)
{
	return is_on_disk(-1, path) ? __wrap_fstatat(-1, path, st, 0)
				    : __real_stat(path, st);
}

int __real_close(int);
int __wrap_close(int);

int
__wrap_close(int fd)
{
	if (!is_ours(fd))
		return __real_close(fd);
	if (handle_of(fd) == NULL)
		world_fail("a file is closed twice");
	if (handle_of(fd)->node->locked_by == world_life())
		handle_of(fd)->node->locked_by = 0;
	handle_of(fd)->node = NULL;
	return 0;
}

int __real_fstat(int, struct stat *);
int __wrap_fstat(int, struct stat *);

int
__wrap_fstat(int fd, struct stat *st)
{
	if (!is_ours(fd))
		return __real_fstat(fd, st);
	if (handle_of(fd) == NULL)
		return fail(EBADF);
	fill_stat(handle_of(fd)->node, st);
	return 0;
}

static ssize_t
read_at(const struct node *node, void *dst, size_t size, off_t at)
{
	size_t left = (size_t)at < node->size ? node->size - (size_t)at : 0;
	size_t n = size < left ? size : left;

	if (n > 0)
		memcpy(dst, node->data + at, n);
	return (ssize_t)n;
}

static void
make_room(struct node *node, size_t size)
{
	if (size <= node->size)
		return;
	node->data = xrealloc(node->data, size, 1);
	memset(node->data + node->size, 0, size - node->size);
	node->size = size;
}

/* A full disk takes what already has its place. */
static ssize_t
write_at(struct node *node, const void *src, size_t size, off_t at)
{
	size_t end = (size_t)at + size;

	if (disk.mode == DISK_FULL && end <= node->size)
		loop_disk_operation();
	else if (!may_write())
		return -1;
	make_room(node, end);
	memcpy(node->data + at, src, size);
	return (ssize_t)size;
}

ssize_t __real_read(int, void *, size_t);
ssize_t __wrap_read(int, void *, size_t);

ssize_t
__wrap_read(int fd, void *dst, size_t size)
{
	ssize_t n;

	if (!is_ours(fd))
		return __real_read(fd, dst, size);
	n = read_at(handle_of(fd)->node, dst, size, handle_of(fd)->at);
	handle_of(fd)->at += n;
	return n;
}

ssize_t __real_pread(int, void *, size_t, off_t);
ssize_t __wrap_pread(int, void *, size_t, off_t);

ssize_t
__wrap_pread(int fd, void *dst, size_t size, off_t at)
{
	return is_ours(fd) ? read_at(handle_of(fd)->node, dst, size, at)
			   : __real_pread(fd, dst, size, at);
}

ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);

ssize_t
__wrap_write(int fd, const void *src, size_t size)
{
	struct handle *handle;
	ssize_t n;

	if (!is_ours(fd))
		return __real_write(fd, src, size);
	handle = handle_of(fd);
	if (handle->appends)
		handle->at = (off_t)handle->node->size;
	n = write_at(handle->node, src, size, handle->at);
	if (n > 0)
		handle->at += n;
	return n;
}

ssize_t __wrap_pwrite(int, const void *, size_t, off_t);

ssize_t
__wrap_pwrite(int fd, const void *src, size_t size, off_t at)
{
	return write_at(handle_of(fd)->node, src, size, at);
}

off_t __real_lseek(int, off_t, int);
off_t __wrap_lseek(int, off_t, int);

off_t
__wrap_lseek(int fd, off_t at, int whence)
{
	if (!is_ours(fd))
		return __real_lseek(fd, at, whence);
	if (whence == SEEK_END)
		at += (off_t)handle_of(fd)->node->size;
	else if (whence == SEEK_CUR)
		at += handle_of(fd)->at;
	handle_of(fd)->at = at;
	return at;
}

int __wrap_ftruncate(int, off_t);

int
__wrap_ftruncate(int fd, off_t size)
{
	struct node *node = handle_of(fd)->node;

	if (disk.mode == DISK_READONLY || disk.mode == DISK_BROKEN)
		return may_write() ? 0 : -1;
	loop_disk_operation();
	make_room(node, (size_t)size);
	node->size = (size_t)size;
	return 0;
}

int __wrap_posix_fallocate(int, off_t, off_t);

int
__wrap_posix_fallocate(int fd, off_t at, off_t len)
{
	if (!may_write())
		return errno;
	make_room(handle_of(fd)->node, (size_t)(at + len));
	return 0;
}

static void
make_safe(struct node *node)
{
	if (node->is_folder) {
		free(node->safe_kids);
		node->safe_kids =
		    xcalloc(node->kid_count + 1, sizeof(*node->kids));
		if (node->kid_count > 0)
			memcpy(node->safe_kids, node->kids,
			    node->kid_count * sizeof(*node->kids));
		node->safe_kid_count = node->kid_count;
		return;
	}
	free(node->safe);
	node->safe = xmalloc(node->size + 1);
	if (node->size > 0)
		memcpy(node->safe, node->data, node->size);
	node->safe_size = node->size;
}

int __wrap_fsync(int);
int __wrap_fdatasync(int);

int
__wrap_fsync(int fd)
{
	loop_disk_operation();
	world_spend(disk.slow_ms);
	if (disk.mode == DISK_BROKEN)
		return fail(EIO);
	make_safe(handle_of(fd)->node);
	return 0;
}

int
__wrap_fdatasync(int fd)
{
	return __wrap_fsync(fd);
}

int __real_flock(int, int);
int __wrap_flock(int, int);

int
__wrap_flock(int fd, int how)
{
	struct node *node;

	if (!is_ours(fd))
		return __real_flock(fd, how);
	node = handle_of(fd)->node;
	if (node->locked_by != 0 && node->locked_by != world_life())
		return fail(EWOULDBLOCK);
	node->locked_by = world_life();
	return 0;
}

DIR *__real_fdopendir(int);
DIR *__wrap_fdopendir(int);
struct dirent *__real_readdir(DIR *);
struct dirent *__wrap_readdir(DIR *);
int __real_closedir(DIR *);
int __wrap_closedir(DIR *);

static struct handle *
handle_of_dir(DIR *dir)
{
	for (int i = 0; i < MAX_FDS; i++)
		if ((void *)dir == (void *)&disk.handles[i])
			return &disk.handles[i];
	return NULL;
}

DIR *
__wrap_fdopendir(int fd)
{
	return is_ours(fd) ? (DIR *)(void *)handle_of(fd)
			   : __real_fdopendir(fd);
}

struct dirent *
__wrap_readdir(DIR *dir)
{
	struct handle *handle = handle_of_dir(dir);

	if (handle == NULL)
		return __real_readdir(dir);
	if (handle->next_kid >= handle->node->kid_count)
		return NULL;
	snprintf(handle->entry.d_name, sizeof(handle->entry.d_name), "%s",
	    handle->node->kids[handle->next_kid++].name);
	return &handle->entry;
}

int
__wrap_closedir(DIR *dir)
{
	struct handle *handle = handle_of_dir(dir);

	if (handle == NULL)
		return __real_closedir(dir);
	handle->node = NULL;
	return 0;
}

const void *
disk_file(const char *path, size_t *size)
{
	char name[MAX_NAME];
	const struct node *folder = walk(-1, path, name);
	const struct kid *kid = folder != NULL ? find_kid(folder, name) : NULL;

	if (kid == NULL || kid->node->is_folder)
		return NULL;
	*size = kid->node->size;
	return *size > 0 ? kid->node->data : "";
}

void
disk_spoil(const char *path, bool removes)
{
	char name[MAX_NAME];
	struct node *above = walk(-1, path, name);
	struct kid *folder = above != NULL ? find_kid(above, name) : NULL;

	if (folder == NULL)
		return;
	for (size_t i = 0; i < folder->node->kid_count; i++) {
		struct node *node = folder->node->kids[i].node;

		if (node->size > 0)
			node->data[node->size / 2] ^= 1;
	}
	if (removes)
		folder->node->kid_count = 0;
}

void
disk_set_mode(enum disk_mode mode)
{
	disk.mode = mode;
}

enum disk_mode
disk_mode(void)
{
	return disk.mode;
}

unsigned
disk_slow_ms(void)
{
	return disk.slow_ms;
}

void
disk_set_slow(unsigned ms)
{
	disk.slow_ms = ms;
}

void
disk_replace(void)
{
	disk.root = NULL;
	disk.device++;
}

void
disk_close_all(void)
{
	for (int i = 0; i < MAX_FDS; i++)
		if (disk.handles[i].node != NULL) {
			disk.handles[i].node->locked_by = 0;
			disk.handles[i].node = NULL;
		}
}

/* A write that was not made to last may be there all the same, by chance. */
static void
forget_unsafe(struct node *node)
{
	if (!node->is_folder) {
		if (world_chance("power", 0, 50))
			return;
		free(node->data);
		node->size = node->safe != NULL ? node->safe_size : 0;
		node->data = xmalloc(node->size + 1);
		if (node->size > 0)
			memcpy(node->data, node->safe, node->size);
		return;
	}
	if (world_chance("power", 1, 50)) {
		free(node->kids);
		node->kid_count = node->safe_kid_count;
		node->kids = xcalloc(node->kid_count + 1, sizeof(*node->kids));
		if (node->kid_count > 0)
			memcpy(node->kids, node->safe_kids,
			    node->kid_count * sizeof(*node->kids));
	}
	for (size_t i = 0; i < node->kid_count; i++)
		forget_unsafe(node->kids[i].node);
}

void
disk_lose_power(void)
{
	disk_close_all();
	if (disk.root == NULL)
		return;
	for (size_t i = 0; i < disk.root->kid_count; i++)
		forget_unsafe(disk.root->kids[i].node);
	make_safe(disk.root);
}
