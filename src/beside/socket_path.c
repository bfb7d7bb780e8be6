/* SPDX-License-Identifier: ISC */
/* Finds out at which path the control socket of the daemon is. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "beside/conf_files.h"
#include "beside/socket_path.h"

static char *
configured_path(const char **source)
{
	struct config *standard = config_new();
	struct config *config = conf_files_read(CONF_FILES_STANDARD);
	char *path = xstrdup(config->control_socket);

	*source = strcmp(path, standard->control_socket) != 0
	    ? CONF_FILES_STANDARD
	    : NULL;
	config_free(standard);
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
