/* SPDX-License-Identifier: ISC */
/* Tells whether a path leads into a folder, so that neither can hide a link. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path_within.h"

static char *
resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real != NULL ? real : xstrdup(path);
}

bool
path_within(const char *path, const char *folder)
{
	char *real = resolve(path), *top = resolve(folder);
	size_t len = strlen(top);
	bool is;

	while (len > 0 && top[len - 1] == '/')
		len--;
	is = strncmp(real, top, len) == 0 &&
	    (real[len] == '/' || real[len] == '\0');
	free(top);
	free(real);
	return is;
}
