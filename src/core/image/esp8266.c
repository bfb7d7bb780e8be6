/* SPDX-License-Identifier: ISC */
/* Takes apart a firmware image of an ESP8266 and checks that it can load. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>

#include "core/image/esp8266.h"

#define XOR_START 0xef

uint32_t
esp8266_read32(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

unsigned char
esp8266_xor(const unsigned char *p, size_t len)
{
	unsigned char sum = 0;

	for (size_t i = 0; i < len; i++)
		sum ^= p[i];
	return sum;
}

bool
esp8266_in_flash(const struct esp8266_segment *s)
{
	return s->address >= ESP8266_FLASH && s->address < ESP8266_FLASH_END;
}

static bool
lies_within(const struct esp8266_segment *s, uint32_t from, uint32_t to)
{
	return s->address >= from && s->address < to &&
	    s->size <= to - s->address;
}

/*
 * Check where a segment is loaded: eboot and the ROM copy it to any address,
 * without a check.  A segment in flash is not copied, so it must lie in the
 * file where it is seen in flash.
 */
static bool
check_place(const struct esp8266_segment *s, struct error *err)
{
	if (s->size == 0)
		return true;
	if (s->address % 4 != 0)
		return error_set(err, EINVAL,
		    "its load address 0x%08" PRIx32 " is not aligned",
		    s->address);
	if (esp8266_in_flash(s) && s->address - ESP8266_FLASH != s->offset)
		return error_set(err, EINVAL,
		    "it is meant for flash address 0x%06" PRIx32
		    " but lies at 0x%06zx",
		    s->address - ESP8266_FLASH, s->offset);
	if (!lies_within(s, ESP8266_FLASH, ESP8266_FLASH_END) &&
	    !lies_within(s, ESP8266_IRAM, ESP8266_IRAM_END) &&
	    !lies_within(s, ESP8266_DATA_RAM, ESP8266_DATA_END))
		return error_set(err, EINVAL,
		    "%" PRIu32 " bytes at 0x%08" PRIx32
		    " are outside the memory of an ESP8266",
		    s->size, s->address);
	return true;
}

static bool
check_overlap(const struct esp8266_image *image,
    const struct esp8266_segment *s, struct error *err)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct esp8266_segment *o = &image->segments[i];

		if (s->size > 0 && s->address < o->address + o->size &&
		    o->address < s->address + s->size)
			return error_set(err, EINVAL,
			    "it would overwrite segment %zu", i + 1);
	}
	return true;
}

/* Read the segment at *at, and move *at after it. */
static bool
read_segment(const unsigned char *data, size_t size, size_t *at,
    struct esp8266_image *image, struct error *err)
{
	struct esp8266_segment s;

	if (size - *at < 8)
		return error_set(err, EINVAL, "the file ends in front of it");
	s.address = esp8266_read32(data + *at);
	s.size = esp8266_read32(data + *at + 4);
	s.offset = *at + 8;
	if (s.size > size - s.offset)
		return error_set(err, EINVAL,
		    "it has %" PRIu32 " bytes, and the file only %zu more",
		    s.size, size - s.offset);
	if (!check_place(&s, err) || !check_overlap(image, &s, err))
		return false;
	image->computed ^= esp8266_xor(data + s.offset, s.size);
	image->segments[image->segment_count++] = s;
	*at = s.offset + s.size;
	return true;
}

/* Check that the first instruction is in RAM, in a segment that is loaded. */
static bool
check_entry(const struct esp8266_image *image, struct error *err)
{
	uint32_t entry = image->entry;

	for (size_t i = 0; i < image->segment_count; i++) {
		const struct esp8266_segment *s = &image->segments[i];

		if (s->address >= ESP8266_IRAM && s->address < ESP8266_FLASH &&
		    entry >= s->address && entry - s->address < s->size &&
		    entry % 4 == 0)
			return true;
	}
	return error_set(err, EINVAL,
	    "its entry point 0x%08" PRIx32 " is not in what it loads", entry);
}

static bool
read_end(const unsigned char *data, size_t size, size_t base, size_t at,
    struct esp8266_image *image, struct error *err)
{
	size_t last = base + ((at - base) | 15);

	if (last >= size)
		return error_set(
		    err, EINVAL, "the file ends in front of its checksum");
	image->padded = true;
	for (; at < last; at++)
		if (data[at] != 0)
			image->padded = false;
	image->stored = data[last];
	image->end = last + 1;
	return true;
}

bool
esp8266_parse(const unsigned char *data, size_t size, size_t base,
    struct esp8266_image *image, struct error *err)
{
	const unsigned char *head;
	size_t at = base + ESP8266_HEADER;

	*image = (struct esp8266_image){ .computed = XOR_START };
	if (size < at)
		return error_set(err, EINVAL, "the file ends in front of it");
	head = data + base;
	if (head[0] != ESP8266_MAGIC)
		return error_set(err, EINVAL,
		    "it begins with 0x%02x instead of 0xe9", head[0]);
	if (head[1] == 0 || head[1] > ESP8266_SEGMENTS)
		return error_set(err, EINVAL, "it claims %u segments", head[1]);
	image->mode = head[2];
	image->flash_size = head[3] >> 4;
	image->clock = head[3] & 15;
	image->entry = esp8266_read32(head + 4);
	for (unsigned i = 0; i < head[1]; i++)
		if (!read_segment(data, size, &at, image, err))
			return error_prefix(err, "segment %u", i + 1);
	return read_end(data, size, base, at, image, err) &&
	    check_entry(image, err);
}
