/* SPDX-License-Identifier: ISC */
/* The verdict about a firmware file. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ZLIB
#define ZLIB_CONST
#include <zlib.h>
#endif

#include "base/memory.h"
#include "core/image/crc32.h"
#include "core/image/esp8266.h"
#include "core/image/gunzip.h"
#include "core/image/image.h"
#include "core/image/image_after.h"
#include "core/image/imagekind.h"
#include "sim/image/mkimage.h"
#include "sim/image/pack.h"

#include "unit/test.h"

/* What must become of everything that the maker of images can make. */
static const struct expected {
	const char *kind;
	enum image_verdict verdict;
	enum reason reason;
	const char *text; /* in the refusal, or in a note */
} expected[] = {
	{ "valid", IMAGE_ACCEPT, REASON_NONE, NULL },
	{ "valid-core3", IMAGE_ACCEPT, REASON_NONE, NULL },
	{ "valid-old", IMAGE_WARN, REASON_NONE, "no CRC" },
	{ "tasmota-9.5", IMAGE_ACCEPT, REASON_NONE, NULL },
	{ "esphome", IMAGE_ACCEPT, REASON_NONE, NULL },
	{ "esphome-quiet", IMAGE_ACCEPT, REASON_NONE, NULL },
	{ "espurna", IMAGE_WARN, REASON_NONE, "no CRC" },
	{ "espeasy", IMAGE_WARN, REASON_NONE, "no CRC" },
	{ "unknown", IMAGE_WARN, REASON_NONE, "no project" },
	{ "small", IMAGE_WARN, REASON_NONE, "no project" },
	{ "big-warn", IMAGE_WARN, REASON_NONE, "too many" },
	{ "edge", IMAGE_WARN, REASON_NONE, "too many" },
	{ "too-large", IMAGE_REFUSE, REASON_IMAGE_TOO_LARGE, "521120" },
	{ "edge-over", IMAGE_REFUSE, REASON_IMAGE_TOO_LARGE, "520208" },
	{ "full", IMAGE_REFUSE, REASON_IMAGE_TOO_LARGE, "669312" },
	{ "tasmota-full", IMAGE_REFUSE, REASON_IMAGE_TOO_LARGE, "669312" },
	{ "tasmota-full-gz", IMAGE_REFUSE, REASON_IMAGE_COMPRESSED, "gzip" },
	{ "minimal-gz", IMAGE_REFUSE, REASON_IMAGE_COMPRESSED, "gzip" },
	{ "minimal", IMAGE_REFUSE, REASON_IMAGE_MINIMAL, "is tasmota-min" },
	{ "minimal-mute", IMAGE_REFUSE, REASON_IMAGE_MINIMAL, "seems" },
	{ "gz", IMAGE_REFUSE, REASON_IMAGE_COMPRESSED, "gzip" },
	{ "esp32", IMAGE_REFUSE, REASON_WRONG_CHIP, "an ESP32 (" },
	{ "user1", IMAGE_REFUSE, REASON_IMAGE_INVALID, "user1/user2" },
	{ "dio", IMAGE_REFUSE, REASON_IMAGE_FLASH_MODE, "DIO" },
	{ "qio", IMAGE_REFUSE, REASON_IMAGE_FLASH_MODE, "QIO" },
	{ "app-dio", IMAGE_REFUSE, REASON_IMAGE_FLASH_MODE, "application" },
	{ "4m", IMAGE_REFUSE, REASON_IMAGE_INVALID, "4 MB, not 1 MB" },
	{ "app-4m", IMAGE_REFUSE, REASON_IMAGE_INVALID, "4 MB, not 1 MB" },
	{ "bad-eboot-xor", IMAGE_REFUSE, REASON_IMAGE_INVALID, "boot loader" },
	{ "bad-app-xor", IMAGE_REFUSE, REASON_IMAGE_INVALID, "application" },
	{ "bad-app-xor-core3", IMAGE_REFUSE, REASON_IMAGE_INVALID, "appl" },
	{ "bad-crc", IMAGE_REFUSE, REASON_IMAGE_INVALID, "CRC at 0x0ff8" },
	{ "bad-crc-core3", IMAGE_REFUSE, REASON_IMAGE_INVALID, "0x1010" },
	{ "flipped", IMAGE_REFUSE, REASON_IMAGE_INVALID, "damaged" },
	{ "flipped-old", IMAGE_REFUSE, REASON_IMAGE_INVALID, "damaged" },
	{ "truncated", IMAGE_REFUSE, REASON_IMAGE_INVALID, "of 504848 by" },
	{ "headers-only", IMAGE_REFUSE, REASON_IMAGE_INVALID, "cut off" },
	{ "trailing", IMAGE_WARN, REASON_NONE, "16 bytes follow" },
	{ "bad-entry", IMAGE_REFUSE, REASON_IMAGE_INVALID, "0x40201010" },
	{ "no-app", IMAGE_REFUSE, REASON_IMAGE_INVALID, "0xaa instead" },
	{ "huge-segment", IMAGE_REFUSE, REASON_IMAGE_INVALID, "4294967280" },
	{ "many-segments", IMAGE_REFUSE, REASON_IMAGE_INVALID, "255 seg" },
	{ "long-eboot", IMAGE_REFUSE, REASON_IMAGE_INVALID, "4660 bytes" },
	{ "bad-fill", IMAGE_WARN, REASON_NONE, "not 0xaa" },
	{ "noise", IMAGE_REFUSE, REASON_IMAGE_INVALID, "begins with" },
	{ "html", IMAGE_REFUSE, REASON_IMAGE_INVALID, "web page" },
	{ "empty", IMAGE_REFUSE, REASON_IMAGE_INVALID, "empty" },
};

