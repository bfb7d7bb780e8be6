/* SPDX-License-Identifier: ISC */
/*
 * Opens files that only trusted users could have written, and says how to
 * repair the owner and mode of others.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path_error.h"
#include "base/remedy.h"
#include "base/trust.h"

static const struct trust_user *judged; /* NULL: ourselves */

void
trust_judge_for(const struct trust_user *user)
{
	judged = user;
}

/* Get the user for whom files are judged. */
static void
get_user(struct trust_user *user)
{
	*user = (struct trust_user){ .uid = geteuid(), .gid = getegid() };
	if (judged != NULL)
		*user = *judged;
}

bool
trust_is_blind(const struct error *err)
{
	return judged != NULL && err->code == EACCES && geteuid() != 0 &&
	    geteuid() != judged->uid;
}

/* Return the name of a group, or its number; free() it. */
static char *
group_name(gid_t gid)
{
	const struct group *group = getgrgid(gid);

	return group != NULL ? xstrdup(group->gr_name)
			     : xasprintf("%u", (unsigned)gid);
}

/* Return the name of a user, or its number; free() it. */
static char *
user_name(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user != NULL ? xstrdup(user->pw_name)
			    : xasprintf("%u", (unsigned)uid);
}

/*
 * Add the command that helps, or another way if the folder must not be changed.
 */
static bool
add_remedy(struct error *err, const struct stat *st, const char *path,
    struct trust_user *user, enum remedy_need need)
{
	char *group = group_name(user->gid), *command;
	struct error first = *err;

	if (remedy_is_common(st, path))
		return error_set(err, EBADMSG,
		    "%s: move the file into a folder that only root may write "
		    "to",
		    first.text);
	if (user->group == NULL)
		user->group = group;
	command = remedy_command(st, path, user, need);
	error_set(err, EBADMSG, "%s; correct it with: %s", first.text, command);
	free(command);
	free(group);
	return false;
}

/*
 * Return true if the file belongs to our group.  Only a member of the group, or
 * root, can give it a file, or a user who may create one in a set-group-id
 * folder of it.  In a user namespace the owner would show as "nobody" instead.
 */
static bool
is_from_our_group(const struct stat *st, const struct trust_user *user)
{
	return user->gid != 0 && st->st_gid == user->gid;
}

bool
trust_check(const struct stat *st, const char *path, struct error *err)
{
	struct trust_user user;

	get_user(&user);
	if (user.is_easy)
		return true;
	if (st->st_uid != 0 && st->st_uid != user.uid &&
	    !is_from_our_group(st, &user))
		error_set(err, EBADMSG,
		    "%s belongs to user id %u, which could change it at any "
		    "time",
		    path, (unsigned)st->st_uid);
	else if (st->st_mode & S_IWOTH)
		error_set(err, EBADMSG, "everybody may write to %s", path);
	else if ((st->st_mode & S_IWGRP) && st->st_gid != 0 &&
	    st->st_gid != user.gid)
		error_set(err, EBADMSG, "group %u may write to %s",
		    (unsigned)st->st_gid, path);
	else
		return true;
	return add_remedy(err, st, path, &user,
	    S_ISDIR(st->st_mode) ? REMEDY_LIST : REMEDY_READ);
}

bool
trust_may_run(const struct stat *st)
{
	struct trust_user user;

	get_user(&user);
	/* Root, too, can run only a file with an x bit. */
	return (st->st_mode & 0111) != 0 &&
	    (user.uid == 0 || remedy_may(st, &user, REMEDY_PASS));
}

/* Check that the user may read or enter this part of the path. */
static bool
check_part(const char *path, enum remedy_need need, struct error *err)
{
	struct trust_user user;
	struct stat st;
	char *name;

	get_user(&user);
	if (user.is_easy || stat(path, &st) != 0)
		return true;
	if (remedy_may(&st, &user, need))
		return true;
	name = user_name(user.uid);
	error_set(err, EBADMSG, "the daemon may not %s %s, as user %s",
	    need == REMEDY_PASS ? "enter" : "read", path, name);
	free(name);
	return add_remedy(err, &st, path, &user, need);
}

/* Check that the user could get to the file, even if this process can. */
static bool
check_way(const char *path, struct error *err)
{
	char *real = realpath(path, NULL), *slash;
	struct stat st;
	bool ok = true;

	if (real == NULL)
		real = xstrdup(path);
	for (slash = strchr(real + 1, '/'); slash != NULL && ok;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ok = check_part(real, REMEDY_PASS, err);
		*slash = '/';
	}
	if (ok && stat(real, &st) == 0)
		ok = check_part(
		    real, S_ISDIR(st.st_mode) ? REMEDY_LIST : REMEDY_READ, err);
	free(real);
	return ok;
}

