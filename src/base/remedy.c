/* SPDX-License-Identifier: ISC */
/*
 * Builds the chown and chmod commands that repair a file which the daemon must
 * not trust or may not read.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/remedy.h"

static bool
is_in_group(const struct trust_user *user, gid_t gid)
{
	bool is = user->gid == gid;

	for (size_t i = 0; i < user->other_count && !is; i++)
		is = user->other[i] == gid;
	return is;
}

/* Return the mode bits for the user, in the place of "others". */
static mode_t
mode_for(const struct stat *st, const struct trust_user *user)
{
	if (st->st_uid == user->uid)
		return st->st_mode >> 6;
	return is_in_group(user, st->st_gid) ? st->st_mode >> 3 : st->st_mode;
}

bool
remedy_may(
    const struct stat *st, const struct trust_user *user, enum remedy_need need)
{
	return user->uid == 0 || (mode_for(st, user) & need) == need;
}

/* Return how many names the path has below the root. */
static unsigned
depth_of(const char *path)
{
	unsigned depth = 0;

	for (const char *c = path; *c != '\0'; c++)
		depth += *c == '/' && c[1] != '/' && c[1] != '\0';
	return depth;
}

bool
remedy_is_common(const struct stat *st, const char *path)
{
	static const char *const tops[] = { "/home/", "/var/", "/usr/",
		"/run/user/" };
	bool is = (st->st_mode & S_ISVTX) != 0 ||
	    (path[0] == '/' && depth_of(path) <= 1);

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]) && !is; i++)
		is = strncmp(path, tops[i], strlen(tops[i])) == 0 &&
		    depth_of(path) <= depth_of(tops[i]) + 1;
	return is && S_ISDIR(st->st_mode);
}

char *
remedy_quote(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";
	char *out, *to;

	if (word[0] != '\0' && word[0] != '-' &&
	    word[strspn(word, plain)] == '\0')
		return xstrdup(word);
	out = to = xcalloc(4 * strlen(word) + 3, 1);
	*to++ = '\'';
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *word;
	}
	*to = '\'';
	return out;
}

/* The changes that repair a file. */
struct change {
	bool owner, group; /* to root, to the group of the user */
	char mode[32];	   /* "o-w,g+r"; "" as it is */
};

static void
add_mode(struct change *change, const char *mode)
{
	size_t used = strlen(change->mode);

	snprintf(change->mode + used, sizeof(change->mode) - used, "%s%s",
	    used > 0 ? "," : "", mode);
}

static void
find_change(const struct stat *st, const struct trust_user *user,
    enum remedy_need need, struct change *change)
{
	struct stat next = *st;
	char mode[8];
	bool owns;

	*change = (struct change){ 0 };
	change->owner = st->st_uid != 0 && st->st_uid != user->uid &&
	    (user->gid == 0 || st->st_gid != user->gid);
	if (change->owner)
		next.st_uid = 0;
	if (st->st_mode & S_IWOTH)
		add_mode(change, "o-w");
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0 &&
	    st->st_gid != user->gid)
		add_mode(change, "g-w");
	if (remedy_may(&next, user, need))
		return;
	owns = next.st_uid == user->uid;
	change->group = !owns && !is_in_group(user, st->st_gid);
	snprintf(mode, sizeof(mode), "%c+%s%s", owns ? 'u' : 'g',
	    need & REMEDY_READ ? "r" : "", need & REMEDY_PASS ? "x" : "");
	add_mode(change, mode);
}

/* Return "chown root:reflashd FILE" or the like, or NULL. */
static char *
owner_command(const struct change *change, const char *sudo, const char *group,
    const char *file)
{
	if (change->owner && change->group)
		return xasprintf("%schown root:%s %s", sudo, group, file);
	if (change->owner)
		return xasprintf("%schown root %s", sudo, file);
	if (change->group)
		return xasprintf("%schgrp %s %s", sudo, group, file);
	return NULL;
}

char *
remedy_command(const struct stat *st, const char *path,
    const struct trust_user *user, enum remedy_need need)
{
	const char *sudo = geteuid() == 0 ? "" : "sudo ";
	char *file = remedy_quote(path), *owner, *command;
	struct change change;

	find_change(st, user, need, &change);
	owner = owner_command(&change, sudo, user->group, file);
	if (owner != NULL && change.mode[0] == '\0')
		command = xstrdup(owner);
	else
		command =
		    xasprintf("%s%s%schmod %s %s", owner != NULL ? owner : "",
			owner != NULL ? " && " : "", sudo, change.mode, file);
	free(owner);
	free(file);
	return command;
}
