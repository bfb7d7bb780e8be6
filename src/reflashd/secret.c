/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/tasmota.h"
#include "reflashd/secret.h"
#include "reflashd/tell.h"

#define MAX_PASSWORD 128

static char *
path_of(const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (strchr(name, '/') == NULL && folder != NULL)
		return xasprintf("%s/%s", folder, name);
	return xstrdup(name);
}

static bool
read_password(const char *path, char *dst, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, dst, size - 1);
	close(fd);
	if (n <= 0)
		return false;
	dst[n] = '\0';
	dst[strcspn(dst, "\r\n")] = '\0';
	return dst[0] != '\0';
}

char *
secret_authorization(const struct policy *policy, const struct device *device)
{
	char password[MAX_PASSWORD], *path, *header = NULL;

	if (policy->web_password_file == NULL)
		return NULL;
	path = path_of(policy->web_password_file);
	if (read_password(path, password, sizeof(password)))
		header = tasmota_authorization(password);
	else
		tell_device(device, LOG_WARNING,
		    "no password can be read from WebPasswordFile=%s",
		    policy->web_password_file);
	explicit_bzero(password, sizeof(password));
	free(path);
	return header;
}

void
secret_free(char *header)
{
	if (header != NULL)
		explicit_bzero(header, strlen(header));
	free(header);
}
