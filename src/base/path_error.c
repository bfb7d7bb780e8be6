/* SPDX-License-Identifier: ISC */
/*
 * Finds the part of a path that keeps it from being used, as a file in the
 * place of a folder or a link that leads in a circle, for messages to people.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path_error.h"

/* Return true if this part of the path alone gives the same error. */
static bool
is_at_fault(const char *part, int code)
{
	struct stat st;

	if (stat(part, &st) == 0)
		return code == ENOTDIR && !S_ISDIR(st.st_mode);
	return errno == code && code != ENOTDIR;
}

/* Return the shortest faulty beginning of the path; free() it.  Or NULL. */
static char *
find_fault(const char *path, int code)
{
	size_t len = strspn(path, "/");

	while (path[len] != '\0') {
		char *part;

		len += strcspn(path + len, "/");
		part = xstrndup(path, len);
		if (is_at_fault(part, code))
			return part;
		free(part);
		len += strspn(path + len, "/");
	}
	return NULL;
}

static bool
is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static bool
set_error(struct error *err, int code, const char *path, const char *part)
{
	if (code == ENAMETOOLONG)
		return error_set(err, code,
		    "%s: a name in this path has more than %d letters, or all "
		    "of it more than %d; use shorter names",
		    path, NAME_MAX, PATH_MAX - 1);
	if (part == NULL && is_link(path))
		return error_set(err, code,
		    "%s: this is a link, and links are not followed here; put "
		    "the folder or file itself there",
		    path);
	if (part == NULL)
		return error_errno(err, code, "%s", path);
	if (code == ELOOP)
		return error_set(err, code,
		    "%s: the link %s leads back to itself; remove the link, or "
		    "let it lead to the right place",
		    path, part);
	return error_set(err, code,
	    "%s: %s is a file, not a folder; correct the path, or move that "
	    "file away",
	    path, part);
}

bool
path_error(struct error *err, int code, const char *path)
{
	char *part;

	if (code != ENOTDIR && code != ELOOP && code != ENAMETOOLONG)
		return error_errno(err, code, "%s", path);
	part = find_fault(path, code);
	set_error(err, code, path, part);
	free(part);
	return false;
}
