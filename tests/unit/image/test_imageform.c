/* SPDX-License-Identifier: ISC */
/* Whole firmware files of our own, each with one thing that is not usual. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/crc32.h"
#include "core/image/esp8266.h"
#include "core/image/image.h"

#include "unit/test.h"

#define APP	     0x1000u
#define WORDS_2_7    0x0ff8u
#define WORDS_CORE_3 0x1010u
#define IRAM	     ESP8266_IRAM
#define RAM	     ESP8266_DATA_RAM
#define FLASH	     0x40201010u /* the first segment of an application */

struct part {
	uint32_t address, size;
};

static const struct part usual[] = { { FLASH, 64 }, { IRAM, 32 }, { RAM, 16 } };

static unsigned char made[0x4000];
static size_t made_len;

static void
write32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

/* Write an image whose code begins in RAM; returns where it ends. */
static size_t
put_image(size_t at, const struct part *parts, size_t count, uint32_t entry)
{
	unsigned char sum = 0xef, *p = made + at + 8;
	size_t last;

	memset(made + at, 0, sizeof(made) - at);
	made[at] = 0xe9;
	made[at + 1] = (unsigned char)count;
	made[at + 2] = ESP8266_MODE_DOUT;
	made[at + 3] = ESP8266_SIZE_1M << 4;
	write32(made + at + 4, entry);
	for (size_t i = 0; i < count; i++) {
		write32(p, parts[i].address);
		write32(p + 4, parts[i].size);
		/* The first words of an application are for its CRC. */
		for (uint32_t n = 8; n < parts[i].size; n++)
			sum ^= p[8 + n] = (unsigned char)(n * 7 + i);
		p += 8 + parts[i].size;
	}
	last = (size_t)(p - made - at) | 15;
	made[at + last] = sum;
	return at + last + 1;
}

static void
make_both(const struct part *boot, size_t boot_count, const struct part *app,
    size_t app_count, uint32_t entry)
{
	size_t end = put_image(0, boot, boot_count, boot[0].address);

	if (end < APP)
		memset(made + end, 0xaa, APP - end);
	made_len = put_image(APP, app, app_count, entry);
}

static void
make(uint32_t boot_size)
{
	const struct part boot = { ESP8266_EBOOT_LOAD, boot_size };

	make_both(&boot, 1, usual, COUNT(usual), IRAM);
}

static void
make_app(const struct part *app, size_t count)
{
	const struct part boot = { ESP8266_EBOOT_LOAD, 0x400 };

	make_both(&boot, 1, app, count, IRAM);
}

/* Write length and CRC, of the first len bytes, at one of their places. */
static void
seal(size_t words, size_t len)
{
	uint32_t crc;

	memset(made + words, 0, 8);
	crc = crc32_mpeg2(CRC32_START, made, len);
	write32(made + words, (uint32_t)len);
	write32(made + words + 4, crc);
}

static struct image_report
check(void)
{
	struct image_report report;
	unsigned char *data = malloc(made_len);

	memcpy(data, made, made_len);
	image_check(data, made_len, &report);
	free(data);
	return report;
}

static bool
says(const struct image_report *r, const char *text)
{
	for (size_t i = 0; i < r->note_count; i++)
		if (strstr(r->notes[i], text) != NULL)
			return true;
	return false;
}

#define UNKNOWN	  "it is of no project that is known here"
#define NO_CRC	  "it has no CRC of the whole file"
#define FILL	  "what lies between boot loader and application"
#define SUM	  "what lies in front of a checksum is not zero"
#define NO_FLASH  "the application has no code in flash"
#define CLOCKS	  "boot loader and application differ in the flash's clock"
#define NOT_40	  "its flash clock is not the usual 40 MHz"
#define TOO_LARGE "bytes may be too many"

/* That, and nothing else but that nobody knows it. */
static void
assert_notes(size_t count, const char *text)
{
	struct image_report report = check();

	if (report.verdict != IMAGE_WARN || report.note_count != count + 1 ||
	    !says(&report, UNKNOWN) || (text != NULL && !says(&report, text)))
		fail_msg("%s: %s / %s", image_verdict_name(report.verdict),
		    report.text, report.notes[0]);
}

static void
assert_refused(enum reason reason, const char *text)
{
	struct image_report report = check();

	assert_int_equal(report.verdict, IMAGE_REFUSE);
	assert_int_equal(report.reason, reason);
	assert_contains(report.text, text);
}