static const struct expected *
find_expected(const char *kind)
{
	for (size_t i = 0; i < COUNT(expected); i++)
		if (strcmp(expected[i].kind, kind) == 0)
			return &expected[i];
	return NULL;
}

static bool
says(const struct image_report *r, const char *text)
{
	for (size_t i = 0; i < r->note_count; i++)
		if (strstr(r->notes[i], text) != NULL)
			return true;
	return strstr(r->text, text) != NULL;
}

TEST(every_kind_of_image_gets_its_verdict)
{
	const char *kind, *help;

	for (size_t i = 0; mkimage_kind(i, &kind, &help); i++) {
		const struct expected *e = find_expected(kind);
		struct image_report report;
		unsigned char *data;
		size_t size;

		if (e == NULL)
			fail_msg("no verdict is expected for %s", kind);
		assert_true(mkimage(kind, 0, 1, &data, &size));
		image_check(data, size, &report);
		if (report.verdict != e->verdict ||
		    report.reason != e->reason ||
		    (e->text != NULL && !says(&report, e->text)))
			fail_msg("%s: %s %s: %s / %s", kind,
			    image_verdict_name(report.verdict),
			    reason_token(report.reason), report.text,
			    report.notes[0]);
		assert_int_equal(
		    *report.text != '\0', report.verdict == IMAGE_REFUSE);
		free(data);
	}
}

