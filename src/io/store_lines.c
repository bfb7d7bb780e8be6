/* SPDX-License-Identifier: ISC */
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
#include "io/store_lines.h"

/* NAME is part 0. */
static const char *
part_name(const struct store_lines *lines, unsigned part, char dst[NAME_MAX])
{
	if (part == 0)
		snprintf(dst, NAME_MAX, "%s", lines->name);
	else
		snprintf(dst, NAME_MAX, "%s.%u", lines->name, part);
	return dst;
}

/* The part that can be written over: a gap, or the last.  0: cannot tell. */
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
 * Move each part up by one, beginning with the oldest that has to: a death
 * on the way leaves a gap, up to which there is room the next time.  If one
 * cannot be moved, the file grows on: better than losing any.
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

/* Open it for the next line; *size is what it has now.  -1 with errno. */
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

/* Does the file end within a line?  If that cannot be told: yes. */
static bool
is_torn(int fd, off_t size)
{
	char last;

	return size > 0 && (pread(fd, &last, 1, size - 1) != 1 || last != '\n');
}

/* All of it and on the disk, or as it was.  False with errno. */
static bool
append(int fd, const char *text, size_t len, off_t size)
{
	int code;

	if (store_write_all(fd, text, len))
		return fdatasync(fd) == 0;
	code = errno;
	/* If this fails too, the next line begins behind what is torn. */
	(void)!ftruncate(fd, size);
	errno = code;
	return false;
}

/* The same, behind a newline if there has to be one. */
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

/* All parts, and a line in the making. */
struct store_lines_reader {
	int fds[STORE_LINES_OLD + 1]; /* the oldest first; -1: there is none */
	size_t part;		      /* that is being read */
	size_t skipped;
	char chunk[16 * 1024];
	size_t at, have; /* of the chunk */
	char line[STORE_LINES_MAX_LINE];
	size_t used; /* above the limit: too long, and not in line */
};

struct store_lines_reader *
store_lines_open(const struct store_lines *lines)
{
	struct store_lines_reader *in = xcalloc(1, sizeof(*in));
	char name[NAME_MAX];
	struct error err;

	/* All at once: they are renamed when a new one begins. */
	for (unsigned i = 0; i <= STORE_LINES_OLD; i++) {
		in->fds[i] = store_folder_file(lines->folder,
		    part_name(lines, STORE_LINES_OLD - i, name), &err);
		in->skipped += in->fds[i] == -1 && err.code != ENOENT;
	}
	return in;
}

/* False: this part has ended. */
static bool
fill(struct store_lines_reader *in)
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
	return n > 0;
}

/* What the chunk has of a line; true: that is its end. */
static bool
take(struct store_lines_reader *in)
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

/* A line, or a part, has ended; true: with something in it. */
static bool
end_line(struct store_lines_reader *in)
{
	bool is_line = in->used > 0 && in->used <= STORE_LINES_MAX_LINE;

	in->skipped += in->used > STORE_LINES_MAX_LINE;
	if (!is_line)
		in->used = 0;
	return is_line;
}

bool
store_lines_next(struct store_lines_reader *in, size_t max,
    void (*line)(const char *, size_t, void *), void *ctx)
{
	size_t told = 0;

	while (in->part <= STORE_LINES_OLD && told < max) {
		bool is_filled = fill(in);

		in->part += !is_filled;
		if ((is_filled && !take(in)) || !end_line(in))
			continue;
		line(in->line, in->used, ctx);
		in->used = 0;
		told++;
	}
	return in->part <= STORE_LINES_OLD;
}

size_t
store_lines_close(struct store_lines_reader *in)
{
	size_t skipped = in->skipped;

	for (size_t i = 0; i <= STORE_LINES_OLD; i++)
		if (in->fds[i] != -1)
			close(in->fds[i]);
	free(in);
	return skipped;
}
