/* SPDX-License-Identifier: ISC */
/*
 * trust -- files that no untrusted user could have written.
 *
 * A file that decides about a flash must belong to root, to our own user, or to
 * a user who has given it to our own group.  Nobody else may write to it or to
 * its folder; that group may, as that is its purpose.  And a name in a folder
 * is a file in it: a link may lead to another place of the same folder, never
 * out of it.
 */
#ifndef REFLASHD_TRUST_H
#define REFLASHD_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

/* The user for whom files are judged; the texts are borrowed for good. */
struct trust_user {
	uid_t uid;
	gid_t gid;	    /* its group */
	const gid_t *other; /* the other groups that the user is in */
	size_t other_count;
	const char *group; /* the name of gid, for commands */
	bool is_easy;	   /* everything is to be trusted */
};

/*
 * Judge for the user that the daemon runs as, if that is another than the
 * caller's: trust_open() then also says whether that user could read the file.
 * Borrowed for good.
 */
void trust_judge_for(const struct trust_user *);

/*
 * Return true if the error says that the caller may not look: what the judged
 * user may do is not known then.
 */
bool trust_is_blind(const struct error *);

/*
 * Return false if others could have written the file (EBADMSG), with the
 * command that corrects that.
 */
bool trust_check(const struct stat *, const char *path, struct error *);

/* Return true if the judged user may run the program. */
bool trust_may_run(const struct stat *);

/*
 * Return true if the judged user can read the folder, and only trusted users
 * can write to it; false also if it is not there (ENOENT).
 */
bool trust_folder(const char *path, struct error *);

/*
 * Open a file for reading, never waiting for it. path is below folder, or, with
 * folder NULL, a path.  Returns -1 and why: it is not there (ENOENT), a link
 * leads out of the folder (EXDEV), or the file or its folder is not to be
 * trusted, or cannot be read by the judged user (EBADMSG).  The caller checks
 * in *st what kind of file it is.
 */
int trust_open(
    const char *folder, const char *path, struct stat *st, struct error *);

#endif
