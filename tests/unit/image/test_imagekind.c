/* SPDX-License-Identifier: ISC */
/* Which project an image is of, and what is no image at all. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/image.h"
#include "core/image/imagekind.h"

#include "unit/test.h"

/* In memory of just that size, so that what is read behind it is noticed. */
static struct image_report
kind_of(const char *text, size_t len)
{
	struct image_report report = { 0 };
	char *data = malloc(len);

	memcpy(data, text, len);
	image_find_kind(data, len, &report);
	free(data);
	return report;
}

#define KIND_OF(text) kind_of(text, sizeof(text) - 1)

TEST(a_project_is_known_by_each_of_its_signs)
{
	static const struct {
		const char *text;
		enum image_kind kind;
	} cases[] = {
		{ "xStatusFWRx", IMAGE_TASMOTA },
		{ "https://bit.ly/tasmota", IMAGE_TASMOTA },
		{ "ESPHome version ", IMAGE_ESPHOME },
		{ "_esphomelib", IMAGE_ESPHOME },
		{ "ESPurna", IMAGE_ESPURNA },
		{ "ESPURNA", IMAGE_ESPURNA },
		{ "ESP Easy", IMAGE_ESPEASY },
		{ "esphome", IMAGE_ESPHOME },
		/* Others name it as a place to come from: the first counts. */
		{ "esphome ESP Easy ESPurna StatusFWR", IMAGE_TASMOTA },
		{ "ESP Easy https://bit.ly/tasmota", IMAGE_TASMOTA },
		{ "ESP Easy ESPHome version ", IMAGE_ESPHOME },
		{ "ESP Easy _esphomelib", IMAGE_ESPHOME },
		{ "ESP Easy ESPurna", IMAGE_ESPURNA },
		{ "esphome ESP Easy", IMAGE_ESPEASY },
		{ "statusfwr", IMAGE_UNKNOWN },
		{ "StatusFW", IMAGE_UNKNOWN },
		{ "", IMAGE_UNKNOWN },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report =
		    kind_of(cases[i].text, strlen(cases[i].text));

		print_message("  %s\n", cases[i].text);
		assert_int_equal(report.kind, cases[i].kind);
	}
}

TEST(a_variant_is_a_word_of_its_own)
{
	static const char *const variants[] = { "lite", "minimal", "sensors",
		"knx", "display", "ir", "zbbridge" };

	for (size_t i = 0; i < COUNT(variants); i++) {
		char text[64];
		int len = snprintf(text, sizeof(text), "StatusFWR%cx%c%s%cx",
		    '\0', '\0', variants[i], '\0');
		struct image_report report = kind_of(text, (size_t)len);

		assert_string_equal(report.variant, variants[i]);
	}
	assert_string_equal(KIND_OF("StatusFWR\0elite\0").variant, "");
	assert_string_equal(KIND_OF("StatusFWR\0lites\0").variant, "");
	assert_string_equal(KIND_OF("StatusFWR\0lite").variant, "");
	assert_string_equal(KIND_OF("StatusFWR lite\0\0").variant, "");
	assert_string_equal(KIND_OF("StatusFWR\0lite\0ir\0").variant, "");
	/* Nobody else has variants. */
	assert_string_equal(KIND_OF("ESPurna\0lite\0").variant, "");
	assert_string_equal(KIND_OF("esphome\0lite\0").variant, "");
}