TEST(what_is_inside_is_told)
{
	static const struct {
		const char *image;
		enum image_kind kind;
		const char *version, *variant;
		bool guessed;
	} cases[] = {
		{ "valid", IMAGE_TASMOTA, "14.2.0", "lite", true },
		{ "tasmota-9.5", IMAGE_TASMOTA, "9.5.0", "lite", true },
		{ "valid-old", IMAGE_TASMOTA, "", "", false },
		{ "minimal", IMAGE_TASMOTA, "14.2.0", "minimal", true },
		{ "too-large", IMAGE_TASMOTA, "14.2.0", "lite", true },
		{ "esphome", IMAGE_ESPHOME, "2024.10.3", "", false },
		{ "esphome-quiet", IMAGE_ESPHOME, "", "", false },
		{ "espurna", IMAGE_ESPURNA, "", "", false },
		{ "espeasy", IMAGE_ESPEASY, "", "", false },
		{ "dio", IMAGE_TASMOTA, "14.2.0", "lite", true },
		{ "bad-crc", IMAGE_UNKNOWN, "", "", false },
		{ "unknown", IMAGE_UNKNOWN, "", "", false },
		{ "html", IMAGE_UNKNOWN, "", "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report;
		unsigned char *data;
		size_t size;

		assert_true(mkimage(cases[i].image, 0, 1, &data, &size));
		image_check(data, size, &report);
		assert_int_equal(report.kind, cases[i].kind);
		assert_string_equal(report.version, cases[i].version);
		assert_string_equal(report.variant, cases[i].variant);
		assert_int_equal(report.version_guessed, cases[i].guessed);
		assert_int_equal(report.size, size);
		free(data);
	}
}

TEST(a_released_file_is_known_by_its_sha256)
{
	struct image_report report = { .version = "1",
		.version_guessed = true };

	image_report_identify(&report, "00");
	assert_string_equal(report.version, "1");
	image_report_identify(&report,
	    "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc");
	assert_string_equal(report.version, "9.5.0");
	assert_string_equal(report.variant, "lite");
	assert_false(report.version_guessed);
}

/* firmware of 1 MB chips: offset, bytes there, what must come of it */
TEST(a_changed_header_is_refused_for_what_it_says)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t len;
		enum reason reason;
	} cases[] = {
		{ 2, "\0", 1, REASON_IMAGE_FLASH_MODE },
		{ 2, "\377", 1, REASON_IMAGE_FLASH_MODE },
		{ 0x1002, "\1", 1, REASON_IMAGE_FLASH_MODE },
		{ 3, "\0", 1, REASON_IMAGE_INVALID },
		{ 3, "\x30", 1, REASON_IMAGE_INVALID },
		{ 0x1003, "\x90", 1, REASON_IMAGE_INVALID },
		{ 1, "\0", 1, REASON_IMAGE_INVALID },
		{ 1, "\x11", 1, REASON_IMAGE_INVALID },
		/* the entry points that were seen on an ESP32 and a C6 */
		{ 4, "\x10\x43\x08\x40", 4, REASON_WRONG_CHIP },
		{ 4, "\x64\x1d\x80\x40", 4, REASON_WRONG_CHIP },
		{ 4, "\x10\xc1\x86\x40", 4, REASON_WRONG_CHIP },
		{ 4, "\0\0\0\0", 4, REASON_IMAGE_INVALID },
		/* in the IRAM, but not in what is loaded, or odd */
		{ 4, "\0\0\x10\x40", 4, REASON_IMAGE_INVALID },
		{ 4, "\xe9\xf4\x10\x40", 4, REASON_IMAGE_INVALID },
		/* load addresses: ROM, odd, another boot loader, wrong flash */
		{ 8, "\0\0\0\x40", 4, REASON_IMAGE_INVALID },
		{ 8, "\1\xf0\x10\x40", 4, REASON_IMAGE_INVALID },
		{ 8, "\0\xf1\x10\x40", 4, REASON_IMAGE_INVALID },
		{ 0x1008, "\x10\x10\x21\x40", 4, REASON_IMAGE_INVALID },
		{ 0x1008, "\0\0\x2f\x40", 4, REASON_IMAGE_INVALID },
		/* lengths that overflow in one way or another */
		{ 12, "\xff\xff\xff\xff", 4, REASON_IMAGE_INVALID },
		{ 12, "\xfc\xff\xff\x7f", 4, REASON_IMAGE_INVALID },
		{ 0x100c, "\0\0\0\x80", 4, REASON_IMAGE_INVALID },
		{ 0, "\xff\xff\xff\xff", 4, REASON_IMAGE_INVALID },
		{ 0, "PK\3\4", 4, REASON_IMAGE_COMPRESSED },
		{ 0,
		    "\x7f"
		    "ELF",
		    4, REASON_IMAGE_INVALID },
	};
	unsigned char *data, keep[8];
	size_t size;

	assert_true(mkimage("valid-old", 0x4000, 1, &data, &size));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report;

		memcpy(keep, data + cases[i].at, cases[i].len);
		memcpy(data + cases[i].at, cases[i].bytes, cases[i].len);
		image_check(data, size, &report);
		if (report.reason != cases[i].reason)
			fail_msg("case %zu: %s: %s", i,
			    reason_token(report.reason), report.text);
		memcpy(data + cases[i].at, keep, cases[i].len);
	}
	free(data);
}

