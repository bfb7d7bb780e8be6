/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reflashctl/socket.h"
#include "base/memory.h"
#include "core/configuration.h"

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
configured_path(void)
{
	struct config *config = config_new();
	struct dirent **entries;
	char *path;
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
	config_free(config);
	return path;
}

char *
socket_path(const char *given)
{
	if (given == NULL)
		given = getenv("REFLASHD_SOCKET");
	if (given != NULL && given[0] != '\0')
		return xstrdup(given);
	return configured_path();
}
