/* SPDX-License-Identifier: ISC */
/* Copies a file into sealed memory: what was checked is what is served. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/sealed.h"

#define RACE_SEC 2 /* the tick of FAT, the coarsest */

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static bool
check_file(const struct stat *st, size_t max, struct error *err)
{
	if (!S_ISREG(st->st_mode))
		return error_set(err, EINVAL, "it is not a regular file");
	if (st->st_size == 0)
		return error_set(err, ENODATA, "it is empty");
	if (st->st_size > (off_t)max)
		return error_set(err, EFBIG,
		    "it has %jd bytes, and %zu are the most it may have",
		    (intmax_t)st->st_size, max);
	return true;
}

/* Read exactly size bytes into memory that is not shared yet. */
static bool
read_all(int fd, unsigned char *dst, size_t size, struct error *err)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(fd, dst + done, size - done, (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_errno(err, errno, "read");
		if (n == 0)
			return error_set(
			    err, EAGAIN, "it became shorter while it was read");
		done += (size_t)n;
	}
	return true;
}

bool
sealed_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool
sealed_is_settled(const struct stat *st)
{
	return time(NULL) - st->st_ctim.tv_sec > RACE_SEC;
}

bool
sealed_same_bytes(const struct sealed *s, int fd)
{
	unsigned char chunk[16 * 1024];
	const unsigned char *data = s->data;
	size_t done = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), (off_t)done)) > 0 ||
	    (n == -1 && errno == EINTR)) {
		if (n == -1)
			continue;
		if ((size_t)n > s->size - done ||
		    memcmp(chunk, data + done, (size_t)n) != 0)
			return false;
		done += (size_t)n;
	}
	return n == 0 && done == s->size;
}

/* Copy the file, and check that it did not change meanwhile. */
static bool
copy_file(struct sealed *s, int fd, struct error *err)
{
	struct stat after;
	void *to;
	bool ok;

	if (ftruncate(s->fd, (off_t)s->size) != 0)
		return error_errno(err, errno, "memory");
	to = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if (to == MAP_FAILED)
		return error_errno(err, errno, "memory");
	ok = read_all(fd, to, s->size, err);
	munmap(to, s->size); /* or it could not be sealed */
	if (!ok)
		return false;
	if (fstat(fd, &after) != 0 || !sealed_same_file(&s->file, &after))
		return error_set(err, EAGAIN, "it changed while it was read");
	return true;
}

/*
 * Seal the copy and map it.  The mapping is private, because Linux before 6.7
 * maps a sealed file in no other way.  As the file cannot be written any more,
 * both are the same.
 */
static bool
seal_and_map(struct sealed *s, struct error *err)
{
	void *data;

	if (fcntl(s->fd, F_ADD_SEALS, SEALS) != 0)
		return error_errno(err, errno, "seal");
	data = mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, s->fd, 0);
	if (data == MAP_FAILED)
		return error_errno(err, errno, "memory");
	s->data = data;
	return true;
}

bool
sealed_check(int fd, size_t max, struct error *err)
{
	/* Before anything else: fstat(2) of a foreign file could wait. */
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals == -1)
		return error_set(err, EINVAL,
		    "the descriptor is not that of a memfd_create(2)");
	if ((seals & SEALS) != SEALS)
		return error_set(err, EINVAL,
		    "the memory could still be changed: it needs the seals "
		    "F_SEAL_WRITE, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_SEAL");
	if (fstat(fd, &st) != 0)
		return error_errno(err, errno, "stat");
	return check_file(&st, max, err);
}

bool
sealed_init(struct sealed *s, int fd, size_t max, struct error *err)
{
	*s = (struct sealed){ .fd = -1 };
	if (fstat(fd, &s->file) != 0)
		return error_errno(err, errno, "stat");
	if (!check_file(&s->file, max, err))
		return false;
	s->size = (size_t)s->file.st_size;
	s->fd = memfd_create("reflashd", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (s->fd == -1)
		return error_errno(err, errno, "memory");
	if (copy_file(s, fd, err) && seal_and_map(s, err))
		return true;
	close(s->fd);
	return false;
}

void
sealed_fini(struct sealed *s)
{
	munmap((void *)(uintptr_t)s->data, s->size);
	close(s->fd);
}
