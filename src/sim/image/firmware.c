/* SPDX-License-Identifier: ISC */
/* Identifies a downloaded firmware by its strings, so that it can boot. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "base/text.h"
#include "sim/image/firmware.h"

#define PIECE	4096
#define ESPHOME "ESPHome version "

enum mark {
	MARK_TASMOTA = 1,
	MARK_NOT_MINIMAL = 2,
	MARK_MINIMAL = 4,
	MARK_LITE = 8,
	MARK_ESPHOME = 16,
};

#define S(text) text, sizeof(text) - 1

/*
 * Strings from the released binaries.  Tasmota formats its version at run time,
 * so the date of the build identifies it (CHANGELOG.md of Tasmota).
 */
/* clang-format off */
static const struct {
	const char *bytes;
	size_t len;
	unsigned mark;
	const char *version;
} marks[] = {
	{ S("StatusFWR"),		MARK_TASMOTA,	  NULL },
	{ S("https://bit.ly/tasmota"),	MARK_TASMOTA,	  NULL },
	{ S("%s-minimal%s"),		MARK_NOT_MINIMAL, NULL },
	{ S("\0minimal\0"),		MARK_MINIMAL,	  NULL },
	{ S("\0lite\0"),		MARK_LITE,	  NULL },
	{ S(ESPHOME),			MARK_ESPHOME,	  NULL },
	{ S("_esphomelib"),		MARK_ESPHOME,	  NULL },
	{ S("Dec 24 2019"),		0,		  "8.1.0" },
	{ S("Jun 17 2021"),		0,		  "9.5.0" },
	{ S("Oct 17 2022"),		0,		  "12.2.0" },
	{ S("Jun  3 2024"),		0,		  "14.1.0" },
	{ S("Aug 14 2024"),		0,		  "14.2.0" },
	{ S("Apr 16 2025"),		0,		  "14.6.0" },
};
/* clang-format on */

/* Copy the version from "2024.10.3 compiled on ...". */
static void
take_esphome(struct firmware_scan *s, const char *at, size_t len)
{
	size_t n = 0;

	while (n < len && n < sizeof(s->esphome) - 1 && at[n] > ' ')
		n++;
	memcpy(s->esphome, at, n);
	s->esphome[n] = '\0';
}

static void
try_marks(struct firmware_scan *s, const char *at, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t n = marks[i].len;

		if (*at != marks[i].bytes[0] || len < n ||
		    memcmp(at, marks[i].bytes, n) != 0)
			continue;
		s->found |= marks[i].mark;
		if (marks[i].version != NULL)
			text_copy(
			    s->version, sizeof(s->version), marks[i].version);
		if (strcmp(marks[i].bytes, ESPHOME) == 0)
			take_esphome(s, at + n, len - n);
	}
}

static bool
may_start(unsigned char c)
{
	static bool starts[256], known;

	if (!known)
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			starts[(unsigned char)marks[i].bytes[0]] = true;
	known = true;
	return starts[c];
}

/* Look for marks at the first positions; the rest waits for more bytes. */
static void
look_for_marks(
    struct firmware_scan *s, const char *data, size_t len, size_t positions)
{
	for (size_t i = 0; i < positions; i++)
		if (may_start((unsigned char)data[i]))
			try_marks(s, data + i, len - i);
}

void
firmware_feed(struct firmware_scan *s, const void *data, size_t len)
{
	char joined[FIRMWARE_TAIL + PIECE];
	const char *at = data;

	while (len > 0) {
		size_t piece = len < PIECE ? len : PIECE;
		size_t all = s->tail_len + piece;
		size_t done = all > FIRMWARE_TAIL ? all - FIRMWARE_TAIL : 0;

		memcpy(joined, s->tail, s->tail_len);
		memcpy(joined + s->tail_len, at, piece);
		look_for_marks(s, joined, all, done);
		s->tail_len = all - done;
		memcpy(s->tail, joined + done, s->tail_len);
		at += piece;
		len -= piece;
	}
}

/* Up to 8.1 no variant is named; only minimal lacks a string of the others. */
static const char *
variant_name(unsigned found)
{
	if ((found & MARK_MINIMAL) || !(found & MARK_NOT_MINIMAL))
		return "minimal";
	return found & MARK_LITE ? "lite" : "tasmota";
}

void
firmware_finish(struct firmware_scan *s, struct firmware *f)
{
	look_for_marks(s, s->tail, s->tail_len, s->tail_len);
	*f = (struct firmware){ .kind = FIRMWARE_UNKNOWN };
	if (s->found & MARK_TASMOTA) {
		f->kind = FIRMWARE_TASMOTA;
		text_copy(f->version, sizeof(f->version), s->version);
		text_copy(
		    f->variant, sizeof(f->variant), variant_name(s->found));
	} else if (s->found & MARK_ESPHOME) {
		f->kind = FIRMWARE_ESPHOME;
		text_copy(f->version, sizeof(f->version), s->esphome);
	}
}

#ifdef HAVE_ZLIB
static bool
feed_unpacked(struct firmware_scan *s, const void *data, size_t len)
{
	z_stream z = { .next_in = (void *)(uintptr_t)data,
		.avail_in = (unsigned)len };
	unsigned char out[PIECE];
	int result = inflateInit2(&z, 16 + MAX_WBITS);

	while (result == Z_OK) {
		z.next_out = out;
		z.avail_out = sizeof(out);
		result = inflate(&z, Z_NO_FLUSH);
		firmware_feed(s, out, sizeof(out) - z.avail_out);
	}
	inflateEnd(&z);
	return result == Z_STREAM_END;
}
#else
/* Without zlib, search the packed bytes: pack.c leaves most unchanged. */
static bool
feed_unpacked(struct firmware_scan *s, const void *data, size_t len)
{
	firmware_feed(s, data, len);
	return true;
}
#endif

void
firmware_identify(struct firmware *f, const void *data, size_t len)
{
	struct firmware_scan s = { 0 };

	if (len < 2 || memcmp(data, "\x1f\x8b", 2) != 0)
		firmware_feed(&s, data, len);
	else if (!feed_unpacked(&s, data, len))
		s.found = 0;
	firmware_finish(&s, f);
}

unsigned
firmware_number(const char *version)
{
	unsigned a = 0, b = 0, c = 0;

	sscanf(version, "%2u.%2u.%2u", &a, &b, &c);
	return a * 10000 + b * 100 + c;
}
