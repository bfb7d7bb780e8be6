/* SPDX-License-Identifier: ISC */
/* Appends lines to a file that is rotated, and reads all parts back. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/store/store_lines.h"

/* Return the name of a part; part 0 is NAME itself. */
static const char *
part_name(const struct store_lines *lines, unsigned part, char dst[NAME_MAX])
{
	if (part == 0)
		snprintf(dst, NAME_MAX, "%s", lines->name);
	else
		snprintf(dst, NAME_MAX, "%s.%u", lines->name, part);
	return dst;
}

/*
 * Return the part that may be overwritten: the first missing one, else the
 * oldest.  0: it cannot be told.
 */
static unsigned
find_last(const struct store_lines *lines)
{
	char name[NAME_MAX];
	struct stat st;

	for (unsigned part = 1; part < STORE_LINES_OLD; part++)
		if (fstatat(lines->folder->fd, part_name(lines, part, name),
			&st, AT_SYMLINK_NOFOLLOW) == -1)
			return errno == ENOENT ? part : 0;
	return STORE_LINES_OLD;
}

/*
 * Move each part up by one, beginning with the oldest.  If the process dies
 * meanwhile, one part is missing, and the next rotation only has to reach that.
 * If a part cannot be moved, the file grows on: that is better than losing a
 * part.
 */
static void
rotate(const struct store_lines *lines)
{
	char from[NAME_MAX], to[NAME_MAX];
	int at = lines->folder->fd;

	for (unsigned part = find_last(lines); part > 0; part--)
		if (renameat(at, part_name(lines, part - 1, from), at,
			part_name(lines, part, to)) == -1)
			return;
}

