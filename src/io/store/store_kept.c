/* SPDX-License-Identifier: ISC */
/* Keeps copies of images under way, so that a restart can serve them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/store/store.h"
#include "io/store/store_parts.h"

#define HEX	  64 /* digits of a SHA-256 */
#define ROOM	  "room.new"
#define ROOM_SIZE (1024 * 1024) /* a copy, and some for the records */

static bool
is_sha256(const char *text)
{
	return text_is_hex(text, HEX) && strpbrk(text, "ABCDEF") == NULL;
}

static bool
refuse(const char *sha256, struct error *err)
{
	char shown[80];

	return error_set(err, EINVAL, "%s is not a SHA-256",
	    text_escape(shown, sizeof(shown), sha256, strlen(sha256)));
}

/* Return true if the file has exactly these bytes, undamaged. */
static bool
is_there(const struct store_folder *folder, const char *name, const void *data,
    size_t size)
{
	struct error ignored;
	bool same;
	char *old;
	size_t len;

	if (!store_folder_read(folder, name, size, &old, &len, &ignored))
		return false;
	same = len == size && memcmp(old, data, size) == 0;
	free(old);
	return same;
}

bool
store_keep(struct store *store, const char *sha256, const void *data,
    size_t size, struct error *err)
{
	if (!is_sha256(sha256))
		return refuse(sha256, err);
	return is_there(&store->kept, sha256, data, size) ||
	    store_folder_write(&store->kept, sha256, data, size, err);
}

int
store_kept(struct store *store, const char *sha256, struct error *err)
{
	if (is_sha256(sha256))
		return store_folder_file(&store->kept, sha256, err);
	refuse(sha256, err);
	return -1;
}

static bool
is_among(const char *name, const char *const shas[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, shas[i]) == 0)
			return true;
	return false;
}

void
store_drop_kept_except(
    struct store *store, const char *const shas[], size_t count)
{
	struct strlist list;
	struct error ignored;

	/*
	 * A record that a dying daemon renamed last may be lost with the power;
	 * the one before it names a copy.
	 */
	if (fsync(store->devices.fd) == -1 ||
	    !store_folder_list(&store->kept, "", &list, &ignored))
		return;
	for (size_t i = 0; i < list.count; i++)
		if (is_sha256(list.items[i]) &&
		    !is_among(list.items[i], shas, count))
			(void)store_folder_remove(
			    &store->kept, list.items[i], &ignored);
	strlist_fini(&list);
}

bool
store_has_room(struct store *store, struct error *err)
{
	int fd, code;

	if (!store_folder_is_there(&store->top, err) ||
	    !store_folder_is_there(&store->devices, err) ||
	    !store_folder_is_there(&store->kept, err))
		return false;
	fd = openat(store->kept.fd, ROOM,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	code = fd != -1 ? posix_fallocate(fd, 0, ROOM_SIZE) : errno;
	if (fd != -1) {
		close(fd);
		(void)unlinkat(store->kept.fd, ROOM, 0);
	}
	return code == 0 || store_folder_fail(&store->kept, ROOM, code, err);
}