TEST(a_sealed_file_has_nothing_to_be_said_of)
{
	make(0x400);
	assert_notes(1, NO_CRC);
	seal(WORDS_2_7, made_len);
	assert_notes(0, NULL);
	make(0x400);
	seal(WORDS_CORE_3, made_len);
	assert_notes(0, NULL);
	/* What follows behind the end is sealed, or is not. */
	make(0x400);
	made_len += 3;
	seal(WORDS_2_7, made_len);
	assert_notes(1, "3 bytes follow its end");
	seal(WORDS_2_7, made_len - 3);
	assert_notes(1, "3 bytes follow its end");
	made_len -= 2;
	assert_notes(1, "1 bytes follow its end");
	made_len -= 1;
	assert_notes(0, NULL);
}

/* Whichever byte is another: no damage goes unseen. */
TEST(a_sealed_file_is_refused_with_any_other_byte)
{
	static const size_t words[] = { WORDS_2_7, WORDS_CORE_3 };

	for (size_t i = 0; i < COUNT(words); i++) {
		make(0x400);
		seal(words[i], made_len);
		for (size_t at = 0; at < made_len; at++) {
			struct image_report report;

			made[at] ^= 0x10;
			report = check();
			made[at] ^= 0x10;
			if (report.verdict != IMAGE_REFUSE)
				fail_msg("0x%zx: %s", at, report.notes[0]);
		}
	}
	make(0x400);
	seal(WORDS_2_7, made_len);
	made[WORDS_2_7] ^= 1;
	assert_refused(REASON_IMAGE_INVALID,
	    "it is damaged: length and CRC at 0x0ff8 do not fit");
	made[WORDS_2_7] ^= 1;
	made[WORDS_2_7 + 7] ^= 1;
	assert_refused(REASON_IMAGE_INVALID,
	    "it is damaged: length and CRC at 0x0ff8 do not fit");
	make(0x400);
	seal(WORDS_CORE_3, made_len);
	made[0x20] ^= 1;
	assert_refused(REASON_IMAGE_INVALID, "boot loader is damaged");
	made[0x20] ^= 1;
	made[APP + 0x60] ^= 1;
	assert_refused(REASON_IMAGE_INVALID, "the application is damaged");
}

TEST(the_words_of_core_3_need_room_in_the_first_segment)
{
	static const struct {
		uint32_t size;
		size_t notes;
		const char *note;
	} cases[] = { { 4, 1, NO_CRC }, { 8, 0, NULL }, { 12, 0, NULL } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct part app[] = { { FLASH, cases[i].size },
			{ IRAM, 32 } };

		make_app(app, 2);
		if (cases[i].size >= 8)
			seal(WORDS_CORE_3, made_len);
		assert_notes(cases[i].notes, cases[i].note);
	}
}

TEST(a_boot_loader_that_can_unpack_is_told_by_its_size)
{
	for (uint32_t size = 0xbf8; size <= 0xc08; size += 4) {
		make(size);
		assert_int_equal(check().boots_gzip, size >= 0xc00);
		assert_notes(1, NO_CRC);
	}
}

TEST(a_boot_loader_ends_in_front_of_the_application)
{
	static const struct part other = { IRAM, 0x400 };

	make(0xfec); /* 16 bytes of headers, and its sum is at 0xfff */
	assert_notes(1, NO_CRC);
	make(0xff0);
	assert_refused(REASON_IMAGE_INVALID,
	    "its first image ends at 0x1010: it has no boot loader");
	make_both(&other, 1, usual, COUNT(usual), IRAM);
	assert_refused(REASON_IMAGE_INVALID,
	    "its boot loader is not that of the Arduino core");
}

/* Any of its segments may be the one that is loaded there. */
TEST(the_boot_loader_may_be_in_the_second_segment)
{
	static const struct part boot[] = { { IRAM, 16 },
		{ ESP8266_EBOOT_LOAD, 0xc00 } };

	make_both(boot, 2, usual, COUNT(usual), IRAM);
	assert_true(check().boots_gzip);
	assert_notes(1, NO_CRC);
}

TEST(each_flash_mode_but_one_is_refused_by_its_name)
{
	static const struct {
		unsigned char mode;
		const char *name;
	} cases[] = { { 0, "QIO" }, { 1, "QOUT" }, { 2, "DIO" },
		{ 4, "unknown" }, { 255, "unknown" } };

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t at = 0; at <= APP; at += APP) {
			char text[80];

			make(0x400);
			made[at + 2] = cases[i].mode;
			snprintf(text, sizeof(text),
			    "the %s is built for flash mode %s, not DOUT",
			    at == 0 ? "boot loader" : "application",
			    cases[i].name);
			assert_refused(REASON_IMAGE_FLASH_MODE, text);
		}
}

