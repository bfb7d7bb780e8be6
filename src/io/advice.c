/* SPDX-License-Identifier: ISC */
/* Finds the command that repairs a missing or foreign folder. */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/advice.h"

bool
advice_folder_is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 && errno == ENOENT;
}

static const char *
as_root(void)
{
	return geteuid() == 0 ? "" : "sudo ";
}

char *
advice_command(const char *path)
{
	return xasprintf("%sinstall -d %s", as_root(), path);
}

/* Return the name or number of the user of this process; free() it. */
static char *
own_name(void)
{
	const struct passwd *user = getpwuid(geteuid());

	return user != NULL ? xstrdup(user->pw_name)
			    : xasprintf("%u", (unsigned)geteuid());
}

void
advice_add(const char *path, struct error *err)
{
	bool is_missing = advice_folder_is_missing(path);
	struct error first = *err;
	char *user;

	if (!is_missing && first.code != EACCES && first.code != EPERM)
		return;
	user = own_name();
	if (is_missing)
		error_set(err, first.code,
		    "%s; make it with: %sinstall -d -o %s -m 755 %s",
		    first.text, as_root(), user, path);
	else
		error_set(err, first.code,
		    "%s; make it the daemon's with: %schown -R %s %s",
		    first.text, as_root(), user, path);
	free(user);
}
