/* SPDX-License-Identifier: ISC */
/* Unpacks a compressed firmware file with zlib, up to a limit. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/image/gunzip.h"

bool
gunzip_fits(const void *data, size_t size)
{
	const unsigned char *p = data;

	return size >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

#ifdef HAVE_ZLIB
#define ZLIB_CONST
#include <zlib.h>

#define GZIP_ONLY (15 + 16) /* zlib.h: largest window, no other header */

/* Give the stream more room.  Returns false when it has reached the limit. */
static bool
grow(z_stream *z, unsigned char **out, size_t *room, size_t max)
{
	size_t used = *room - z->avail_out;
	size_t next = *room == 0 ? 256u << 10 : *room * 2;

	if (next > max)
		next = max;
	if (next == *room)
		return false;
	*out = xrealloc(*out, next, 1);
	z->next_out = *out + used;
	z->avail_out = (unsigned)(next - used);
	*room = next;
	return true;
}

bool
gunzip(const void *data, size_t size, size_t max, unsigned char **out,
    size_t *len, struct error *err)
{
	z_stream z = { .next_in = data, .avail_in = (unsigned)size };
	size_t room = 0;
	int rc = Z_OK;

	*out = NULL;
	if (inflateInit2(&z, GZIP_ONLY) != Z_OK)
		return error_set(err, ENOMEM, "zlib cannot be used");
	while (rc == Z_OK && (z.avail_out > 0 || grow(&z, out, &room, max)))
		rc = inflate(&z, Z_NO_FLUSH);
	*len = room - z.avail_out;
	inflateEnd(&z);
	if (rc == Z_STREAM_END && z.avail_in == 0)
		return true;

	free(*out);
	*out = NULL;
	if (rc == Z_STREAM_END)
		return error_set(err, EINVAL,
		    "%u bytes follow the compressed data", z.avail_in);
	if (rc == Z_OK)
		return error_set(
		    err, EFBIG, "it unpacks to more than %zu bytes", max);
	if (rc == Z_BUF_ERROR)
		return error_set(err, EINVAL,
		    "it is cut off: its %zu bytes end in the middle of the "
		    "compressed data",
		    size);
	return error_set(err, EINVAL, "the compressed data are damaged");
}
#else
bool
gunzip(const void *data, size_t size, size_t max, unsigned char **out,
    size_t *len, struct error *err)
{
	(void)data, (void)size, (void)max, (void)out, (void)len;
	return error_set(err, ENOTSUP,
	    "this reflashd was built without zlib and cannot look into a .gz");
}
#endif