/* esptool, targets/: the id at offset 12 of an extended header */
TEST(the_chip_is_named)
{
	unsigned char data[0x1100] = { 0xe9, 1, 2, 0x20, 0x64, 0x1d, 0x80, 0x40,
		0xee };
	struct image_report report;

	data[12] = 13;
	image_check(data, sizeof(data), &report);
	assert_int_equal(report.reason, REASON_WRONG_CHIP);
	assert_contains(report.text, "an ESP32-C6 ");
	data[12] = 200;
	image_check(data, sizeof(data), &report);
	assert_int_equal(report.reason, REASON_WRONG_CHIP);
	assert_contains(report.text, "an ESP32-family chip ");
	/* An id of 0 is that of the first ESP32, and that of nothing at all. */
	data[12] = 0;
	memset(data + 4, 0, 4);
	image_check(data, sizeof(data), &report);
	assert_int_equal(report.reason, REASON_IMAGE_INVALID);
}

TEST(an_application_begins_within_the_file)
{
	unsigned char data[0x1007] = { 0 };
	struct esp8266_image image;
	struct error err;

	assert_false(esp8266_parse(data, sizeof(data), 0x1000, &image, &err));
	assert_string_equal(err.text, "the file ends in front of it");
}

TEST(a_clock_of_80_MHz_is_odd_and_of_3_impossible)
{
	struct image_report report;
	unsigned char *data;
	size_t size;

	assert_true(mkimage("valid-old", 0x4000, 1, &data, &size));
	data[3] = data[0x1003] = 0x2f;
	image_check(data, size, &report);
	assert_int_equal(report.verdict, IMAGE_WARN);
	assert_true(says(&report, "not the usual 40 MHz"));
	data[3] = data[0x1003] = 0x23;
	image_check(data, size, &report);
	assert_int_equal(report.reason, REASON_IMAGE_INVALID);
	assert_true(says(&report, "an impossible flash clock, 3"));
	free(data);
}

struct part {
	uint32_t address;
	size_t size;
};

static void
write32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

/* A boot loader, and behind it an application of two parts full of ones. */
static unsigned char *
build(const struct part *parts, unsigned char fill, size_t *size)
{
	unsigned char *data, *p, sum = 0xef;
	size_t end;

	assert_true(mkimage("valid-old", 0x4000, 1, &data, size));
	p = data + 0x1000;
	p[1] = 2;
	write32(p + 4, 0x40100000);
	p += 8;
	for (size_t i = 0; i < 2; i++) {
		write32(p, parts[i].address);
		write32(p + 4, (uint32_t)parts[i].size);
		memset(p + 8, 1, parts[i].size);
		sum ^= esp8266_xor(p + 8, parts[i].size);
		p += 8 + parts[i].size;
	}
	end = (size_t)(p - data) | 15;
	memset(p, fill, (size_t)(data + end - p));
	data[end] = sum;
	*size = end + 1;
	return data;
}

static void
assert_warns(const struct part *parts, unsigned char fill, const char *text)
{
	struct image_report report;
	size_t size;
	unsigned char *data = build(parts, fill, &size);

	image_check(data, size, &report);
	if (report.verdict != IMAGE_WARN || !says(&report, text))
		fail_msg(
		    "%s: %s", image_verdict_name(report.verdict), report.text);
	free(data);
}

