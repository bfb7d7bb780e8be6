/* SPDX-License-Identifier: ISC */
/*
 * fuzz_image -- an image that is let through has every property without which
 * a device would be dead.
 *
 * The first byte says how the input is to be read.  0: it is the file.
 * Otherwise its bits say which sums are put right, so that mutations get past
 * them, and the next two bytes how much of the input belongs to the boot
 * loader; the rest is the application at 0x1000.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "core/image/crc32.h"
#include "core/image/image.h"

#include "fuzz.h"

#define APP 0x1000

enum { SUMS = 1, CRC_2_7 = 2, CRC_3 = 4, PAD = 8 };

static uint32_t
read32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
write32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* Offset of the XOR byte and its value, or 0 where it lies outside. */
static size_t
sum(const uint8_t *file, size_t size, size_t base, uint8_t *x)
{
	size_t at = base + 8, last;

	*x = 0xef;
	if (size < at)
		return 0;
	for (unsigned i = 0; i < file[base + 1]; i++) {
		if (size - at < 8 || read32(file + at + 4) > size - at - 8)
			return 0;
		for (uint32_t n = read32(file + at + 4), k = 0; k < n; k++)
			*x ^= file[at + 8 + k];
		at += 8 + read32(file + at + 4);
	}
	last = base + ((at - base) | 15);
	return last < size ? last : 0;
}

static uint32_t
crc(uint8_t *file, size_t size, size_t words)
{
	uint8_t keep[8];
	uint32_t value;

	memcpy(keep, file + words, 8);
	memset(file + words, 0, 8);
	value = crc32_mpeg2(CRC32_START, file, size);
	memcpy(file + words, keep, 8);
	return value;
}

static void
put_right(uint8_t *file, size_t size, unsigned how)
{
	size_t words = how & CRC_2_7 ? 0xff8 : how & CRC_3 ? 0x1010 : 0, at;
	uint8_t x;

	if (words == 0x1010 && size >= 0x1018)
		memset(file + words, 0, 8); /* the XOR is made before them */
	if (how & SUMS && (at = sum(file, size, 0, &x)) != 0)
		file[at] = x;
	if (how & SUMS && (at = sum(file, size, APP, &x)) != 0)
		file[at] = x;
	if (words != 0 && size >= words + 8) {
		uint32_t value = crc(file, size, words);

		write32(file + words, (uint32_t)size);
		write32(file + words + 4, value);
	}
}

/* The file that an input stands for. */
static uint8_t *
expand(const uint8_t *data, size_t size, size_t *out_size)
{
	size_t boot = data[1] | (size_t)data[2] << 8;
	size_t pad = data[0] & PAD ? 510000 : 0;
	uint8_t *file;

	data += 3, size -= 3;
	if (boot > size)
		boot = size;
	if (boot > APP)
		boot = APP;
	*out_size = APP + (size - boot) + pad;
	file = xcalloc(*out_size, 1);
	memset(file, 0xaa, APP);
	memcpy(file, data, boot);
	memcpy(file + APP, data + boot, size - boot);
	return file;
}

static bool
is_in(uint32_t address, uint32_t size, uint32_t from, uint32_t to)
{
	return address >= from && address <= to && size <= to - address;
}

static void
check_segments(const uint8_t *file, size_t base)
{
	uint32_t entry = read32(file + base + 4);
	size_t at = base + 8;
	bool entered = false;

	HOLDS(file[base] == 0xe9 && file[base + 2] == 3);
	HOLDS(file[base + 3] >> 4 == 2);
	HOLDS(file[base + 1] >= 1 && file[base + 1] <= 16);
	for (unsigned i = 0; i < file[base + 1]; i++) {
		uint32_t address = read32(file + at);
		uint32_t size = read32(file + at + 4);

		HOLDS(size == 0 ||
		    is_in(address, size, 0x3ffe8000, 0x40000000) ||
		    is_in(address, size, 0x40100000, 0x40110000) ||
		    (address == 0x40200000 + at + 8 &&
			is_in(address, size, 0x40200000, 0x40300000)));
		entered |= address < 0x40200000 && entry >= address &&
		    entry - address < size;
		at += 8 + size;
	}
	HOLDS(entered && entry >> 16 == 0x4010);
}

/* Whoever was let through. */
static void
check_good(uint8_t *file, size_t size)
{
	bool old = true;
	size_t at;
	uint8_t x;

	HOLDS(size >= 0x1010);
	at = sum(file, size, 0, &x);
	HOLDS(at != 0 && at < APP && file[at] == x);
	at = sum(file, size, APP, &x);
	HOLDS(at != 0);
	for (size_t w = 0xff8; w <= 0x1010; w += 0x18)
		if (read32(file + w) == size) {
			HOLDS(read32(file + w + 4) == crc(file, size, w));
			old &= w != 0x1010;
			break;
		}
	if (old && file[at] != x) /* a CRC that ends in front of a tail */
		HOLDS(read32(file + 0x1010) == at + 1);
	check_segments(file, 0);
	check_segments(file, APP);
}

static void
check_report(const struct image_report *report, size_t size)
{
	HOLDS(report->size == size);
	HOLDS((report->verdict == IMAGE_REFUSE) ==
	    (report->reason != REASON_NONE));
	HOLDS((report->verdict == IMAGE_REFUSE) == (*report->text != '\0'));
	HOLDS(report->note_count <= IMAGE_NOTES);
	HOLDS(report->verdict != IMAGE_WARN || report->note_count > 0);
	HOLDS(memchr(report->version, '\0', sizeof(report->version)) != NULL);
}

static void
try_file(uint8_t *file, size_t size)
{
	struct image_report report;

	image_check(file, size, &report);
	check_report(&report, size);
	if (report.verdict != IMAGE_REFUSE) {
		HOLDS(size <= 520192);
		check_good(file, size);
	}
	image_check_upgrade(file, size, &report);
	check_report(&report, size);
	if (report.verdict != IMAGE_REFUSE && report.unpacked == size)
		check_good(file, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *file;
	size_t len;

	if (size < 4)
		return 0;
	if (data[0] == 0) {
		len = size - 1;
		file = xcalloc(len, 1);
		memcpy(file, data + 1, len);
	} else {
		file = expand(data, size, &len);
		put_right(file, len, data[0]);
	}
	try_file(file, len);
	free(file);
	return 0;
}
