/* SPDX-License-Identifier: ISC */
/* Writes progress of downloads to files, without waiting for the disk. */
#include "config.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/store/store_marks.h"

#define MAX_OPEN 16 /* as many downloads at a time write without an open */
#define MAX_NAME 64

struct mark {
	char name[MAX_NAME]; /* "": free */
	int fd;
	uint64_t used; /* when, counted in uses */
};

struct store_marks {
	const struct store_folder *folder; /* borrowed */
	uint64_t uses;
	struct mark open[MAX_OPEN];
};

struct store_marks *
store_marks_new(const struct store_folder *folder)
{
	struct store_marks *marks = xcalloc(1, sizeof(*marks));

	marks->folder = folder;
	return marks;
}

static void
drop(struct mark *mark)
{
	if (mark->name[0] != '\0')
		close(mark->fd);
	*mark = (struct mark){ 0 };
}

void
store_marks_free(struct store_marks *marks)
{
	if (marks == NULL)
		return;
	for (size_t i = 0; i < MAX_OPEN; i++)
		drop(&marks->open[i]);
	free(marks);
}

static struct mark *
find(struct store_marks *marks, const char *name)
{
	for (size_t i = 0; i < MAX_OPEN; i++)
		if (strcmp(marks->open[i].name, name) == 0)
			return &marks->open[i];
	return NULL;
}

/* Return a free entry; close the one used longest ago if need be. */
static struct mark *
make_room(struct store_marks *marks)
{
	struct mark *oldest = &marks->open[0];

	for (size_t i = 1; i < MAX_OPEN; i++)
		if (marks->open[i].used < oldest->used)
			oldest = &marks->open[i];
	drop(oldest);
	return oldest;
}

static struct mark *
find_or_open(struct store_marks *marks, const char *name)
{
	struct mark *mark = find(marks, name);
	char copy[MAX_NAME];
	int fd;

	if (mark != NULL || !text_copy(copy, sizeof(copy), name))
		return mark;
	fd = openat(marks->folder->fd, name,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd == -1)
		return NULL;
	mark = make_room(marks);
	mark->fd = fd;
	memcpy(mark->name, copy, sizeof(copy));
	return mark;
}

void
store_marks_set(struct store_marks *marks, const char *name, uint64_t value)
{
	struct mark *mark = find_or_open(marks, name);
	uint64_t bytes = htole64(value);

	if (mark == NULL)
		return;
	mark->used = ++marks->uses;
	/* The disk has lost the file's place: open it anew next time. */
	if (pwrite(mark->fd, &bytes, sizeof(bytes), 0) !=
	    (ssize_t)sizeof(bytes))
		drop(mark);
}

uint64_t
store_marks_get(struct store_marks *marks, const char *name)
{
	struct error ignored;
	uint64_t bytes;
	char *data;
	size_t len;

	if (!store_folder_read(
		marks->folder, name, sizeof(bytes), &data, &len, &ignored))
		return 0;
	if (len != sizeof(bytes))
		bytes = 0;
	else
		memcpy(&bytes, data, sizeof(bytes));
	free(data);
	return le64toh(bytes);
}

bool
store_marks_remove(
    struct store_marks *marks, const char *name, struct error *err)
{
	struct mark *mark = find(marks, name);

	if (mark != NULL)
		drop(mark);
	if (unlinkat(marks->folder->fd, name, 0) == -1 && errno != ENOENT)
		return store_folder_fail(marks->folder, name, errno, err);
	return true;
}
