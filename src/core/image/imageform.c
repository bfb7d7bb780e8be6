/* SPDX-License-Identifier: ISC */
/*
 * Checks the layout of an Arduino firmware file: boot loader, application,
 * checksums, flash mode and size.
 */
#include "config.h"

#include <inttypes.h>

#include "core/image/crc32.h"
#include "core/image/esp8266.h"
#include "core/image/imageform.h"

#define APP	       0x1000 /* the second image */
#define WORDS_CORE_2_7 0x0ff8 /* length and CRC, in the fill */
#define WORDS_CORE_3   0x1010 /* in the first 8 bytes of the application */
#define FILL	       0xaa

/* eboot grew past this when it learnt to unpack (core 2.7). */
#define EBOOT_WITH_GZIP 0xc00

#define OLD_ALIGNMENT 16u

/* The file that is being checked. */
struct file {
	const unsigned char *data;
	size_t size;
	struct esp8266_image boot, app;
	size_t words; /* where length and CRC are, 0: nowhere */
	struct image_report *report;
};

/* clang-format off */
static const char *const modes[] = { "QIO", "QOUT", "DIO", "DOUT" };

static const char *const flash_sizes[16] = {
	"512 KB", "256 KB", "1 MB", "2 MB", "4 MB", "2 MB", "4 MB", "unknown",
	"8 MB", "16 MB", "unknown", "unknown", "unknown", "unknown", "unknown",
	"unknown",
};
/* clang-format on */

/*
 * Check the flash mode and size before any checksum, so that a header that was
 * patched after the build gets a refusal that names it.
 */
static bool
check_flash(
    const struct file *f, const struct esp8266_image *image, const char *which)
{
	if (image->mode != ESP8266_MODE_DOUT)
		return image_refuse(f->report, REASON_IMAGE_FLASH_MODE,
		    "the %s is built for flash mode %s, not DOUT", which,
		    image->mode < 4 ? modes[image->mode] : "unknown");
	if (image->flash_size != ESP8266_SIZE_1M)
		return image_refuse(f->report, REASON_IMAGE_INVALID,
		    "the %s is built for a flash chip of %s, not 1 MB", which,
		    flash_sizes[image->flash_size]);
	if (image->clock > 2 && image->clock != 15)
		return image_refuse(f->report, REASON_IMAGE_INVALID,
		    "the %s has an impossible flash clock, %u", which,
		    image->clock);
	return true;
}

/*
 * Return where the application ends, as far as its headers tell.  is_whole is
 * false if the file ends in front of the last header; 0: the headers make no
 * sense.
 */
static size_t
find_end(const struct file *f, bool *is_whole)
{
	size_t at = APP + ESP8266_HEADER;

	*is_whole = false;
	if (f->size < at || f->data[APP] != ESP8266_MAGIC)
		return 0;
	for (unsigned i = 0; i < f->data[APP + 1]; i++) {
		uint32_t size;

		if (f->size < at + 8)
			return at + 8;
		size = esp8266_read32(f->data + at + 4);
		if (size > IMAGE_MAX_FILE || at + size > IMAGE_MAX_FILE)
			return 0;
		at += 8 + size;
	}
	*is_whole = true;
	return (at | 15) + 1; /* with its checksum */
}

/* Return the length that the file says it has, or 0. */
static size_t
told_length(const struct file *f)
{
	static const size_t places[] = { WORDS_CORE_2_7, WORDS_CORE_3 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint32_t length = f->size >= places[i] + 4
		    ? esp8266_read32(f->data + places[i])
		    : 0;

		if (length >= f->size && length <= IMAGE_MAX_FILE)
			return length;
	}
	return 0;
}

/*
 * Refuse a file that cannot be parsed: as cut off, if its headers say that it
 * should be longer, or else for the reason that the parser gives.
 */
static bool
refuse_parse(const struct file *f, const char *which, const struct error *err)
{
	size_t told = told_length(f), end;
	bool is_whole;

	end = find_end(f, &is_whole);
	if (told > f->size && told >= end)
		end = told, is_whole = true;
	if (end <= f->size || told == f->size)
		return image_refuse(f->report, REASON_IMAGE_INVALID, "%s: %s",
		    which, err->text);
	return image_refuse(f->report, REASON_IMAGE_INVALID,
	    "it is cut off: %zu of %s%zu bytes", f->size,
	    is_whole ? "" : "at least ", end);
}

static bool
check_boot(struct file *f)
{
	const struct esp8266_image *boot = &f->boot;
	struct error err;

	if (!esp8266_parse(f->data, f->size, 0, &f->boot, &err))
		return refuse_parse(f, "boot loader", &err);
	if (boot->end > APP)
		return image_refuse(f->report, REASON_IMAGE_INVALID,
		    "its first image ends at 0x%zx: it has no boot loader "
		    "of the Arduino core",
		    boot->end);
	if (!check_flash(f, boot, "boot loader"))
		return false;
	if (boot->computed != boot->stored)
		return image_refuse(f->report, REASON_IMAGE_INVALID,
		    "the boot loader is damaged: checksum 0x%02x, not 0x%02x",
		    boot->computed, boot->stored);
	for (size_t i = 0; i < boot->segment_count; i++)
		if (boot->segments[i].address == ESP8266_EBOOT_LOAD) {
			f->report->boots_gzip =
			    boot->segments[i].size >= EBOOT_WITH_GZIP;
			return true;
		}
	return image_refuse(f->report, REASON_IMAGE_INVALID,
	    "its boot loader is not that of the Arduino core");
}

