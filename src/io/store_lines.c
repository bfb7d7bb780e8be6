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

/* A line in the making. */
struct reading {
	void (*line)(const char *, size_t, void *);
	void *ctx;
	size_t *skipped;
	char *buf;
	size_t used; /* above the limit: too long, and not in buf */
};

static void
end_line(struct reading *in)
{
	if (in->used > STORE_LINES_MAX_LINE)
		(*in->skipped)++;
	else if (in->used > 0)
		in->line(in->buf, in->used, in->ctx);
	in->used = 0;
}

static void
take(struct reading *in, const char *data, size_t len)
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t n = end != NULL ? (size_t)(end - data) : len;

		if (in->used + n <= STORE_LINES_MAX_LINE)
			memcpy(in->buf + in->used, data, n);
		in->used += n;
		if (end == NULL)
			return;
		end_line(in);
		data = end + 1;
		len -= n + 1;
	}
}

static void
read_part(const struct store_lines *lines, unsigned part, struct reading *in)
{
	char name[NAME_MAX], chunk[16 * 1024];
	struct error err;
	ssize_t n;
	int fd = store_folder_file(
	    lines->folder, part_name(lines, part, name), &err);

	if (fd == -1) {
		*in->skipped += err.code != ENOENT;
		return;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 ||
	    (n == -1 && errno == EINTR))
		if (n > 0)
			take(in, chunk, (size_t)n);
	*in->skipped += n == -1;
	end_line(in);
	close(fd);
}

void
store_lines_read(const struct store_lines *lines,
    void (*line)(const char *, size_t, void *), void *ctx, size_t *skipped)
{
	struct reading in = {
		.line = line,
		.ctx = ctx,
		.skipped = skipped,
		.buf = xcalloc(1, STORE_LINES_MAX_LINE),
	};

	*skipped = 0;
	for (unsigned part = STORE_LINES_OLD + 1; part > 0; part--)
		read_part(lines, part - 1, &in);
	free(in.buf);
}
