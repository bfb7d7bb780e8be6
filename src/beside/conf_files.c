/* SPDX-License-Identifier: ISC */
/*
 * Reads the configuration of the daemon: for the path of its socket, and for
 * doctor.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "beside/conf_files.h"

#define MAX_FILE (256 * 1024)

static void
read_file(const char *path, conf_files_fn *take, void *ctx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text;
	ssize_t len;

	if (fd == -1)
		return;
	text = xcalloc(MAX_FILE, 1);
	len = read(fd, text, MAX_FILE);
	if (len > 0)
		take(text, (size_t)len, path, ctx);
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

void
conf_files_each(const char *file, conf_files_fn *take, void *ctx)
{
	char *folder = xasprintf("%s.d", file), *path;
	struct dirent **entries;
	int count = scandir(folder, &entries, is_drop_in, by_bytes);

	read_file(file, take, ctx);
	for (int i = 0; i < count; i++) {
		path = xasprintf("%s/%s", folder, entries[i]->d_name);
		read_file(path, take, ctx);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	free(folder);
}

/* Read a file of the configuration; the daemon reports a bad one, not this. */
static void
take_config(const char *text, size_t len, const char *file, void *ctx)
{
	struct problems problems = { 0 };

	config_parse(ctx, text, len, file, &problems);
	problems_fini(&problems);
}

struct config *
conf_files_read(const char *file)
{
	struct config *config = config_new();

	conf_files_each(file, take_config, config);
	return config;
}
