/* SPDX-License-Identifier: ISC */
/*
 * Finds the process behind a port: by the socket in the tables of the kernel,
 * and the process that has this socket open.
 */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/doctor/listener.h"

#define STATE_LISTEN 0x0a /* of a TCP socket, in /proc/net/tcp */

/* Find the socket of the port in a table; returns its inode, or 0. */
static unsigned long
find_socket(const char *table, bool is_udp, uint16_t port, uid_t *uid)
{
	FILE *file = fopen(table, "re");
	unsigned long inode = 0;
	char line[512];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		unsigned at = 0, state = 0, owner = 0;
		unsigned long number = 0;

		if (sscanf(line,
			" %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s "
			"%*s %u %*d %lu",
			&at, &state, &owner, &number) != 4 ||
		    at != port || (!is_udp && state != STATE_LISTEN))
			continue;
		inode = number;
		*uid = owner;
		break;
	}
	if (file != NULL)
		fclose(file);
	return inode;
}

/* Return true if the process has that socket open. */
static bool
has_socket(const char *pid, const char *link)
{
	char *folder = xasprintf("/proc/%s/fd", pid);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool has = false;

	while (dir != NULL && !has && (entry = readdir(dir)) != NULL) {
		char target[64];
		ssize_t n = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (n <= 0)
			continue;
		target[n] = '\0';
		has = strcmp(target, link) == 0;
	}
	if (dir != NULL)
		closedir(dir);
	free(folder);
	return has;
}

static pid_t
find_process(unsigned long inode)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	char link[64];
	pid_t pid = 0;

	snprintf(link, sizeof(link), "socket:[%lu]", inode);
	while (dir != NULL && pid == 0 && (entry = readdir(dir)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    has_socket(entry->d_name, link))
			pid = (pid_t)strtol(entry->d_name, NULL, 10);
	if (dir != NULL)
		closedir(dir);
	return pid;
}

/* Read the first line of a file of the process; "" if that cannot be. */
static void
read_line(pid_t pid, const char *name, char *line, int size)
{
	char path[64];
	FILE *file;

	line[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	if (fgets(line, size, file) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

/* Take the unit from "0::/system.slice/nginx.service". */
static void
take_unit(const char *cgroup, struct listener *listener)
{
	const char *name = strrchr(cgroup, '/');
	size_t len = name != NULL ? strlen(name + 1) : 0;

	if (len > 8 && strcmp(name + 1 + len - 8, ".service") == 0)
		text_copy(listener->unit, sizeof(listener->unit), name + 1);
}

void
listener_find(struct listener *listener, bool is_udp, uint16_t port)
{
	static const char *const tables[2][2] = { { "/proc/net/tcp",
						      "/proc/net/tcp6" },
		{ "/proc/net/udp", "/proc/net/udp6" } };
	unsigned long inode = 0;
	char cgroup[512];

	*listener = (struct listener){ .is_there = false };
	for (int i = 0; i < 2 && inode == 0; i++)
		inode = find_socket(
		    tables[is_udp][i], is_udp, port, &listener->uid);
	listener->is_there = inode != 0;
	if (inode == 0)
		return;
	listener->pid = find_process(inode);
	if (listener->pid == 0)
		return;
	read_line(
	    listener->pid, "comm", listener->name, sizeof(listener->name));
	read_line(listener->pid, "cgroup", cgroup, sizeof(cgroup));
	take_unit(cgroup, listener);
}