TEST(a_tasmota_tells_its_version_by_the_day_it_was_built)
{
	static const char *const releases[][2] = {
		{ "Oct 26 2019", "6.7.1" },
		{ "Nov 29 2019", "7.1.0" },
		{ "Dec  1 2019", "7.1.1" },
		{ "Dec  6 2019", "7.1.2" },
		{ "Dec 21 2019", "7.2.0" },
		{ "Dec 22 2019", "7.2.0" },
		{ "Dec 25 2019", "8.1.0" },
		{ "Mar 20 2020", "8.2.0" },
		{ "May 13 2020", "8.3.0" },
		{ "May 14 2020", "8.3.0" },
		{ "May 18 2020", "8.3.1" },
		{ "Jul 29 2020", "8.4.0" },
		{ "Sep  7 2020", "8.5.0" },
		{ "Sep  9 2020", "8.5.0" },
		{ "Jun 17 2021", "9.5.0" },
		{ "Oct 17 2022", "12.2.0" },
		{ "Jun  3 2024", "14.1.0" },
		{ "Aug 14 2024", "14.2.0" },
		{ "Apr 16 2025", "14.6.0" },
		{ "Jan  1 2020", "" },
	};

	for (size_t i = 0; i < COUNT(releases); i++) {
		char text[64];
		struct image_report report;

		snprintf(text, sizeof(text), "StatusFWR %s", releases[i][0]);
		report = kind_of(text, strlen(text));
		assert_string_equal(report.version, releases[i][1]);
		assert_int_equal(
		    report.version_guessed, releases[i][1][0] != '\0');
		assert_false(report.is_14);
		snprintf(text, sizeof(text), "ESP Easy %s", releases[i][0]);
		report = kind_of(text, strlen(text));
		assert_string_equal(report.version, "");
		assert_false(report.version_guessed);
	}
	assert_string_equal(
	    KIND_OF("StatusFWR Apr 16 2025 Oct 26 2019").version, "6.7.1");
	assert_true(KIND_OF("StatusFWR (release-%s)").is_14);
	assert_false(KIND_OF("ESPurna (release-%s)").is_14);
}