/*
 * Open a name in the folder.  Returns -1 with errno; EXDEV if it leads out of
 * the folder.
 */
static int
open_beneath(int folder, const char *name, int flags)
{
	const struct open_how how = { .flags = (uint64_t)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof(how));

	/*
	 * Linux before 5.6 does not have openat2, and some containers forbid
	 * it.
	 */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM) &&
	    strchr(name, '/') == NULL) {
		fd = openat(folder, name, flags | O_NOFOLLOW);
		if (fd == -1 && errno == ELOOP)
			errno = EXDEV;
	}
	return fd;
}

/* Return true if the ".." in a name lead out of its folder. */
static bool
is_climbing(const char *name)
{
	int depth = 0;

	while (*name != '\0' && depth >= 0) {
		size_t len = strcspn(name, "/");

		if (len == 2 && strncmp(name, "..", 2) == 0)
			depth--;
		else if (len > 0 && !(len == 1 && *name == '.'))
			depth++;
		name += len;
		name += strspn(name, "/");
	}
	return depth < 0;
}

/* Say what errno means for a path; name: its part below a folder, or NULL. */
static bool
explain(struct error *err, const char *path, const char *name)
{
	struct stat st;
	int code = errno;

	if (code == EXDEV && name != NULL && is_climbing(name))
		return error_set(err, EXDEV,
		    "%s: \"..\" leads out of the folder; write the whole path, "
		    "from / on",
		    path);
	if (code == EXDEV)
		return error_set(err, EXDEV,
		    "%s: this link leads out of its folder; put the file "
		    "itself there",
		    path);
	if (code == ENOENT && lstat(path, &st) == 0)
		return error_set(
		    err, ELOOP, "%s: this link leads nowhere", path);
	/*
	 * Where this process may not look, the modes may still tell that the
	 * daemon may not either.
	 */
	path_error(err, code, path);
	if (code == EACCES)
		check_way(path, err);
	return false;
}

static bool
check(int fd, const char *path, struct stat *st, struct error *err)
{
	if (fstat(fd, st) == -1)
		return error_errno(err, errno, "%s", path);
	/* For anything else, such as a device, the caller says what it is. */
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return true;
	return trust_check(st, path, err);
}

/*
 * Check the folder of a name that lies below another folder: it must be
 * trusted, too.
 */
static bool
check_parent(int folder, const char *whole, const char *name, struct error *err)
{
	const char *slash = strrchr(name, '/');
	char *parent, *path;
	struct stat st;
	bool ok = true;
	int fd;

	if (slash == NULL)
		return true;
	parent = xstrndup(name, (size_t)(slash - name));
	path = xstrndup(whole, strlen(whole) - strlen(slash));
	fd = open_beneath(folder, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1) {
		ok = check(fd, path, &st, err);
		close(fd);
	}
	free(path);
	free(parent); /* a missing folder shows when the file is opened */
	return ok;
}

/*
 * Check an open file, and whether the user for whom it is judged could open it.
 */
static bool
check_file(int fd, const char *whole, struct stat *st, struct error *err)
{
	return check(fd, whole, st, err) &&
	    (judged == NULL || check_way(whole, err));
}

static int
open_in(const char *folder, const char *name, const char *whole,
    struct stat *st, struct error *err)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	if (dir == -1) {
		explain(err, whole, NULL);
		return -1;
	}
	if (check(dir, folder, st, err) &&
	    check_parent(dir, whole, name, err)) {
		fd = open_beneath(dir, name, flags);
		if (fd == -1)
			explain(err, whole, name);
		else if (!check_file(fd, whole, st, err)) {
			close(fd);
			fd = -1;
		}
	}
	close(dir);
	return fd;
}

bool
trust_folder(const char *path, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	struct stat st;
	int fd = open(path, flags);
	bool ok;

	if (fd == -1)
		return explain(err, path, NULL);
	ok = check_file(fd, path, &st, err);
	close(fd);
	return ok;
}

int
trust_open(
    const char *folder, const char *path, struct stat *st, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char *whole, *parent;
	int fd;

	if (folder != NULL) {
		whole = xasprintf("%s/%s", folder, path);
		fd = open_in(folder, path, whole, st, err);
		free(whole);
		return fd;
	}
	if (slash == NULL)
		return open_in(".", path, path, st, err);
	parent = slash == path ? xstrdup("/")
			       : xstrndup(path, (size_t)(slash - path));
	fd = open_in(parent, slash + 1, path, st, err);
	free(parent);
	return fd;
}