TEST(an_application_may_be_built_in_odd_ways)
{
	static const struct part usual[2] = { { 0x40201010, 64 },
		{ 0x40100000, 64 } };
	static const struct part no_flash[2] = { { 0x40100000, 64 },
		{ 0x3ffe8000, 64 } };
	static const struct part tiny[2] = { { 0x40201010, 4 },
		{ 0x40100000, 64 } };

	assert_warns(usual, 0, "it has no CRC");
	assert_warns(no_flash, 0, "no code in flash");
	assert_warns(usual, 7, "in front of a checksum is not zero");
	/* No room for length and CRC in its first part. */
	assert_warns(tiny, 0, "it has no CRC");
}

#define KIND_OF(text, report) image_find_kind(text, sizeof(text) - 1, report)

TEST(a_version_or_variant_in_doubt_is_not_told)
{
	struct image_report report = { 0 };
	bool sure;

	KIND_OF("StatusFWR\0lite\0", &report);
	assert_string_equal(report.variant, "lite");
	report = (struct image_report){ 0 };
	KIND_OF("StatusFWR\0lite\0sensors\0", &report);
	assert_int_equal(report.kind, IMAGE_TASMOTA);
	assert_string_equal(report.variant, "");
	KIND_OF("ESPHome version 2024.10.0-dev compiled", &report);
	assert_string_equal(report.version, "2024.10.0-dev");
	report = (struct image_report){ 0 };
	KIND_OF("ESPHome version 2024.10.0", &report);
	assert_int_equal(report.kind, IMAGE_ESPHOME);
	assert_string_equal(report.version, "");
	KIND_OF("ESPHome version 2024_10 ", &report);
	assert_string_equal(report.version, "");
	KIND_OF(
	    "ESPHome version 20241010101010101010101010101010101010 ", &report);
	assert_string_equal(report.version, "");
	assert_true(image_is_minimal("MINIMAL firmware", 16, &sure));
	assert_true(sure);
}

TEST(a_second_step_has_more_room_and_may_be_packed)
{
	static const struct {
		const char *kind;
		size_t size;
		bool good;
		enum reason reason;
	} cases[] = {
		{ "valid", 0, true, REASON_NONE },
		{ "edge-over", 0, true, REASON_NONE },
		{ "too-large", 655360, true, REASON_NONE },
		{ "too-large", 655376, false, REASON_IMAGE_TOO_LARGE },
		{ "too-large", 995344, false, REASON_IMAGE_TOO_LARGE },
		{ "minimal", 0, false, REASON_IMAGE_MINIMAL },
		{ "dio", 0, false, REASON_IMAGE_FLASH_MODE },
		{ "esp32", 0, false, REASON_WRONG_CHIP },
		{ "noise", 0, false, REASON_IMAGE_INVALID },
#ifdef HAVE_ZLIB
		{ "gz", 0, true, REASON_NONE },
		{ "minimal-gz", 0, false, REASON_IMAGE_MINIMAL },
#endif
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report;
		unsigned char *data;
		size_t size;

		assert_true(
		    mkimage(cases[i].kind, cases[i].size, 1, &data, &size));
		image_check_upgrade(data, size, &report);
		if (report.reason != cases[i].reason)
			fail_msg("case %zu: %s", i, report.text);
		assert_int_equal(report.verdict != IMAGE_REFUSE, cases[i].good);
		free(data);
	}
}

/* The size does not make another verdict of what is wrong anyway. */
TEST(a_bad_image_is_refused_for_what_is_wrong_at_any_size)
{
	static const size_t sizes[] = { 0x4000, 0x7d000, 0x84000, 0xf4000 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct image_report report;
		unsigned char *data;
		size_t size;

		assert_true(mkimage("valid", sizes[i], 1, &data, &size));
		data[2] = 0; /* QIO */
		image_check(data, size, &report);
		assert_int_equal(report.verdict, IMAGE_REFUSE);
		assert_int_equal(report.reason, REASON_IMAGE_FLASH_MODE);
		image_check_upgrade(data, size, &report);
		assert_int_equal(report.verdict, IMAGE_REFUSE);
		assert_int_equal(report.reason, REASON_IMAGE_FLASH_MODE);
		free(data);
	}
}

