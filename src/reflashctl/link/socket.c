/* SPDX-License-Identifier: ISC */
/* Advises a person who cannot use the control socket. */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/unixsock.h"
#include "reflashctl/ctl.h"
#include "reflashctl/link/socket.h"

static bool
is_member(gid_t group)
{
	gid_t groups[256];
	int count =
	    getgroups((int)(sizeof(groups) / sizeof(groups[0])), groups);

	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return getegid() == group;
}

/* Print that more rights are needed, and how to get them. */
static void
advise_group(const struct stat *st)
{
	bool helps = st->st_gid != 0 && (st->st_mode & S_IRWXG) != 0;
	const struct group *group = helps ? getgrgid(st->st_gid) : NULL;
	const struct passwd *user = getpwuid(getuid());

	if (group != NULL)
		complain("you need root (sudo), or the group %s: sudo usermod "
			 "-aG %s %s, then log in again",
		    group->gr_name, group->gr_name,
		    user != NULL ? user->pw_name : "YOU");
	else
		complain("you need root (sudo)");
}

void
socket_advise_rights(const char *path)
{
	struct stat st;

	/* The user of the daemon owns the socket, unless systemd made it. */
	if (stat(path, &st) == 0 && geteuid() != 0 && geteuid() != st.st_uid &&
	    !is_member(st.st_gid))
		advise_group(&st);
}

/* Print which rights the closed folder needs, or the socket itself. */
static void
advise_open(const char *path)
{
	char *part = xstrdup(path), *slash;
	struct stat st;

	while (stat(part, &st) != 0 && (slash = strrchr(part, '/')) != NULL)
		*slash = '\0';
	if (part[0] != '\0')
		advise_group(&st);
	free(part);
}

void
socket_advise_start(const char *path, const char *source)
{
	struct error err;
	int fd = unixsock_connect(path, &err);

	if (fd == -1 && err.code == EACCES) {
		advise_open(path);
		return;
	}
	if (source != NULL)
		complain(
		    "the path of the socket is from %s; is it right?", source);
	if (fd == -1)
		complain("start the daemon with: systemctl start reflashd");
	else
		close(fd);
}