TEST(each_flash_size_but_one_is_refused_by_its_name)
{
	static const char *const names[16] = { "512 KB", "256 KB", NULL, "2 MB",
		"4 MB", "2 MB", "4 MB", "unknown", "8 MB", "16 MB", "unknown",
		"unknown", "unknown", "unknown", "unknown", "unknown" };

	for (unsigned i = 0; i < 16; i++) {
		char text[80];

		make(0x400);
		made[3] = (unsigned char)(i << 4);
		snprintf(text, sizeof(text),
		    "the boot loader is built for a flash chip of %s, not 1 MB",
		    names[i] != NULL ? names[i] : "");
		if (names[i] == NULL)
			assert_notes(1, NO_CRC);
		else
			assert_refused(REASON_IMAGE_INVALID, text);
	}
}

TEST(four_clocks_are_possible)
{
	for (unsigned clock = 0; clock < 16; clock++) {
		bool possible = clock <= 2 || clock == 15;

		make(0x400);
		made[3] = made[APP + 3] = (unsigned char)(0x20 | clock);
		if (!possible)
			assert_refused(REASON_IMAGE_INVALID,
			    "the boot loader has an impossible flash clock, ");
		else if (clock == 0)
			assert_notes(1, NO_CRC);
		else
			assert_notes(2, NOT_40);
	}
	make(0x400);
	made[APP + 3] = 0x2f;
	assert_notes(2, CLOCKS);
	made[APP + 3] = 0x23;
	assert_refused(REASON_IMAGE_INVALID,
	    "the application has an impossible flash clock, 3");
}

/*
 * Its linker script left no choice: the first segment of a memory is at its
 * start, the next one behind it, at most aligned to 16.
 */