/* Wherever a download breaks off, it is called that, with its whole size. */
TEST(a_file_that_is_cut_off_is_called_so)
{
	static const char *const kinds[] = { "valid", "valid-core3",
		"valid-old", "esphome", "unknown", "big-warn" };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct image_report report;
		unsigned char *data;
		char whole[40];
		size_t size;

		assert_true(mkimage(kinds[i], 0, 1, &data, &size));
		snprintf(whole, sizeof(whole), " %zu bytes", size);
		for (size_t cut = 1; cut < size;
		    cut += cut < 0x1400 ? 1 : 997) {
			image_check(data, cut, &report);
			assert_int_equal(report.reason, REASON_IMAGE_INVALID);
			assert_contains(report.text, "it is cut off");
			/* From here on all headers of the segments are there.
			 */
			if (cut > size - 4096)
				assert_contains(report.text, whole);
		}
		image_check(data, size, &report);
		assert_int_not_equal(report.verdict, IMAGE_REFUSE);
		free(data);
	}
}

/* A length that is damaged in a whole file does not make it look cut off. */
TEST(a_damaged_header_is_not_called_cut_off)
{
	struct image_report report;
	unsigned char *data;
	size_t size;

	assert_true(mkimage("valid", 0, 1, &data, &size));
	data[0x1000 + 8 + 6] ^= 8; /* the size of the first segment */
	image_check(data, size, &report);
	assert_int_equal(report.reason, REASON_IMAGE_INVALID);
	assert_null(strstr(report.text, "cut off"));
	free(data);
}

TEST(what_follows_the_flash_is_told_of_what_is_accepted)
{
	static const struct {
		enum image_kind kind;
		enum image_verdict verdict;
		const char *version, *text;
	} cases[] = {
		{ IMAGE_TASMOTA, IMAGE_ACCEPT, "9.5.0", "tasmota_XXXXXX-NNNN" },
		{ IMAGE_TASMOTA, IMAGE_ACCEPT, "10.0.0",
		    "tasmota-XXXXXX-NNNN" },
		{ IMAGE_TASMOTA, IMAGE_WARN, "", "tasmota-XXXXXX-NNNN (or" },
		{ IMAGE_TASMOTA, IMAGE_REFUSE, "9.5.0", NULL },
		{ IMAGE_ESPHOME, IMAGE_ACCEPT, "", "must be compiled in" },
		{ IMAGE_ESPURNA, IMAGE_WARN, "", NULL },
		{ IMAGE_UNKNOWN, IMAGE_WARN, "", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report = { .kind = cases[i].kind,
			.verdict = cases[i].verdict };

		strcpy(report.version, cases[i].version);
		if (cases[i].text == NULL)
			assert_null(image_after(&report));
		else
			assert_contains(image_after(&report), cases[i].text);
	}
}

TEST(a_gzip_is_known_by_its_first_two_bytes)
{
	static const struct {
		unsigned char data[3];
		size_t size;
		bool is;
	} cases[] = {
		{ { 0x1f, 0x8b, 8 }, 3, true },
		{ { 0x1f, 0x8b, 8 }, 2, true },
		{ { 0x1f, 0x8b, 8 }, 1, false },
		{ { 0x1f, 0x8b, 8 }, 0, false },
		{ { 0x1f, 0x8c, 8 }, 3, false },
		{ { 0xe9, 0x8b, 8 }, 3, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    gunzip_fits(cases[i].data, cases[i].size), cases[i].is);
}

#ifdef HAVE_ZLIB
static void
assert_not_unpacked(const void *data, size_t size, const char *why)
{
	unsigned char *out;
	struct error err;
	size_t len;

	assert_false(gunzip(data, size, 1 << 20, &out, &len, &err));
	assert_null(out);
	assert_string_equal(err.text, why);
}

/* As gzip(1) packs it: the packer of the tests never looks far back. */
static void
pack_well(
    const unsigned char *plain, size_t len, unsigned char *out, size_t *packed)
{
	z_stream z = { .next_in = plain, .avail_in = (unsigned)len };

	assert_int_equal(
	    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY),
	    Z_OK);
	z.next_out = out;
	z.avail_out = (unsigned)*packed;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*packed = z.total_out;
	deflateEnd(&z);
}

TEST(what_is_not_one_whole_gzip_is_told)
{
	static const char zlib[] = "\x78\x9c\x4b\x04\x00\x00\x62\x00\x62";
	static unsigned char plain[300000], packed[60000];
	unsigned char *out;
	size_t len = sizeof(packed), unpacked;
	unsigned seed = 1;
	struct error err;
	char why[120];

	/*
	 * The same comes again and again, nearly as far behind as gzip looks
	 * back, and also where there was no more room for what is unpacked.
	 */
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] =
		    i < 29000 ? (unsigned char)rand_r(&seed) : plain[i - 29000];
	pack_well(plain, sizeof(plain), packed, &len);
	assert_in_range(len, 29000, 40000);
	assert_true(gunzip(packed, len, 1 << 20, &out, &unpacked, &err));
	assert_int_equal(unpacked, sizeof(plain));
	assert_memory_equal(out, plain, sizeof(plain));
	free(out);
	snprintf(why, sizeof(why),
	    "it is cut off: its %zu bytes end in the middle of the compressed "
	    "data",
	    len - 1);
	assert_not_unpacked(packed, len - 1, why);
	packed[len / 2] ^= 1;
	assert_not_unpacked(packed, len, "the compressed data are damaged");
	assert_not_unpacked(
	    zlib, sizeof(zlib) - 1, "the compressed data are damaged");
}