/* Return the CRC of the first len bytes, the two words at `words` as 0. */
static uint32_t
crc_without(const struct file *f, size_t len, size_t words)
{
	static const unsigned char zeros[8];
	uint32_t crc = crc32_mpeg2(CRC32_START, f->data, words);

	crc = crc32_mpeg2(crc, zeros, sizeof(zeros));
	return crc32_mpeg2(crc, f->data + words + 8, len - words - 8);
}

/*
 * Return true if a length and a CRC are stored at this place.  If one of them
 * is right, the other was meant to be: a damaged length must not make the CRC
 * go unnoticed.
 */
static bool
find_words(struct file *f, size_t words, bool *intact)
{
	uint32_t length = esp8266_read32(f->data + words);
	uint32_t crc = esp8266_read32(f->data + words + 4);
	size_t end = f->app.end;
	bool sized = length == f->size || length == end;
	bool sealed = crc_without(f, sized ? length : end, words) == crc;

	*intact = sized && sealed;
	if (sized || sealed)
		f->words = words;
	return sized || sealed;
}

static bool
check_sums(struct file *f)
{
	unsigned char expected = f->app.computed;
	bool intact = true;

	if (!find_words(f, WORDS_CORE_2_7, &intact) &&
	    f->app.segments[0].size >= 8 &&
	    find_words(f, WORDS_CORE_3, &intact))
		/* elf2bin.py writes these words after it computed the XOR. */
		expected ^= esp8266_xor(f->data + WORDS_CORE_3, 8);
	if (expected != f->app.stored)
		return image_refuse(f->report, REASON_IMAGE_INVALID,
		    "the application is damaged: checksum 0x%02x, not 0x%02x",
		    expected, f->app.stored);
	if (f->words != 0 && !intact)
		return image_refuse(f->report, REASON_IMAGE_INVALID,
		    "it is damaged: length and CRC at 0x%04zx do not fit",
		    f->words);
	return true;
}

/*
 * Check the places of the segments in an old file, whose headers no CRC covers.
 * Its linker script fixed them: the first segment of a memory is at the start,
 * the next one after it, aligned (found so in all Tasmota 6.7 to 8.1).
 */
static bool
check_old_places(const struct file *f)
{
	uint32_t code = ESP8266_IRAM, data = ESP8266_DATA_RAM;

	for (size_t i = 0; i < f->app.segment_count; i++) {
		const struct esp8266_segment *s = &f->app.segments[i];
		uint32_t *next = s->address < ESP8266_IRAM ? &data : &code;
		bool first = *next == ESP8266_IRAM || *next == ESP8266_DATA_RAM;

		if (esp8266_in_flash(s))
			continue;
		if (s->address - *next > (first ? 0 : OLD_ALIGNMENT))
			return image_refuse(f->report, REASON_IMAGE_INVALID,
			    "application at 0x1000: segment %zu is for "
			    "0x%08" PRIx32 ", not for 0x%08" PRIx32,
			    i + 1, s->address, *next);
		*next = s->address + s->size;
	}
	return true;
}

static bool
check_app(struct file *f)
{
	const struct esp8266_image *app = &f->app;
	bool has_flash = false;
	struct error err;

	if (!esp8266_parse(f->data, f->size, APP, &f->app, &err))
		return refuse_parse(f, "application at 0x1000", &err);
	if (!check_flash(f, app, "application") || !check_sums(f))
		return false;
	if (f->words == 0 && !check_old_places(f))
		return false;
	for (size_t i = 0; i < app->segment_count; i++)
		has_flash |= esp8266_in_flash(&app->segments[i]);
	if (!has_flash)
		image_warn(f->report, "the application has no code in flash");
	return true;
}

/* Warn about what is odd but harmless. */
static void
look_around(const struct file *f)
{
	bool filled = true;

	for (size_t i = f->boot.end; i < APP; i++)
		if (f->data[i] != FILL &&
		    (f->words != WORDS_CORE_2_7 || i < WORDS_CORE_2_7))
			filled = false;
	if (!filled)
		image_warn(f->report,
		    "what lies between boot loader and application is not "
		    "0xaa");
	if (!f->boot.padded || !f->app.padded)
		image_warn(
		    f->report, "what lies in front of a checksum is not zero");
	if (f->words == 0)
		image_warn(f->report,
		    "it has no CRC of the whole file (Arduino core before "
		    "2.7), "
		    "so not all damage would be seen");
	if (f->size > f->app.end)
		image_warn(f->report, "%zu bytes follow its end",
		    f->size - f->app.end);
	if (f->boot.clock != f->app.clock)
		image_warn(f->report,
		    "boot loader and application differ in the flash's clock");
	if (f->boot.clock != 0)
		image_warn(
		    f->report, "its flash clock is not the usual 40 MHz");
}

bool
image_check_form(
    const unsigned char *data, size_t size, struct image_report *report)
{
	struct file f = { .data = data, .size = size, .report = report };

	if (!check_boot(&f) || !check_app(&f))
		return false;
	look_around(&f);
	return true;
}