/* Open the file for the next line; *size is its size.  -1: errno. */
static int
open_end(const struct store_lines *lines, off_t *size)
{
	int fd = openat(lines->folder->fd, lines->name,
	    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0600);
	struct stat st;

	if (fd != -1 && fstat(fd, &st) == 0) {
		*size = st.st_size;
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

/* Return true if the file ends within a line, or if that cannot be told. */
static bool
is_torn(int fd, off_t size)
{
	char last;

	return size > 0 && (pread(fd, &last, 1, size - 1) != 1 || last != '\n');
}

/*
 * Append the text and wait until it is on the disk; on failure leave the file
 * as it was.  Returns false with errno.
 */
static bool
append(int fd, const char *text, size_t len, off_t size)
{
	int code;

	if (store_write_all(fd, text, len))
		return fdatasync(fd) == 0;
	code = errno;
	/* If this fails, the next line begins after a newline. */
	(void)!ftruncate(fd, size);
	errno = code;
	return false;
}

/* Append a line, after a newline if the last line is torn. */
static bool
append_line(int fd, const char *text, size_t len, off_t size)
{
	char *line;
	bool ok;

	if (!is_torn(fd, size))
		return append(fd, text, len, size);
	line = xasprintf("\n%.*s", (int)len, text);
	ok = append(fd, line, len + 1, size);
	free(line);
	return ok;
}

bool
store_lines_add(const struct store_lines *lines, const char *text, size_t len,
    struct error *err)
{
	off_t size;
	int fd = open_end(lines, &size);
	bool ok;

	if (fd != -1 && size > 0 && (size_t)size + len > STORE_LINES_MAX_FILE) {
		rotate(lines);
		close(fd);
		fd = open_end(lines, &size);
	}
	ok = fd != -1 && append_line(fd, text, len, size) &&
	    (size > 0 || fsync(lines->folder->fd) == 0);
	if (!ok)
		store_folder_fail(lines->folder, lines->name, errno, err);
	if (fd != -1)
		close(fd);
	return ok;
}

/* Reads all parts, and collects one line from their chunks. */
struct reader {
	int fds[STORE_LINES_OLD + 1]; /* the oldest first; -1: there is none */
	size_t part;		      /* that is being read */
	size_t skipped;
	off_t end; /* of the chunk, in the part */
	char chunk[16 * 1024];
	size_t at, have; /* of the chunk */
	char line[STORE_LINES_MAX_LINE];
	size_t used; /* above the limit: too long, and not in line */
};

static void
open_parts(struct reader *in, const struct store_lines *lines, bool is_first)
{
	char name[NAME_MAX];
	struct error err;

	for (unsigned i = 0; i <= STORE_LINES_OLD; i++) {
		in->fds[i] = store_folder_file(lines->folder,
		    part_name(lines, STORE_LINES_OLD - i, name), &err);
		in->skipped +=
		    is_first && in->fds[i] == -1 && err.code != ENOENT;
	}
}

static void
close_parts(struct reader *in)
{
	for (size_t i = 0; i <= STORE_LINES_OLD; i++)
		if (in->fds[i] != -1)
			close(in->fds[i]);
}

/* Read the bytes just before `at`, by which a part is recognised later. */
static bool
look_behind(int fd, off_t at, char dst[STORE_LINES_BEHIND])
{
	size_t n = at < STORE_LINES_BEHIND ? (size_t)at : STORE_LINES_BEHIND;

	memset(dst, 0, STORE_LINES_BEHIND);
	return pread(fd, dst, n, at - (off_t)n) == (ssize_t)n;
}

static bool
is_at(int fd, const struct store_lines_place *place)
{
	char behind[STORE_LINES_BEHIND];
	struct stat st;

	return fd != -1 && fstat(fd, &st) == 0 && st.st_dev == place->device &&
	    st.st_ino == place->inode && look_behind(fd, place->at, behind) &&
	    memcmp(behind, place->behind, STORE_LINES_BEHIND) == 0 &&
	    lseek(fd, place->at, SEEK_SET) == place->at;
}

/*
 * Go to where the last read ended, in whichever part that is by now.  If that
 * part is lost, everything that is left is newer.
 */
static void
find_place(struct reader *in, const struct store_lines_place *place)
{
	for (size_t i = 0; i <= STORE_LINES_OLD; i++)
		if (is_at(in->fds[i], place)) {
			in->part = i;
			in->end = place->at;
			return;
		}
}

/*
 * Remember where this read ends.  Returns false if it cannot be told, so that
 * no later read can go on from there.
 */
static bool
note_place(const struct reader *in, struct store_lines_place *place)
{
	int fd = in->fds[in->part];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	place->device = st.st_dev;
	place->inode = st.st_ino;
	place->at = in->end - (off_t)(in->have - in->at);
	return look_behind(fd, place->at, place->behind);
}

/* Read the next chunk if need be.  Returns false at the end of the part. */
static bool
fill(struct reader *in)
{
	int fd = in->fds[in->part];
	ssize_t n = 0;

	if (in->at < in->have)
		return true;
	do
		n = fd != -1 ? read(fd, in->chunk, sizeof(in->chunk)) : 0;
	while (n == -1 && errno == EINTR);
	in->skipped += n == -1;
	in->at = 0;
	in->have = n > 0 ? (size_t)n : 0;
	in->end += n > 0 ? n : 0;
	return n > 0;
}

/*
 * Move the chunk's bytes up to the end of a line into the line.  Returns true
 * if the line is complete.
 */
static bool
take(struct reader *in)
{
	const char *from = in->chunk + in->at;
	size_t left = in->have - in->at;
	const char *end = memchr(from, '\n', left);
	size_t n = end != NULL ? (size_t)(end - from) : left;

	if (in->used + n <= STORE_LINES_MAX_LINE)
		memcpy(in->line + in->used, from, n);
	in->used += n;
	in->at += n + (end != NULL);
	return end != NULL;
}

/* End a line or part.  Returns true if it is a line, and not too long. */
static bool
end_line(struct reader *in)
{
	bool is_line = in->used > 0 && in->used <= STORE_LINES_MAX_LINE;

	in->skipped += in->used > STORE_LINES_MAX_LINE;
	if (!is_line)
		in->used = 0;
	return is_line;
}

/* Read up to max lines.  Returns false if there are no more. */
static bool
read_lines(struct reader *in, size_t max,
    void (*line)(const char *, size_t, void *), void *ctx)
{
	size_t told = 0;

	while (in->part <= STORE_LINES_OLD && told < max) {
		bool is_filled = fill(in);

		if (!is_filled) {
			in->part++;
			in->end = 0;
		}
		if ((is_filled && !take(in)) || !end_line(in))
			continue;
		line(in->line, in->used, ctx);
		in->used = 0;
		told++;
	}
	return in->part <= STORE_LINES_OLD;
}

bool
store_lines_read(const struct store_lines *lines,
    struct store_lines_place *place, size_t max,
    void (*line)(const char *, size_t, void *), void *ctx)
{
	struct reader *in = xcalloc(1, sizeof(*in));
	bool is_more;

	open_parts(in, lines, place->inode == 0);
	find_place(in, place);
	is_more = read_lines(in, max, line, ctx) && note_place(in, place);
	place->skipped += in->skipped;
	close_parts(in);
	free(in);
	return is_more;
}
