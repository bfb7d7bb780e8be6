/* SPDX-License-Identifier: ISC */
/* Collects the bytes of an image in memory that can be handed to the daemon. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/image/image.h"
#include "reflashctl/source/image_bytes.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

bool
image_bytes_begin(struct image_bytes *bytes, struct error *err)
{
	*bytes = (struct image_bytes){ 0 };
	bytes->fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return bytes->fd != -1 || error_errno(err, errno, "memory");
}

void
image_bytes_fini(struct image_bytes *bytes)
{
	if (bytes->data != NULL)
		munmap((void *)(uintptr_t)bytes->data, bytes->size);
	if (bytes->fd != -1)
		close(bytes->fd);
	*bytes = (struct image_bytes){ .fd = -1 };
}

static bool
hash(struct image_bytes *bytes, struct error *err)
{
	struct digest *digest = digest_new(err);
	bool ok = digest != NULL &&
	    digest_sha256(digest, bytes->data, bytes->size, bytes->sha256, err);

	if (ok)
		digest_md5(digest, bytes->data, bytes->size, bytes->md5);
	digest_free(digest);
	return ok;
}

bool
image_bytes_seal(struct image_bytes *bytes, struct error *err)
{
	struct stat st;
	void *data;

	if (fstat(bytes->fd, &st) != 0 ||
	    fcntl(bytes->fd, F_ADD_SEALS, SEALS) != 0)
		return error_errno(err, errno, "memory");
	if (st.st_size == 0)
		return error_set(err, ENODATA, "it is empty");
	bytes->size = (size_t)st.st_size;
	data = mmap(NULL, bytes->size, PROT_READ, MAP_PRIVATE, bytes->fd, 0);
	if (data == MAP_FAILED)
		return error_errno(err, errno, "memory");
	bytes->data = data;
	return hash(bytes, err);
}

static bool
write_all(int fd, const char *data, size_t size, struct error *err)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n == -1 && errno != EINTR)
			return error_errno(err, errno, "memory");
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static bool
copy_all(int to, int from, struct error *err)
{
	static char chunk[64 * 1024];
	size_t sum = 0;
	ssize_t n;

	while ((n = read(from, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_errno(err, errno, "read");
		sum += (size_t)n;
		if (sum > IMAGE_MAX_FILE)
			return error_set(err, EFBIG,
			    "it has more than %u bytes: that is no firmware "
			    "for these devices",
			    IMAGE_MAX_FILE);
		if (!write_all(to, chunk, (size_t)n, err))
			return false;
	}
	return true;
}

bool
image_bytes_read(struct image_bytes *bytes, const char *path, struct error *err)
{
	int fd;
	bool ok;

	if (!image_bytes_begin(bytes, err))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return error_set(err, ENOENT,
		    "%s: there is no such file; write the path of an image",
		    path);
	if (fd == -1)
		return error_errno(err, errno, "%s", path);
	ok = copy_all(bytes->fd, fd, err) && image_bytes_seal(bytes, err);
	close(fd);
	return ok || error_prefix(err, "%s", path);
}
