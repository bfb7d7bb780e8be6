/* SPDX-License-Identifier: ISC */
/* Finds out what the user of a control connection is called. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>

#include "base/text.h"
#include "core/device/label.h"
#include "io/control/user_name.h"

#define PASSWD_FILE "/etc/passwd"

/* Find the entry of a user in an open passwd(5); NULL: there is none. */
static const struct passwd *
find_entry(FILE *file, uid_t uid)
{
	const struct passwd *entry;

	do
		entry = fgetpwent(file);
	while (entry != NULL && entry->pw_uid != uid);
	return entry;
}

const char *
user_name(uid_t uid, char *dst, size_t size)
{
	FILE *file = fopen(PASSWD_FILE, "re");
	const struct passwd *entry =
	    file != NULL ? find_entry(file, uid) : NULL;
	struct error err;

	if (entry == NULL || !label_check_who(entry->pw_name, &err) ||
	    !text_copy(dst, size, entry->pw_name))
		snprintf(dst, size, "user %u", (unsigned)uid);
	if (file != NULL)
		fclose(file);
	return dst;
}
