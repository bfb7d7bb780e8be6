/* SPDX-License-Identifier: ISC */
/* Decides whether one Tasmota may be followed by the next. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "core/config/version.h"
#include "core/tasmota/upgrade.h"

#define ROOM_END 0xfb000u
#define SECTOR	 0x1000u

#define FIRST_WITH_GZIP "8.2" /* the first with the loader of core 2.7 */
#define STOP		"9.1" /* no older one keeps its settings beyond it */
#define BEHIND_STOP	"9.2"

const char *
upgrade_name(bool packed)
{
	return packed ? "fw.bin.gz" : "fw.bin";
}

const char *
upgrade_step_name(bool packed)
{
	return packed ? "fw-minimal.bin.gz" : "fw-minimal.bin";
}

static const char *
step_file(bool packed)
{
	return packed ? "tasmota-minimal.bin.gz" : "tasmota-minimal.bin";
}

char *
upgrade_step_path(const char *upgrade, bool packed)
{
	const char *slash = strrchr(upgrade, '/');
	int folder = slash != NULL ? (int)(slash - upgrade) + 1 : 0;

	return xasprintf("%.*s%s", folder, upgrade, step_file(packed));
}

/*
 * Return true if the first version is older; false also if either is not known.
 */
static bool
is_before(const char *version, const char *other)
{
	struct version a, b;

	return version_parse(version, &a) && version_parse(other, &b) &&
	    version_compare(&a, &b) < 0;
}

static bool
is_behind_stop(const struct image_report *image)
{
	return image->is_14 ||
	    (image->version[0] != '\0' &&
		!is_before(image->version, BEHIND_STOP));
}

bool
upgrade_boots_gzip(const char *version)
{
	return !is_before(version, FIRST_WITH_GZIP);
}

bool
upgrade_may_follow(const char *version, bool boots_gzip,
    const struct image_report *next, struct error *err)
{
	if (next->packed && !boots_gzip)
		return error_set(err, ENOTSUP,
		    "only Tasmota " FIRST_WITH_GZIP " and later can unpack a "
		    ".bin.gz, not %s: take the .bin",
		    version[0] != '\0' ? version : "this one");
	if (is_before(version, STOP) && is_behind_stop(next))
		return error_set(err, ENOTSUP,
		    "from Tasmota %s the way to %s goes by " STOP
		    ": upgrade to that first",
		    version,
		    next->version[0] != '\0' ? next->version : "14 and later");
	return true;
}

static size_t
room_beside(const struct image_report *running)
{
	size_t sectors = (running->unpacked + SECTOR - 1) / SECTOR;

	return sectors * SECTOR < ROOM_END ? ROOM_END - sectors * SECTOR : 0;
}

bool
upgrade_may_step(const struct image_report *next,
    const struct image_report *minimal, struct error *err)
{
	const char *step = step_file(next->packed);

	if (minimal->reason != REASON_IMAGE_MINIMAL)
		return error_set(err, EINVAL, "the %s beside it is none", step);
	if (next->packed && !minimal->boots_gzip)
		return error_set(err, ENOTSUP,
		    "the %s beside it cannot unpack a .bin.gz: take one of "
		    "Tasmota " FIRST_WITH_GZIP " or later",
		    step);
	if (next->size > room_beside(minimal))
		return error_set(err, EFBIG,
		    "its %zu bytes do not even fit beside %s, which leaves "
		    "%zu%s",
		    next->size, step, room_beside(minimal),
		    next->packed ? "" : ": take the .bin.gz");
	return true;
}

bool
upgrade_fits(const struct image_report *next, const struct image_report *first,
    const struct image_report *minimal, struct error *err)
{
	const char *step = step_file(next->packed);
	size_t room = room_beside(first);

	if (next->size <= room)
		return true;
	if (minimal != NULL && !upgrade_may_step(next, minimal, err))
		return false;
	if (minimal != NULL && minimal->size > room)
		return error_set(err, EFBIG,
		    "it needs %s in between, whose %zu bytes do not fit into "
		    "the %zu that are free",
		    step, minimal->size, room);
	if (minimal == NULL)
		return error_set(err, EFBIG,
		    "its %zu bytes do not fit into the %zu that the first "
		    "image leaves: put %s into the same folder%s",
		    next->size, room, step,
		    next->packed ? "" : ", or take the .bin.gz");
	return true;
}
