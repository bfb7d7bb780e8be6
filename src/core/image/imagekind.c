/* SPDX-License-Identifier: ISC */
/* Finds the project, version and variant of a firmware file. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/image/image_release.h"
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
/* clang-format on */

static const char *
find(const void *data, size_t size, const char *what)
{
	return memmem(data, size, what, strlen(what));
}

/* Return true if the word stands between two zero bytes in the data. */
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
	const char *version = image_release_by_date(data, size);

	/* Since then StatusFWR puts this before the variant. */
	report->is_14 = find(data, size, "(release-%s)") != NULL;
	if (version == NULL)
		return;
	text_copy(report->version, sizeof(report->version), version);
	report->version_guessed = true;
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

void
image_report_identify(struct image_report *report, const char *sha256)
{
	const char *variant;
	const char *version = image_release_by_sha256(sha256, &variant);

	if (version == NULL)
		return;
	text_copy(report->version, sizeof(report->version), version);
	text_copy(report->variant, sizeof(report->variant), variant);
	report->version_guessed = false;
}