/* No more is unpacked than may be, however little it is packed. */
TEST(what_is_unpacked_has_its_limit)
{
	static const struct {
		size_t size, max;
		bool good;
	} cases[] = {
		{ 1, 1, true },
		{ 2, 1, false },
		{ 262144, 262144, true },
		{ 262145, 262144, false },
		{ 299999, 300000, true },
		{ 300000, 300000, true },
		{ 300001, 300000, false },
		{ 400000, 300000, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = cases[i].size, unpacked;
		unsigned char *packed, *out = (unsigned char *)&len;
		unsigned char *plain = xcalloc(len, 1);
		struct error err;

		packed = image_gzip(plain, &len);
		assert_int_equal(
		    gunzip(packed, len, cases[i].max, &out, &unpacked, &err),
		    cases[i].good);
		if (cases[i].good)
			assert_int_equal(unpacked, cases[i].size);
		else
			assert_int_equal(err.code, EFBIG);
		assert_int_equal(out != NULL, cases[i].good);
		free(out);
		free(packed);
	}
}
#endif

#ifdef HAVE_ZLIB
/* 995328 bytes is where the settings begin, 655360 where a program may run. */
TEST(a_packed_image_must_have_room_when_it_is_unpacked)
{
	static const struct {
		size_t size;
		bool packed;
		enum reason reason;
		const char *text;
	} cases[] = {
		{ 600000, true, REASON_NONE, "" },
		{ 655360, false, REASON_NONE, "" },
		{ 655376, false, REASON_IMAGE_TOO_LARGE, "beside" },
		{ 995328, false, REASON_IMAGE_TOO_LARGE, "beside" },
		{ 995344, false, REASON_IMAGE_TOO_LARGE, "begin at 995328" },
		{ 995328, true, REASON_IMAGE_TOO_LARGE, "beside" },
		{ 995344, true, REASON_IMAGE_TOO_LARGE, "begin at 995328" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report;
		unsigned char *data;
		size_t size, len;

		assert_true(
		    mkimage("too-large", cases[i].size, 1, &data, &size));
		len = size;
		if (cases[i].packed)
			data = image_gzip(data, &len);
		image_check_upgrade(data, len, &report);
		assert_int_equal(report.reason, cases[i].reason);
		assert_contains(report.text, cases[i].text);
		assert_int_equal(report.size, len);
		assert_int_equal(report.unpacked, size);
		assert_int_equal(report.packed, cases[i].packed);
		free(data);
	}
}

/* Only what would be taken unpacked is advised to be unpacked. */
TEST(of_a_packed_first_image_it_is_told_what_it_is_good_for)
{
	static const struct {
		const char *kind, *text;
		bool is_for_upgrade;
	} cases[] = {
		{ "gz", "; unpacked with gunzip it would do", false },
		{ "tasmota-full-gz", "as well: its 669312 bytes are more",
		    true },
		{ "minimal-gz", "as well: it is tasmota-minimal", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report;
		unsigned char *data;
		size_t size;

		assert_true(mkimage(cases[i].kind, 0, 1, &data, &size));
		image_check(data, size, &report);
		assert_int_equal(report.reason, REASON_IMAGE_COMPRESSED);
		assert_contains(report.text, cases[i].text);
		assert_int_equal(strstr(report.text, "gunzip") != NULL, i == 0);
		assert_int_equal(
		    strstr(report.text, "right for Upgrade=") != NULL,
		    cases[i].is_for_upgrade);
		image_check(data, size - 9, &report);
		assert_int_equal(report.reason, REASON_IMAGE_COMPRESSED);
		assert_contains(report.text, "it is cut off");
		assert_null(strstr(report.text, "gunzip"));
		free(data);
	}
}

TEST(a_packed_image_must_be_whole)
{
	struct image_report report;
	unsigned char *data;
	size_t size;

	assert_true(mkimage("gz", 0x4000, 1, &data, &size));
	for (size_t cut = 2; cut < size; cut += cut < size - 64 ? 61 : 1) {
		image_check_upgrade(data, cut, &report);
		assert_int_equal(report.reason, REASON_IMAGE_COMPRESSED);
		assert_int_equal(report.unpacked, 0);
	}
	data = xrealloc(data, size + 1, 1);
	data[size] = 0;
	image_check_upgrade(data, size + 1, &report);
	assert_int_equal(report.reason, REASON_IMAGE_COMPRESSED);
	assert_contains(report.text, "1 bytes follow");
	data[20] ^= 1;
	image_check_upgrade(data, size, &report);
	assert_int_equal(report.verdict, IMAGE_REFUSE);
	free(data);
}
#endif

TEST(verdicts_and_kinds_have_their_names)
{
	assert_string_equal(image_verdict_name(IMAGE_ACCEPT), "accept");
	assert_string_equal(image_verdict_name(IMAGE_WARN), "warn");
	assert_string_equal(image_verdict_name(IMAGE_REFUSE), "refuse");
	assert_string_equal(image_kind_name(IMAGE_UNKNOWN), "unknown");
	assert_string_equal(image_kind_name(IMAGE_TASMOTA), "tasmota");
	assert_string_equal(image_kind_name(IMAGE_ESPHOME), "esphome");
	assert_string_equal(image_kind_name(IMAGE_ESPURNA), "espurna");
	assert_string_equal(image_kind_name(IMAGE_ESPEASY), "espeasy");
}

TEST(the_crc_is_that_of_the_arduino_core)
{
	assert_int_equal(crc32_mpeg2(CRC32_START, "123456789", 9), 0x0376e6e7);
	assert_int_equal(
	    crc32_mpeg2(crc32_mpeg2(CRC32_START, "12", 2), "3456789", 7),
	    0x0376e6e7);
	assert_int_equal(crc32_mpeg2(CRC32_START, "", 0), CRC32_START);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
