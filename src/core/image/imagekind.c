/* SPDX-License-Identifier: ISC */
/*
 * Finds out which project, version and variant a firmware file is, by strings
 * in it and by its sha256.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/image/imagekind.h"

#define ESPHOME_VERSION "ESPHome version "

/* clang-format off */
static const struct {
	const char *sign;
	enum image_kind kind;
} signs[] = {
	/* Tasmota first: others name it as firmware to migrate from. */
	{ "StatusFWR",		     IMAGE_TASMOTA },
	{ "https://bit.ly/tasmota",  IMAGE_TASMOTA },
	{ ESPHOME_VERSION,	     IMAGE_ESPHOME },
	{ "_esphomelib",	     IMAGE_ESPHOME },
	{ "ESPurna",		     IMAGE_ESPURNA },
	{ "ESPURNA",		     IMAGE_ESPURNA },
	{ "ESP Easy",		     IMAGE_ESPEASY },
	{ "esphome",		     IMAGE_ESPHOME },
};

/* CODE_IMAGE_STR of my_user_config.h, since 8.2.0, between two zero bytes. */
static const char *const variants[] = {
	"lite", "minimal", "sensors", "knx", "display", "ir", "zbbridge",
};

/*
 * Tasmota makes its version number at run time, so releases are recognised by
 * __DATE__ in the file.
 */
static const struct {
	const char *date, *version;
} releases[] = {
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
};
/* clang-format on */

static const char *
find(const void *data, size_t size, const char *what)
{
	return memmem(data, size, what, strlen(what));
}

/*
 * Return true if the word is in the data as a constant of its own, between two
 * zero bytes.
 */
static bool
has_word(const void *data, size_t size, const char *word)
{
	char padded[32] = "";
	size_t len = strlen(word);

	memcpy(padded + 1, word, len);
	return memmem(data, size, padded, len + 2) != NULL;
}

bool
image_is_minimal(const void *data, size_t size, bool *sure)
{
	*sure = has_word(data, size, "minimal") ||
	    find(data, size, "MINIMAL firmware") != NULL;
	/* The name of the file by which every other build upgrades itself. */
	return *sure || find(data, size, "%s-minimal%s") == NULL;
}

static void
find_variant(const void *data, size_t size, struct image_report *report)
{
	const char *found = "";

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		if (!has_word(data, size, variants[i]))
			continue;
		if (*found != '\0')
			return;
		found = variants[i];
	}
	text_copy(report->variant, sizeof(report->variant), found);
}

static void
find_tasmota_version(const void *data, size_t size, struct image_report *report)
{
	/* Since then StatusFWR puts this before the variant. */
	report->is_14 = find(data, size, "(release-%s)") != NULL;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		if (find(data, size, releases[i].date) == NULL)
			continue;
		text_copy(report->version, sizeof(report->version),
		    releases[i].version);
		report->version_guessed = true;
		return;
	}
}

/* Read the version from "ESPHome version 2022.10.0 compiled on ...". */
static void
find_esphome_version(const char *data, size_t size, struct image_report *report)
{
	const char *p = find(data, size, ESPHOME_VERSION);
	size_t left, len = 0;

	if (p == NULL)
		return;
	p += strlen(ESPHOME_VERSION);
	left = size - (size_t)(p - data);
	while (len < left &&
	    (isalnum((unsigned char)p[len]) || p[len] == '.' || p[len] == '-'))
		len++;
	if (len == left || p[len] != ' ' || len >= sizeof(report->version))
		return;
	memcpy(report->version, p, len);
}

void
image_find_kind(const void *data, size_t size, struct image_report *report)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (find(data, size, signs[i].sign) != NULL) {
			report->kind = signs[i].kind;
			break;
		}
	if (report->kind == IMAGE_TASMOTA) {
		find_variant(data, size, report);
		find_tasmota_version(data, size, report);
	} else if (report->kind == IMAGE_ESPHOME)
		find_esphome_version(data, size, report);
}

/* clang-format off */
static const struct {
	const char *sha256, *version, *variant;
} known[] = {
	{ "bde52065ba4af5fc16c170321364d056d06961382f739d5d26a32a850b81ecf1",
	  "8.2.0", "lite" },
	{ "aa413f499233901f74502558561a1304e2a3d7ab72259740b377f52775adbb5d",
	  "8.1.0", "lite" },
	{ "c4e2f339c2e869c9886506c4d6d2172eb894bb9d3bdd0c94a904a12e52b92b6d",
	  "8.3.0", "lite" },
	{ "7351bd4342b112326472750ad94c9551a16db313715dfc244e078f63d6d14195",
	  "8.3.1", "lite" },
	{ "a6ae8f0e9dd6529989efa8a01e1a88d6bef90af2966b263d79527229128e2258",
	  "8.4.0", "lite" },
	{ "c4c8347666c4fd1e412a11338fe4a599f8010d5eaa5418bacb43bbc3b5149dbd",
	  "8.5.0", "lite" },
	{ "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc",
	  "9.5.0", "lite" },
	{ "ede419fed9bb3d67c61b94d103662c3913618e66c0e5368f6d32779b01c505f5",
	  "12.2.0", "lite" },
	{ "966d370945dd28714686e87e1f922578aca792bcceffefac4d49dccfcedf126e",
	  "14.1.0", "lite" },
	{ "c7da76b8beb418b8b5b20fd55fdca896e07849b0e4fa492160ee88d21d3c538e",
	  "14.2.0", "lite" },
	{ "bb25a48006d8471a04f9594ef914222fa6ca0009cc1ec76500673db457d02154",
	  "14.6.0", "lite" },
};
/* clang-format on */

void
image_report_identify(struct image_report *report, const char *sha256)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].sha256, sha256) != 0)
			continue;
		text_copy(
		    report->version, sizeof(report->version), known[i].version);
		text_copy(
		    report->variant, sizeof(report->variant), known[i].variant);
		report->version_guessed = false;
	}
}
