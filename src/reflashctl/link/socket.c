/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/unixsock.h"
#include "core/config/configuration.h"
#include "reflashctl/ctl.h"
#include "reflashctl/link/socket.h"

#define CONFIGURATION SYSCONFDIR "/reflashd/reflashd.conf"
#define MAX_FILE      (256 * 1024)

/* The daemon complains about a bad file; here it only does not count. */
static void
read_file(struct config *config, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct problems problems = { 0 };
	char *text;
	ssize_t len;

	if (fd == -1)
		return;
	text = xcalloc(MAX_FILE, 1);
	len = read(fd, text, MAX_FILE);
	if (len > 0)
		config_parse(config, text, (size_t)len, path, &problems);
	problems_fini(&problems);
	free(text);
	close(fd);
}

static int
is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	    strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static char *
configured_path(const char **source)
{
	struct config *config = config_new();
	char *path, *built_in = xstrdup(config->control_socket);
	struct dirent **entries;
	int count = scandir(CONFIGURATION ".d", &entries, is_drop_in, by_bytes);

	read_file(config, CONFIGURATION);
	for (int i = 0; i < count; i++) {
		path = xasprintf("%s.d/%s", CONFIGURATION, entries[i]->d_name);
		read_file(config, path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	path = xstrdup(config->control_socket);
	*source = strcmp(path, built_in) != 0 ? CONFIGURATION : NULL;
	free(built_in);
	config_free(config);
	return path;
}

char *
socket_path(const char *given, const char **source)
{
	*source = "--socket";
	if (given == NULL) {
		given = getenv("REFLASHD_SOCKET");
		*source = "REFLASHD_SOCKET";
	}
	if (given != NULL && given[0] != '\0')
		return xstrdup(given);
	return configured_path(source);
}

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

/* That it takes more rights, and how to have them. */
static void
advise_group(const struct stat *st)
{
	bool helps = st->st_gid != 0 && (st->st_mode & S_IRWXG) != 0;
	const struct group *group = helps ? getgrgid(st->st_gid) : NULL;
	const struct passwd *user = getpwuid(getuid());

	if (group != NULL)
		complain("it takes root (sudo), or the group %s: sudo usermod "
			 "-aG %s %s, then log in again",
		    group->gr_name, group->gr_name,
		    user != NULL ? user->pw_name : "YOU");
	else
		complain("it takes root (sudo)");
}

void
socket_advise_rights(const char *path)
{
	struct stat st;

	/* The daemon's own user owns the socket, unless systemd made it. */
	if (stat(path, &st) == 0 && geteuid() != 0 && geteuid() != st.st_uid &&
	    !is_member(st.st_gid))
		advise_group(&st);
}

/* Of the folder that keeps us out, or of the socket itself. */
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
		complain("the path is from %s; is it the right one?", source);
	if (fd == -1)
		complain("start the daemon with: systemctl start reflashd");
	else
		close(fd);
}
