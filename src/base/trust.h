/* SPDX-License-Identifier: ISC */
/*
 * trust -- files that nobody else could have written.
 *
 * What decides about a flash belongs to root, to us, or to somebody who has
 * given it to our own group, and nobody else may write to it or to its folder;
 * that group may, as it is there for that.
 * And a name in a folder is a file in it: a link may lead to another place of
 * the same folder, never out of it.
 */
#ifndef REFLASHD_TRUST_H
#define REFLASHD_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

/* The user for whom it is judged; the texts are borrowed for good. */
struct trust_user {
	uid_t uid;
	gid_t gid;	    /* its group */
	const gid_t *other; /* the other groups that it is in */
	size_t other_count;
	const char *group; /* the name of gid, for commands */
	bool is_easy;	   /* everything is to be trusted */
};

/*
 * Judge for the user that the daemon runs as, where that is somebody else than
 * who asks: trust_open() then also says whether that user could read the file.
 * Borrowed for good.
 */
void trust_judge_for(const struct trust_user *);

/*
 * Whether the error says that who asks may not look: nothing is known of what
 * the user may do for whom it is judged.
 */
bool trust_is_blind(const struct error *);

/*
 * False: others could have written it (EBADMSG), with the command that puts
 * that right.
 */
bool trust_check(const struct stat *, const char *path, struct error *);

/* Whether the user for whom it is judged may run a program. */
bool trust_may_run(const struct stat *);

/*
 * Whether a folder can be read by the user for whom it is judged, and only by
 * whom it may be written; false also if it is not there (ENOENT).
 */
bool trust_folder(const char *path, struct error *);

/*
 * Open a file for reading, never waiting for it: path, or what it is below
 * folder (NULL: path is a path).  -1 and why: not there (ENOENT), a link out of
 * the folder (EXDEV), or it, or the folder that it is in, is not to be trusted,
 * or not to be read by the user for whom it is judged (EBADMSG).  What kind of
 * file it is is the caller's business: *st tells.
 */
int trust_open(
    const char *folder, const char *path, struct stat *st, struct error *);

#endif
