/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/configuration.h"
#include "io/conffiles.h"
#include "reflashd/programs.h"

/* Is it a file of that folder, by its name? */
static bool
is_in(const char *path, const char *folder)
{
	size_t len = folder != NULL ? strlen(folder) : 0;

	return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' &&
	    path[len + 1] != '\0' && path[len + 1] != '.' &&
	    strchr(path + len + 1, '/') == NULL;
}

/* It may have changed since; one with mistakes changes nothing. */
static void
read_configuration(struct programs *programs)
{
	struct problems problems = { 0 };
	struct setup setup;

	if (setup_load(programs->conf_file, &setup, &problems)) {
		free(programs->hooks);
		programs->hooks = xstrdup(setup.config->hook_directory);
		setup_fini(&setup);
	}
	problems_fini(&problems);
}

bool
programs_may_start(const char *path, void *ctx)
{
	struct programs *programs = ctx;

	if (strcmp(path, programs->scan_program) == 0 ||
	    is_in(path, programs->hooks))
		return true;
	read_configuration(programs);
	return is_in(path, programs->hooks);
}
