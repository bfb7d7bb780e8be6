/* SPDX-License-Identifier: ISC */
/*
 * store_folder -- a directory of small files that are replaced as a whole.
 *
 * Every name is that of one file in the folder: it has no slash, and a link in
 * its place is not followed.  "NAME.new" is what NAME is to become.
 */
#ifndef REFLASHD_STORE_FOLDER_H
#define REFLASHD_STORE_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strlist.h"

struct store_folder {
	int fd;		      /* -1: not open */
	char *path;	      /* for messages */
	struct strlist stuck; /* of no use, but still in their place */
};

/* Open a folder in its parent.  If parent is NULL, name is a path. */
bool store_folder_open(struct store_folder *, const struct store_folder *parent,
    const char *name, struct error *);
void store_folder_close(struct store_folder *);

/* Remove the files that a process left unfinished when it died. */
void store_folder_clean(const struct store_folder *);

/* Describe a failure of one of its files by errno.  Returns false. */
bool store_folder_fail(
    const struct store_folder *, const char *name, int code, struct error *);

/*
 * Return true if the path still leads to this folder.  If it was removed or
 * moved away, the next daemon would not find what is written to it.
 */
bool store_folder_is_there(const struct store_folder *, struct error *);

/*
 * Replace a file.  On false it is unchanged, unless the last step failed, which
 * makes the new name last.
 */
bool store_folder_write(struct store_folder *, const char *name,
    const void *data, size_t len, struct error *);

/*
 * Read a file of at most max bytes into *data, which the caller owns, with a
 * NUL after.  ENOENT: there is no such file.
 */
bool store_folder_read(const struct store_folder *, const char *name,
    size_t max, char **data, size_t *len, struct error *);

/* Open a regular file for reading.  Returns its descriptor, or -1. */
int store_folder_file(
    const struct store_folder *, const char *name, struct error *);

/* Remove a file; if there is none, that is fine. */
bool
store_folder_remove(struct store_folder *, const char *name, struct error *);

/*
 * Rename a useless file to an unused "NAME.unreadable-N". *why says what is
 * wrong with it, and "; set aside as ..." is appended.  If renaming fails, or
 * this process only ran out of something, the file stays, and is set aside when
 * its place is needed.
 */
void store_folder_set_aside(
    struct store_folder *, const char *name, struct error *why);

/* Find the file that was set aside of a name last.  False: there is none. */
bool store_folder_last_aside(
    const struct store_folder *, const char *name, char aside[NAME_MAX + 1]);

/* List all names that end in suffix, sorted, without hidden files. */
bool store_folder_list(const struct store_folder *, const char *suffix,
    struct strlist *, struct error *);

/* Write all bytes, however few write(2) takes.  False: errno. */
bool store_write_all(int fd, const void *data, size_t len);

#endif
