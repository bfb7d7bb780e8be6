/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/trust.h"
#include "reflashd/secret.h"

#define MAX_PASSWORD 128

static char *
path_of(const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (strchr(name, '/') == NULL && folder != NULL)
		return xasprintf("%s/%s", folder, name);
	return xstrdup(name);
}

char *
secret_read(const char *name, struct error *err)
{
	char password[MAX_PASSWORD], *path = path_of(name), *copy = NULL;
	struct stat st;
	int fd = trust_open(NULL, path, &st, err);
	ssize_t n = -1;

	free(path);
	if (fd == -1)
		error_prefix(err, "WebPasswordFile=%s", name);
	else if ((n = read(fd, password, sizeof(password) - 1)) == -1)
		error_errno(err, errno, "WebPasswordFile=%s", name);
	if (fd != -1)
		close(fd);
	if (n == -1)
		return NULL;
	password[n] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	if (password[0] != '\0')
		copy = xstrdup(password);
	else
		error_set(err, EINVAL, "WebPasswordFile=%s: it is empty", name);
	explicit_bzero(password, sizeof(password));
	return copy;
}

void
secret_free(char *password)
{
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	free(password);
}
