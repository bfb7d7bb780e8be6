/* SPDX-License-Identifier: ISC */
/*
 * Reads the web password that a policy sets, from the file of WebPasswordFile=,
 * right before it is used.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/trust.h"
#include "core/policy/finish.h"
#include "reflashd/policy/web_password.h"

#define MAX_TEXT 1024 /* bytes of the file: longer than any password */

/* Return the path of the file; NULL: the service has no credentials. */
static char *
path_of(const char *name, struct error *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	if (folder != NULL)
		return xasprintf("%s/%s", folder, name);
	error_set(err, ENOENT,
	    "a name without a slash is that of a credential, and the service "
	    "has none: systemctl edit reflashd, LoadCredential=%s:FILE",
	    name);
	return NULL;
}

bool
web_password_is_elsewhere(const char *name)
{
	return strchr(name, '/') == NULL &&
	    getenv("CREDENTIALS_DIRECTORY") == NULL;
}

/* Read at most MAX_TEXT bytes of the file; returns how many, or -1. */
static ssize_t
read_text(const char *name, char *text, struct error *err)
{
	char *path = path_of(name, err);
	struct stat st;
	ssize_t n = -1;
	int fd;

	if (path == NULL)
		return -1;
	fd = trust_open(NULL, path, &st, err);
	if (fd != -1 && !S_ISREG(st.st_mode))
		error_set(err, EINVAL, "it is not a regular file");
	else if (fd == -1 && err->code == ENOENT)
		error_set(err, err->code, "%s", strerror(err->code));
	else if (fd != -1 && (n = read(fd, text, MAX_TEXT)) == -1)
		error_errno(err, errno, "%s", path);
	if (fd != -1)
		close(fd);
	free(path);
	return n;
}

char *
web_password_read(const char *name, struct error *err)
{
	char text[MAX_TEXT], *copy = NULL;
	ssize_t n = read_text(name, text, err);
	const char *why = NULL;
	size_t len;

	if (n == -1)
		return NULL;
	len = finish_password(text, (size_t)n, &why);
	if (why == NULL)
		copy = xstrndup(text, len);
	else
		error_set(err, EINVAL, "%s", why);
	explicit_bzero(text, sizeof(text));
	return copy;
}

/* Read the file of one device; the error names the file. */
static char *
read_own(const char *file, struct error *err)
{
	char *password = web_password_read(file, err);

	if (password == NULL && err->code == ENOENT &&
	    strchr(file, '/') != NULL)
		error_set(err, ENOENT,
		    "%s: there is no such file: write the password of this "
		    "device into it, and the device goes on",
		    file);
	else if (password == NULL)
		error_prefix(err, "%s", file);
	return password;
}

char *
web_password_read_of(
    const char *file, const struct device *device, struct error *err)
{
	char *own, *password = NULL;

	if (!finish_has_own_file(file))
		return web_password_read(file, err);
	own = finish_own_file(file, device);
	if (own != NULL)
		password = read_own(own, err);
	else
		error_set(err, ENODATA,
		    "this machine does not see the MAC of the device; a name "
		    "with $ID in place of $MAC does not need it");
	free(own);
	return password;
}

void
web_password_free(char *password)
{
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	free(password);
}