TEST(a_file_without_crc_has_its_segments_where_they_belong)
{
	static const struct {
		struct part parts[3];
		const char *refused; /* NULL: it is not */
	} cases[] = {
		{ { { FLASH, 64 }, { IRAM, 32 }, { RAM, 16 } }, NULL },
		{ { { FLASH, 64 }, { IRAM, 32 }, { IRAM + 32, 16 } }, NULL },
		{ { { FLASH, 64 }, { IRAM, 32 }, { IRAM + 48, 16 } }, NULL },
		{ { { FLASH, 64 }, { IRAM, 32 }, { IRAM + 52, 16 } },
		    "segment 3 is for 0x40100034, not for 0x40100020" },
		{ { { FLASH, 64 }, { IRAM, 32 }, { RAM + 4, 16 } },
		    "segment 3 is for 0x3ffe8004, not for 0x3ffe8000" },
		{ { { FLASH, 64 }, { IRAM + 4, 32 }, { RAM, 16 } },
		    "segment 2 is for 0x40100004, not for 0x40100000" },
		{ { { IRAM + 16, 32 }, { RAM, 16 }, { RAM + 16, 16 } },
		    "segment 1 is for 0x40100010, not for 0x40100000" },
		{ { { IRAM, 32 }, { RAM, 16 }, { RAM + 32, 16 } }, NULL },
		{ { { IRAM, 32 }, { RAM, 16 }, { RAM + 36, 16 } },
		    "segment 3 is for 0x3ffe8024, not for 0x3ffe8010" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct part boot = { ESP8266_EBOOT_LOAD, 0x400 };
		const struct part *p = cases[i].parts;

		make_both(&boot, 1, p, 3,
		    esp8266_in_flash(
			&(struct esp8266_segment){ .address = p[0].address })
			? p[1].address
			: p[0].address);
		if (cases[i].refused != NULL)
			assert_refused(REASON_IMAGE_INVALID, cases[i].refused);
		else
			assert_int_equal(check().verdict, IMAGE_WARN);
	}
	/* A CRC lets each segment be anywhere. */
	make_both(&(const struct part){ ESP8266_EBOOT_LOAD, 0x400 }, 1,
	    cases[3].parts, 3, IRAM);
	seal(WORDS_2_7, made_len);
	assert_notes(0, NULL);
}

/* The words of core 3 lie in the first segment, or are something else. */
TEST(a_first_segment_has_room_for_length_and_crc_or_none)
{
	static const struct {
		uint32_t size;
		bool has_words;
	} cases[] = { { 4, false }, { 7, false }, { 8, true }, { 12, true } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct part parts[] = { { FLASH, cases[i].size },
			{ IRAM, 32 }, { RAM, 16 } };

		make_app(parts, COUNT(parts));
		/* A length that is right, and in the checksum if it is none. */
		write32(made + WORDS_CORE_3, (uint32_t)made_len);
		for (size_t n = 0; n < 4 && !cases[i].has_words; n++)
			made[made_len - 1] ^= made[WORDS_CORE_3 + n];
		if (cases[i].has_words)
			assert_refused(REASON_IMAGE_INVALID, "0x1010 do not");
		else
			assert_notes(1, NO_CRC);
	}
}

TEST(what_is_odd_is_said)
{
	static const struct part no_flash[] = { { IRAM, 64 }, { RAM, 16 } };
	static const struct part flash_last[] = { { IRAM, 16 },
		{ FLASH + 24, 16 } };
	size_t boot_end = 0x410 + 16;

	make_app(no_flash, 2);
	assert_notes(2, NO_FLASH);
	make_app(flash_last, 2);
	assert_notes(1, NO_CRC);
	/* The first and the last byte of the fill, with and without words. */
	for (size_t i = 0; i < 2; i++) {
		static const size_t last[] = { APP - 1, WORDS_2_7 - 1 };
		size_t ats[] = { boot_end, boot_end + 1, last[i] };

		for (size_t n = 0; n < COUNT(ats); n++) {
			make(0x400);
			made[ats[n]] = 0;
			if (i == 1)
				seal(WORDS_2_7, made_len);
			assert_notes(i == 0 ? 2 : 1, FILL);
		}
	}
	make(0x400);
	made[boot_end - 2] = 1; /* in front of the boot loader's sum */
	assert_notes(2, SUM);
	make(0x400);
	made[made_len - 2] = 1;
	assert_notes(2, SUM);
}

/* Make an application of one flash segment, so that the file has that size. */
static unsigned char *
large_file(size_t size)
{
	unsigned char *data = malloc(size), sum = 0xef;
	uint32_t flash = (uint32_t)((size - APP - 72) & ~(size_t)15);
	size_t end;

	make_app((const struct part[]){ { FLASH, 16 }, { IRAM, 32 } }, 2);
	memset(data, 0, size);
	memcpy(data, made, APP + 16);
	write32(data + APP + 12, flash);
	end = APP + 16 + flash;
	write32(data + end, IRAM);
	write32(data + end + 4, 32);
	end = (end + 40) | 15;
	data[end] = sum;
	assert_true(end < size);
	return data;
}

TEST(what_the_stock_firmware_takes_has_limits)
{
	static const struct {
		size_t size;
		enum image_verdict verdict;
		const char *text;
	} cases[] = {
		{ 507999, IMAGE_WARN, NULL },
		{ 508000, IMAGE_WARN, "its 508000 bytes may be too many" },
		{ 520192, IMAGE_WARN, "its 520192 bytes may be too many" },
		{ 520193, IMAGE_REFUSE,
		    "its 520193 bytes are more than the 520192 that the stock "
		    "firmware has room for" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned char *data = large_file(cases[i].size);
		struct image_report report;

		image_check(data, cases[i].size, &report);
		if (report.verdict != cases[i].verdict)
			fail_msg("%s", report.text);
		if (report.verdict == IMAGE_REFUSE) {
			assert_int_equal(report.reason, REASON_IMAGE_TOO_LARGE);
			assert_string_equal(report.text, cases[i].text);
		} else {
			assert_int_equal(
			    says(&report, TOO_LARGE), cases[i].text != NULL);
			if (cases[i].text != NULL)
				assert_true(says(&report, cases[i].text));
		}
		free(data);
	}
}

TEST(what_a_tasmota_takes_has_limits_too)
{
	static const struct {
		size_t size;
		const char *text;
	} cases[] = {
		{ 520193, "" },
		{ 655360, "" },
		{ 655361,
		    "its 655361 bytes do not fit beside any running Tasmota; "
		    "the .bin.gz would" },
		{ 995328,
		    "its 995328 bytes do not fit beside any running Tasmota; "
		    "the .bin.gz would" },
		{ 995329,
		    "its 995329 bytes would reach into Tasmota's settings, "
		    "which begin at 995328" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned char *data = large_file(cases[i].size);
		struct image_report report;

		image_check_upgrade(data, cases[i].size, &report);
		assert_string_equal(report.text, cases[i].text);
		assert_int_equal(report.reason,
		    cases[i].text[0] != '\0' ? REASON_IMAGE_TOO_LARGE
					     : REASON_NONE);
		assert_false(report.packed);
		free(data);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
