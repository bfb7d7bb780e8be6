/* SPDX-License-Identifier: ISC */
/* The strings that mkimage puts into an image so that it is recognised. */
#include "config.h"

#include <string.h>

#include "sim/image/payload.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A literal with the zero byte at its end, as the firmware has it. */
#define S(text) { text, sizeof(text) }

/* A word between zero bytes, so that \0word\0 can be found. */
#define WORD(text) S("\0" text)

/*
 * tasmota.ino, VERSION_MARKER.  ESPHome has the same twelve bytes on purpose
 * (components/esp8266/core.cpp), so they distinguish nothing.
 */
#define OTA_MARK S("\xA5\x5A\xA5\x5A\xFF\xFF\xFF\xFF\x5A\xA5\x5A\xA5")
#define SDK_DATE S("Jul  3 2019")

#define TASMOTA_BUILT(date)                                                    \
	S("https://bit.ly/tasmota"), OTA_MARK, SDK_DATE,                       \
	    S(",\""                                                            \
	      "StatusFWR\":{\"Version\":\"%s\",\"BuildDateTime\":"             \
	      "\"%s\",\"Boot\":%d,\"Core\":\"2_7_7\",\"SDK\":\"%s\""),         \
	    S("%s%04X-%s"), S(date), S("18:20:31")

#define TASMOTA_COMMON TASMOTA_BUILT("Aug 14 2024")

static const struct payload_mark tasmota_lite[] = {
	TASMOTA_COMMON,
	S("%s-minimal%s"),
	WORD("lite"),
	S("(release-%s)"),
	S("http://ota.tasmota.com/tasmota/release/tasmota-lite.bin.gz"),
};

static const struct payload_mark tasmota[] = {
	TASMOTA_COMMON,
	S("%s-minimal%s"),
	WORD("tasmota"),
	S("(release-%s)"),
	S("http://ota.tasmota.com/tasmota/release/tasmota.bin.gz"),
};

static const struct payload_mark tasmota_146[] = {
	TASMOTA_BUILT("Apr 16 2025"),
	S("%s-minimal%s"),
	WORD("tasmota"),
	S("(release-%s)"),
	S("http://ota.tasmota.com/tasmota/release/tasmota.bin.gz"),
};

/* 9.5.0, the image that most of these devices were flashed with. */
static const struct payload_mark tasmota_95[] = {
	S("https://bit.ly/tasmota"),
	OTA_MARK,
	SDK_DATE,
	S("StatusFWR"),
	S("\"Core\":\"2_7_4_9\""),
	S("Jun 17 2021"),
	S("%s-minimal%s"),
	WORD("lite"),
	S("http://ota.tasmota.com/tasmota/release/tasmota.bin.gz"),
};

/* Up to 8.1 the image names no variant. */
static const struct payload_mark tasmota_81[] = {
	S("https://bit.ly/tasmota"),
	S("StatusFWR"),
	SDK_DATE,
	S("\"Core\":\"2_6_1\""),
	S("Dec 24 2019"),
	S("%s-minimal%s"),
	S("http://thehackbox.org/tasmota/release/tasmota.bin"),
};

static const struct payload_mark tasmota_minimal[] = {
	TASMOTA_COMMON,
	WORD("minimal"),
	S("MINIMAL firmware - please upgrade"),
	S("http://ota.tasmota.com/tasmota/release/tasmota-minimal.bin.gz"),
};

/* A minimal in another language: only missing strings give it away. */
static const struct payload_mark tasmota_minimal_mute[] = {
	TASMOTA_COMMON,
	S("http://ota.tasmota.com/tasmota/release/tasmota.bin.gz"),
};

static const struct payload_mark esphome[] = {
	S("ESPHome version 2024.10.3 compiled on Nov  2 2024, 10:11:12"),
	S("_esphomelib"),
	OTA_MARK,
	SDK_DATE,
	S("esphome"),
};

/* Without the logger, only the weaker marks are there. */
static const struct payload_mark esphome_quiet[] = {
	S("_esphomelib"),
	OTA_MARK,
	SDK_DATE,
	S("esphome"),
};

static const struct payload_mark espurna[] = {
	S("ESPURNA"),
	S("ESPurna 1.15.0"),
	SDK_DATE,
};

static const struct payload_mark espeasy[] = {
	S("ESP Easy"),
	S("ESP Easy Mega"),
	SDK_DATE,
};

static const struct payload_mark unknown[] = {
	SDK_DATE,
	S("a firmware of one's own"),
};

/* clang-format off */
#define PAYLOAD(name, marks) { name, marks, COUNT(marks) }
static const struct payload payloads[] = {
	PAYLOAD("tasmota-lite",		tasmota_lite),
	PAYLOAD("tasmota",		tasmota),
	PAYLOAD("tasmota-14.6",		tasmota_146),
	PAYLOAD("tasmota-9.5",		tasmota_95),
	PAYLOAD("tasmota-8.1",		tasmota_81),
	PAYLOAD("tasmota-minimal",	tasmota_minimal),
	PAYLOAD("tasmota-minimal-mute",	tasmota_minimal_mute),
	PAYLOAD("esphome",		esphome),
	PAYLOAD("esphome-quiet",	esphome_quiet),
	PAYLOAD("espurna",		espurna),
	PAYLOAD("espeasy",		espeasy),
	PAYLOAD("unknown",		unknown),
};
/* clang-format on */

const struct payload *
payload_at(size_t index)
{
	return index < COUNT(payloads) ? &payloads[index] : NULL;
}

const struct payload *
payload_find(const char *name)
{
	for (size_t i = 0; i < COUNT(payloads); i++)
		if (strcmp(payloads[i].name, name) == 0)
			return &payloads[i];
	return NULL;
}

void
payload_write(const struct payload *p, unsigned char *dst, size_t len)
{
	size_t step = len / (p->count + 1);

	for (size_t i = 0; i < p->count; i++) {
		if (p->marks[i].len >= step)
			continue;
		memcpy(dst + (i + 1) * step - p->marks[i].len,
		    p->marks[i].bytes, p->marks[i].len);
	}
}