TEST(an_esphome_says_its_version)
{
	static const struct {
		const char *said, *version;
	} cases[] = {
		{ "2024.10.3 compiled", "2024.10.3" },
		{ "2024.10.0-dev x", "2024.10.0-dev" },
		{ "1 ", "1" },
		{ " x y", "" },
		{ "", "" },
		{ "2024.10.3", "" },
		{ "2024_10 ", "" },
		{ "0123456789012345678901234567890 ",
		    "0123456789012345678901234567890" },
		{ "01234567890123456789012345678901 ", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[80];
		struct image_report report;

		snprintf(
		    text, sizeof(text), "ESPHome version %s", cases[i].said);
		report = kind_of(text, strlen(text));
		print_message("  %s\n", text);
		assert_int_equal(report.kind, IMAGE_ESPHOME);
		assert_string_equal(report.version, cases[i].version);
		assert_false(report.version_guessed);
	}
	assert_string_equal(
	    KIND_OF("StatusFWR ESPHome version 1 ").version, "");
	assert_string_equal(KIND_OF("esphome").version, "");
}

TEST(a_minimal_is_told_by_what_it_says_or_lacks)
{
	static const struct {
		const char *text;
		size_t len;
		bool is, sure;
	} cases[] = {
		{ "\0minimal\0", 9, true, true },
		{ "minimal\0\0", 9, true, false },
		{ "MINIMAL firmware", 16, true, true },
		{ "%s-minimal%s", 12, false, false },
		{ "\0minimal\0%s-minimal%s", 21, true, true },
		{ "%s-minimal%s MINIMAL firmware", 29, true, true },
		{ "MINIMAL firmwar", 15, true, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool sure = !cases[i].sure;

		assert_int_equal(
		    image_is_minimal(cases[i].text, cases[i].len, &sure),
		    cases[i].is);
		assert_int_equal(sure, cases[i].sure);
	}
}

TEST(each_released_file_is_known)
{
	static const char *const known[][2] = {
		{ "bde52065ba4af5fc16c170321364d056d06961382f739d5d26a32a850b8"
		  "1ecf1",
		    "8.2.0" },
		{ "aa413f499233901f74502558561a1304e2a3d7ab72259740b377f52775a"
		  "dbb5d",
		    "8.1.0" },
		{ "c4e2f339c2e869c9886506c4d6d2172eb894bb9d3bdd0c94a904a12e52b"
		  "92b6d",
		    "8.3.0" },
		{ "7351bd4342b112326472750ad94c9551a16db313715dfc244e078f63d6d"
		  "14195",
		    "8.3.1" },
		{ "a6ae8f0e9dd6529989efa8a01e1a88d6bef90af2966b263d79527229128"
		  "e2258",
		    "8.4.0" },
		{ "c4c8347666c4fd1e412a11338fe4a599f8010d5eaa5418bacb43bbc3b51"
		  "49dbd",
		    "8.5.0" },
		{ "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6"
		  "250cc",
		    "9.5.0" },
		{ "ede419fed9bb3d67c61b94d103662c3913618e66c0e5368f6d32779b01c"
		  "505f5",
		    "12.2.0" },
		{ "966d370945dd28714686e87e1f922578aca792bcceffefac4d49dccfced"
		  "f126e",
		    "14.1.0" },
		{ "c7da76b8beb418b8b5b20fd55fdca896e07849b0e4fa492160ee88d21d3"
		  "c538e",
		    "14.2.0" },
		{ "bb25a48006d8471a04f9594ef914222fa6ca0009cc1ec76500673db457d"
		  "02154",
		    "14.6.0" },
	};

	for (size_t i = 0; i < COUNT(known); i++) {
		struct image_report report = { .version = "1",
			.version_guessed = true };
		char other[65];

		strcpy(other, known[i][0]);
		other[63] ^= 1;
		image_report_identify(&report, other);
		assert_string_equal(report.version, "1");
		assert_true(report.version_guessed);
		image_report_identify(&report, known[i][0]);
		assert_string_equal(report.version, known[i][1]);
		assert_string_equal(report.variant, "lite");
		assert_false(report.version_guessed);
	}
}

static struct image_report
check(const void *bytes, size_t len)
{
	struct image_report report;
	unsigned char *data = malloc(len + (len == 0));

	memcpy(data, bytes, len);
	image_check(data, len, &report);
	free(data);
	assert_int_equal(report.verdict, IMAGE_REFUSE);
	return report;
}

TEST(a_stranger_is_known_by_its_first_bytes)
{
	static const struct {
		const char *magic;
		size_t len;
		enum reason reason;
		const char *text;
	} cases[] = {
#ifdef HAVE_ZLIB
		{ "\x1f\x8b", 2, REASON_IMAGE_COMPRESSED,
		    "it is compressed with gzip, and it is cut off: its 2 "
		    "bytes end in the middle of the compressed data" },
#endif
		{ "PK\3\4", 4, REASON_IMAGE_COMPRESSED,
		    "it is a zip archive; the image may be in it" },
		{ "\xea", 1, REASON_IMAGE_INVALID,
		    "it is a user1/user2 slot image of Espressif's SDK (first "
		    "byte 0xea)" },
		{ "\xff\xff\xff\xff", 4, REASON_IMAGE_INVALID,
		    "it begins with empty flash: a dump, or a factory file for "
		    "an ESP32" },
		{ "\x7f"
		  "ELF",
		    4, REASON_IMAGE_INVALID,
		    "it is an ELF program, not the image made of it" },
		{ "<", 1, REASON_IMAGE_INVALID,
		    "it is a web page; the download has gone wrong" },
		{ "version https://git-lfs", 23, REASON_IMAGE_INVALID,
		    "it is a git-lfs pointer; the file itself is elsewhere" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char other[32], begins[80];
		struct image_report report =
		    check(cases[i].magic, cases[i].len);

		print_message("  %s\n", cases[i].text);
		assert_int_equal(report.reason, cases[i].reason);
		assert_string_equal(report.text, cases[i].text);
		if (cases[i].len == 1)
			continue;
		snprintf(begins, sizeof(begins),
		    "it is not a firmware image: it begins with 0x%02x, not "
		    "0xe9",
		    (unsigned char)cases[i].magic[0]);
		report = check(cases[i].magic, cases[i].len - 1);
		assert_string_equal(report.text, begins);
		memcpy(other, cases[i].magic, cases[i].len);
		other[cases[i].len - 1] ^= 1;
		report = check(other, cases[i].len);
		assert_int_equal(report.reason, REASON_IMAGE_INVALID);
		assert_string_equal(report.text, begins);
	}
	assert_string_equal(check("", 0).text, "it is empty");
}

static unsigned char header[0x1010] = { 0xe9, 1, 2, 0x20 };

static struct image_report
check_entry(uint32_t entry, unsigned chip, unsigned hash)
{
	for (unsigned i = 0; i < 4; i++)
		header[4 + i] = (unsigned char)(entry >> 8 * i);
	header[12] = (unsigned char)chip;
	header[13] = (unsigned char)(chip >> 8);
	header[14] = header[22] = 7; /* mean nothing */
	header[23] = (unsigned char)hash;
	return check(header, sizeof(header));
}

TEST(a_boot_loader_and_a_header_are_the_least)
{
	check_entry(0x40100000, 0, 0);
	assert_string_equal(check(header, 0x100f).text,
	    "it is cut off: its 4111 bytes are too few for a boot loader and "
	    "an application");
	assert_null(strstr(check(header, 0x1010).text, "too few"));
	assert_null(strstr(check(header, 0x1010).text, "no firmware"));
}

/* Right outside of these ranges it is none that anybody has. */
TEST(where_the_code_begins_tells_the_chip)
{
	static const struct {
		uint32_t entry;
		enum reason reason;
		const char *text;
	} cases[] = {
#define IN(entry)                                                              \
	{ 0x##entry, REASON_WRONG_CHIP,                                        \
		"it is for an ESP32-family chip (its code starts at 0x" #entry \
		"), not for an ESP8266" }
#define OUT(entry)                                                             \
	{ 0x##entry, REASON_IMAGE_INVALID,                                     \
		"its code would start at 0x" #entry                            \
		", outside the memory of an ESP8266" }
		OUT(4001ffff),
		IN(40020000),
		IN(400fffff),
		OUT(40110000),
		OUT(4036ffff),
		IN(40370000),
		IN(403fffff),
		OUT(40400000),
		OUT(407fffff),
		IN(40800000),
		IN(408fffff),
		OUT(40900000),
		OUT(41ffffff),
		IN(42000000),
		IN(43ffffff),
		OUT(44000000),
		OUT(4fefffff),
		IN(4ff00000),
		IN(4fffffff),
		OUT(50000000),
		OUT(00000000),
		OUT(ffffffff),
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report report =
		    check_entry(cases[i].entry, 200, 0);

		assert_int_equal(report.reason, cases[i].reason);
		assert_string_equal(report.text, cases[i].text);
	}
	/* These are of an ESP8266, and what else is wrong is told. */
	assert_null(strstr(check_entry(0x40100000, 13, 0).text, "code"));
	assert_null(strstr(check_entry(0x4010ffff, 13, 0).text, "code"));
}

TEST(each_chip_has_its_name)
{
	static const struct {
		unsigned id;
		const char *name;
	} chips[] = {
		{ 0, "ESP32" },
		{ 2, "ESP32-S2" },
		{ 5, "ESP32-C3" },
		{ 9, "ESP32-S3" },
		{ 12, "ESP32-C2" },
		{ 13, "ESP32-C6" },
		{ 16, "ESP32-H2" },
		{ 18, "ESP32-P4" },
		{ 20, "ESP32-C61" },
		{ 23, "ESP32-C5" },
		{ 25, "ESP32-H21" },
		{ 28, "ESP32-H4" },
	};

	for (unsigned id = 0; id < 600; id++) {
		const char *name = "ESP32-family chip";
		char text[160];

		for (size_t i = 0; i < COUNT(chips); i++)
			if (chips[i].id == id)
				name = chips[i].name;
		snprintf(text, sizeof(text),
		    "it is for an %s (its code starts at 0x42000000), not for "
		    "an ESP8266",
		    name);
		assert_string_equal(check_entry(0x42000000, id, 0).text, text);
		assert_string_equal(check_entry(0x42000000, id, 1).text, text);
		assert_contains(check_entry(0x42000000, id, 2).text,
		    "an ESP32-family chip (");
	}
	/* Where the code is nowhere a name is believed, but not that of 0. */
	assert_int_equal(check_entry(0, 13, 0).reason, REASON_WRONG_CHIP);
	assert_int_equal(check_entry(0, 13, 2).reason, REASON_IMAGE_INVALID);
	assert_int_equal(check_entry(0, 0, 0).reason, REASON_IMAGE_INVALID);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
