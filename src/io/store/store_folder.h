/* SPDX-License-Identifier: ISC */
/*
 * store_folder -- a directory of small files that are replaced as a whole.
 *
 * Every name is of one file in the folder: it has no slash, and a link in its
 * place is not followed.  "NAME.new" is what NAME is to become.
 */
#ifndef REFLASHD_STORE_FOLDER_H
#define REFLASHD_STORE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Names of files, owned. */
struct store_names {
	char **names;
	size_t count;
};

struct store_folder {
	int fd;			  /* -1: not open */
	char *path;		  /* for messages */
	struct store_names stuck; /* of no use, but still in their place */
};

/* parent may be NULL, then name is a path. */
bool store_folder_open(struct store_folder *, const struct store_folder *parent,
    const char *name, struct error *);
void store_folder_close(struct store_folder *);

/* Remove what a process that died did not finish. */
void store_folder_clean(const struct store_folder *);

/* Describe a failure of one of its files by errno.  Returns false. */
bool store_folder_fail(
    const struct store_folder *, const char *name, int code, struct error *);

/*
 * What would be written to a folder that was removed, or moved away, is of no
 * use to who comes next.
 */
bool store_folder_is_there(const struct store_folder *, struct error *);

/*
 * Replace a file.  False: it is as it was, unless it was the last step that
 * failed, the one that makes the new name last.
 */
bool store_folder_write(struct store_folder *, const char *name,
    const void *data, size_t len, struct error *);

/*
 * Read a file of at most max bytes into *data, the caller's, with a NUL
 * behind.  ENOENT: there is none.
 */
bool store_folder_read(const struct store_folder *, const char *name,
    size_t max, char **data, size_t *len, struct error *);

/* A descriptor to read a regular file, or -1. */
int store_folder_file(
    const struct store_folder *, const char *name, struct error *);

/* That there is none is fine. */
bool
store_folder_remove(struct store_folder *, const char *name, struct error *);

/*
 * Rename a file that is of no use to "NAME.unreadable-N", a new name.  *why
 * says what is wrong with it and gets "; set aside as ..." behind.  If that
 * cannot be, or if what is wrong is that this process ran out of something,
 * it stays, and is set aside when its place is needed.
 */
void store_folder_set_aside(
    struct store_folder *, const char *name, struct error *why);

/* All that end in suffix, without those of hidden files, sorted. */
bool store_folder_list(const struct store_folder *, const char *suffix,
    struct store_names *, struct error *);
void store_names_fini(struct store_names *);

/* All of it, whatever write(2) takes at a time.  False with errno. */
bool store_write_all(int fd, const void *data, size_t len);

#endif
