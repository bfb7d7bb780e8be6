/* SPDX-License-Identifier: ISC */
/* Checks names of image files, and takes them from paths and URLs. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/image/image_file.h"

#define ALLOWED                                                                \
	"abcdefghijklmnopqrstuvwxyz"                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                           \
	"0123456789._-+"

bool
image_file_check(const char *name, struct error *err)
{
	char shown[IMAGE_FILE_SIZE];

	text_escape(shown, sizeof(shown), name, strlen(name));
	if (name[0] == '\0')
		return error_set(err, EINVAL, "an image needs a name");
	if (name[0] == '.' || name[0] == '-')
		return error_set(err, EINVAL,
		    "%s: the name of an image does not begin with '%c'", shown,
		    name[0]);
	if (name[strspn(name, ALLOWED)] != '\0')
		return error_set(err, EINVAL,
		    "%s: the name of an image has only letters from a to z, "
		    "digits, and the characters . _ - +",
		    shown);
	if (strlen(name) >= IMAGE_FILE_SIZE)
		return error_set(err, EINVAL,
		    "%s...: the name of an image has at most %d letters", shown,
		    IMAGE_FILE_SIZE - 1);
	return true;
}

void
image_file_of(const char *path, char dst[IMAGE_FILE_SIZE])
{
	size_t len = strcspn(path, "?#"), start = len;

	while (start > 0 && path[start - 1] != '/')
		start--;
	snprintf(
	    dst, IMAGE_FILE_SIZE, "%.*s", (int)(len - start), path + start);
}
