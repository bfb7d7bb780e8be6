/* SPDX-License-Identifier: ISC */
/*
 * Refuses files that are not firmware for an ESP8266, and says what they are.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "core/image/esp8266.h"
#include "core/image/imageform.h"

#define LEAST 0x1010 /* boot loader, fill, the header of an application */

/* clang-format off */
static const struct {
	const char *magic;
	size_t length;
	enum reason reason;
	const char *text;
} strangers[] = {
	{ "\x1f\x8b", 2, REASON_IMAGE_COMPRESSED,
	  "it is compressed with gzip, which only Tasmota's own updater unpacks" },
	{ "PK\3\4", 4, REASON_IMAGE_COMPRESSED,
	  "it is a zip archive; the image may be in it" },
	{ "\xea", 1, REASON_IMAGE_INVALID,
	  "it is a user1/user2 slot image of Espressif's SDK (first byte 0xea)" },
	{ "\xff\xff\xff\xff", 4, REASON_IMAGE_INVALID,
	  "it begins with empty flash: a dump, or a factory file for an ESP32" },
	{ "\x7f" "ELF", 4, REASON_IMAGE_INVALID,
	  "it is an ELF program, not the image made of it" },
	{ "<", 1, REASON_IMAGE_INVALID,
	  "it is a web page; the download has gone wrong" },
	{ "version https://git-lfs", 23, REASON_IMAGE_INVALID,
	  "it is a git-lfs pointer; the file itself is elsewhere" },
};

/* esptool, targets/: the chip id at offset 12 of the extended header. */
static const struct {
	unsigned id;
	const char *name;
} chips[] = {
	{ 0, "ESP32" }, { 2, "ESP32-S2" }, { 5, "ESP32-C3" },
	{ 9, "ESP32-S3" }, { 12, "ESP32-C2" }, { 13, "ESP32-C6" },
	{ 16, "ESP32-H2" }, { 18, "ESP32-P4" }, { 20, "ESP32-C61" },
	{ 23, "ESP32-C5" }, { 25, "ESP32-H21" }, { 28, "ESP32-H4" },
};

/* Entry points of other chips, outside of the memory of an ESP8266. */
static const struct {
	uint32_t from, to;
} chip_code[] = {
	{ 0x40020000, 0x400fffff }, { 0x40370000, 0x403fffff },
	{ 0x40800000, 0x408fffff }, { 0x42000000, 0x43ffffff },
	{ 0x4ff00000, 0x4fffffff },
};
/* clang-format on */

static bool
check_magic(const unsigned char *data, size_t size, struct image_report *report)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (size >= strangers[i].length &&
		    memcmp(data, strangers[i].magic, strangers[i].length) == 0)
			return image_refuse(report, strangers[i].reason, "%s",
			    strangers[i].text);
	if (size == 0)
		return image_refuse(
		    report, REASON_IMAGE_INVALID, "it is empty");
	if (data[0] != ESP8266_MAGIC)
		return image_refuse(report, REASON_IMAGE_INVALID,
		    "it is not a firmware image: it begins with 0x%02x, not "
		    "0xe9",
		    data[0]);
	if (size < LEAST)
		return image_refuse(report, REASON_IMAGE_INVALID,
		    "it is cut off: its %zu bytes are too few for a boot "
		    "loader and an application",
		    size);
	return true;
}

/*
 * Return the name of the chip that the image is for.  Call it only if the entry
 * point is not that of an ESP8266.
 */
static const char *
chip_name(const unsigned char *data, uint32_t entry)
{
	unsigned id = data[12] | (unsigned)data[13] << 8;
	bool plausible = data[23] <= 1; /* "a hash is appended" */
	bool elsewhere = false;

	for (size_t i = 0; i < sizeof(chip_code) / sizeof(chip_code[0]); i++)
		if (entry >= chip_code[i].from && entry <= chip_code[i].to)
			elsewhere = true;
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (plausible && chips[i].id == id && (id != 0 || elsewhere))
			return chips[i].name;
	return elsewhere ? "ESP32-family chip" : NULL;
}

/*
 * Refuse an image for another chip.  ESP32 files begin with 0xe9, too.  The
 * chip id alone is no proof: in an Arduino file the same bytes are eboot's
 * length.
 */
static bool
check_chip(const unsigned char *data, struct image_report *report)
{
	uint32_t entry = esp8266_read32(data + 4);
	const char *name;

	if (entry >= ESP8266_IRAM && entry < ESP8266_IRAM_END)
		return true;
	name = chip_name(data, entry);
	if (name != NULL)
		return image_refuse(report, REASON_WRONG_CHIP,
		    "it is for an %s (its code starts at 0x%08" PRIx32
		    "), not for an ESP8266",
		    name, entry);
	return image_refuse(report, REASON_IMAGE_INVALID,
	    "its code would start at 0x%08" PRIx32
	    ", outside the memory of an ESP8266",
	    entry);
}

bool
image_check_foreign(
    const unsigned char *data, size_t size, struct image_report *report)
{
	return check_magic(data, size, report) && check_chip(data, report);
}
