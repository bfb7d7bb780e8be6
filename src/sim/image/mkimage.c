/* SPDX-License-Identifier: ISC */
/* Makes good and bad firmware images, for reflash-sim image and for tests. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "sim/image/mkimage.h"
#include "sim/image/pack.h"
#include "sim/image/payload.h"
#include "sim/image/spoil.h"

#define APP_START   0x1000
#define MAX_SIZE    (16 * 1024 * 1024)
#define EBOOT_LOAD  0x4010f000
#define EBOOT_ENTRY 0x4010f4e8
#define APP_ENTRY   0x401000f8
#define IROM_LOAD   0x40201010

/* The version of the Arduino core, which decides where the CRC is. */
enum core {
	CORE_OLD, /* up to 2.6.3: no CRC */
	CORE_2,	  /* 2.7.x: CRC in the fill before 0x1000 */
	CORE_3,	  /* 3.x: CRC in the first bytes of the irom segment */
};

enum family {
	ESP8266,
	SPARSE, /* ESP8266, with code that compresses as real code does */
	ESP8266_USER,
	ESP32,
	GZIP,
	SPARSE_GZIP,
	NOISE,
	TEXT,
	NOTHING,
};

struct recipe {
	const char *name;
	enum family family;
	enum core core;
	unsigned char mode, size_freq;
	const char *payload;
	size_t size;
	spoil_fn *spoil;  /* before the CRC is made, which is then right */
	spoil_fn *damage; /* after the CRC is made */
	const char *help;
};

#define DOUT 3
#define M1   0x20 /* 1 MB, 40 MHz */

/* clang-format off */
/* Images for a flash of 1 MB: whole ones, damaged ones, a damaged tasmota-lite. */
#define WHOLE(name, family, core, payload, size, help) \
	{ name, family, core, DOUT, M1, payload, size, NULL, NULL, help }
#define BAD(name, core, payload, size, spoil, damage, help) \
	{ name, ESP8266, core, DOUT, M1, payload, size, spoil, damage, help }
#define LITE(name, spoil, damage, help) \
	BAD(name, CORE_2, "tasmota-lite", 504848, spoil, damage, help)

static const struct recipe recipes[] = {
	WHOLE("valid", ESP8266, CORE_2, "tasmota-lite", 504848, "a tasmota-lite, core 2.7 (CRC at 0x0FF8)"),
	WHOLE("valid-core3", ESP8266, CORE_3, "tasmota-lite", 480000, "the same, core 3.x (CRC at 0x1010, XOR made before it)"),
	WHOLE("valid-old", ESP8266, CORE_OLD, "tasmota-8.1", 473856, "a Tasmota 8.1 lite, core 2.6 (no CRC)"),
	WHOLE("tasmota-9.5", ESP8266, CORE_2, "tasmota-9.5", 504848, "a tasmota-lite 9.5.0"),
	WHOLE("esphome", ESP8266, CORE_3, "esphome", 424416, "an ESPHome, core 3.x"),
	WHOLE("esphome-quiet", ESP8266, CORE_3, "esphome-quiet", 424416, "an ESPHome without logger, so without version"),
	WHOLE("espurna", ESP8266, CORE_OLD, "espurna", 452000, "an ESPurna"),
	WHOLE("espeasy", ESP8266, CORE_OLD, "espeasy", 462000, "an ESP Easy"),
	WHOLE("unknown", ESP8266, CORE_2, "unknown", 400000, "a whole image of an unknown project (warning)"),
	WHOLE("small", ESP8266, CORE_2, "unknown", 40960, "a whole image that is quick to download"),
	WHOLE("big-warn", ESP8266, CORE_2, "tasmota-lite", 517904, "between 508000 and 520192 bytes (warning)"),
	WHOLE("edge", ESP8266, CORE_2, "tasmota-lite", 520192, "exactly 520192 bytes (warning)"),
	WHOLE("too-large", ESP8266, CORE_2, "tasmota-lite", 521120, "today's tasmota-lite: over 520192 bytes"),
	WHOLE("edge-over", ESP8266, CORE_2, "tasmota-lite", 520208, "16 bytes over the limit"),
	WHOLE("full", ESP8266, CORE_2, "tasmota", 669312, "a full tasmota.bin"),
	WHOLE("tasmota-full", SPARSE, CORE_2, "tasmota-14.6", 669312, "a full tasmota.bin 14.6.0, for a second step"),
	WHOLE("tasmota-full-gz", SPARSE_GZIP, CORE_2, "tasmota-14.6", 669312, "the same as tasmota.bin.gz"),
	WHOLE("minimal-gz", GZIP, CORE_2, "tasmota-minimal", 374624, "a tasmota-minimal.bin.gz"),
	WHOLE("minimal", ESP8266, CORE_2, "tasmota-minimal", 374624, "a tasmota-minimal: never a first image"),
	WHOLE("minimal-mute", ESP8266, CORE_2, "tasmota-minimal-mute", 374624, "a tasmota-minimal that does not say so"),
	WHOLE("gz", GZIP, CORE_2, "tasmota-lite", 372384, "a gzip file with an image in it"),
	{ "esp32", ESP32, CORE_OLD, 2, M1, "tasmota", 400000, NULL, NULL, "an image for the ESP32" },
	WHOLE("user1", ESP8266_USER, CORE_OLD, "unknown", 400000, "an Espressif user1 slot image (0xEA)"),
	{ "dio", ESP8266, CORE_2, 2, M1, "tasmota-lite", 504848, NULL, NULL, "flash mode DIO instead of DOUT" },
	{ "qio", ESP8266, CORE_2, 0, M1, "tasmota-lite", 504848, NULL, NULL, "flash mode QIO instead of DOUT" },
	{ "4m", ESP8266, CORE_2, DOUT, 0x40, "tasmota-lite", 504848, NULL, NULL, "for a flash chip of 4 MB" },
	LITE("app-dio", spoil_app_mode, NULL, "only the second header says DIO"),
	LITE("app-4m", spoil_app_size, NULL, "only the second header says 4 MB"),
	LITE("bad-eboot-xor", spoil_eboot_xor, NULL, "the XOR byte of the bootloader is wrong"),
	LITE("bad-app-xor", spoil_app_xor, NULL, "the XOR byte of the application is wrong"),
	BAD("bad-app-xor-core3", CORE_3, "esphome", 424416, spoil_app_xor, NULL, "the same, core 3.x"),
	LITE("bad-crc", NULL, spoil_crc, "the CRC is wrong, core 2.7"),
	BAD("bad-crc-core3", CORE_3, "esphome", 424416, NULL, spoil_crc3, "the CRC is wrong, core 3.x"),
	LITE("flipped", NULL, spoil_bit, "one flipped bit in the middle"),
	BAD("flipped-old", CORE_OLD, "tasmota-8.1", 473856, NULL, spoil_bit, "the same where there is no CRC"),
	LITE("truncated", NULL, spoil_cut, "the last third is missing"),
	BAD("headers-only", CORE_2, "tasmota-lite", 40960, NULL, spoil_headers_only, "ends after the second header"),
	LITE("trailing", NULL, spoil_tail, "sixteen bytes too many (warning)"),
	LITE("bad-entry", spoil_entry, NULL, "the entry point is outside of the IRAM"),
	LITE("no-app", spoil_no_app, NULL, "no second header at 0x1000"),
	LITE("huge-segment", spoil_huge_segment, NULL, "a segment of almost 4 GB"),
	LITE("many-segments", spoil_many_segments, NULL, "255 segments"),
	BAD("long-eboot", CORE_OLD, "tasmota-8.1", 473856, spoil_long_eboot, NULL, "the bootloader reaches over 0x1000"),
	LITE("bad-fill", spoil_fill, NULL, "the fill after the bootloader is disturbed (warning)"),
	{ "noise", NOISE, CORE_OLD, 0, 0, "unknown", 400000, NULL, NULL, "random bytes" },
	{ "html", TEXT, CORE_OLD, 0, 0, "unknown", 400000, NULL, NULL, "an error page that was saved as an image" },
	{ "empty", NOTHING, CORE_OLD, 0, 0, "unknown", 0, NULL, NULL, "no byte at all" },
};
/* clang-format on */

static void
fill_noise(unsigned char *dst, size_t len, unsigned seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		dst[i] = (unsigned char)(x >> 24);
	}
}

static void
write_header(
    unsigned char *p, const struct recipe *r, unsigned segments, uint32_t entry)
{
	p[0] = 0xe9;
	p[1] = (unsigned char)segments;
	p[2] = r->mode;
	p[3] = r->size_freq;
	put_le32(p + 4, entry);
}

/* Write the header of a segment, whose noise is there.  Returns its end. */
static unsigned char *
write_segment(unsigned char *p, uint32_t load, uint32_t len)
{
	put_le32(p, load);
	put_le32(p + 4, len);
	return p + 8 + len;
}

static void
write_eboot(unsigned char *image, const struct recipe *r)
{
	unsigned segments = r->core == CORE_3 ? 2 : 1;
	uint32_t code = r->core == CORE_OLD ? 0x568 : 0xd80;
	unsigned char *end;

	write_header(image, r, segments, EBOOT_ENTRY);
	end = write_segment(image + 8, EBOOT_LOAD, code);
	if (segments == 2)
		end = write_segment(end, 0x3fffc000, 0x54);
	memset(end, 0xaa, (size_t)(image + APP_START - end));
	memset(end, 0, 16 - (size_t)(end - image) % 16);
	image_seal_xor(image, 0);
}

/* Write the application; its irom segment fills what the other three leave. */
static void
write_app(unsigned char *image, size_t len, const struct recipe *r)
{
	unsigned char *app = image + APP_START, *p;
	uint32_t text = len > 0x20000 ? 0x6d40 : 0x400;
	uint32_t data = 0x51c, rodata = len > 0x20000 ? 0xc71 : 0x111;
	uint32_t irom =
	    (uint32_t)(len - APP_START - 8 - 4 * 8 - text - data - rodata - 1);

	write_header(app, r, 4, APP_ENTRY);
	/* No padding after the last segment: the XOR byte follows at once. */
	payload_write(payload_find(r->payload), app + 16 + 64, irom - 64);
	p = write_segment(app + 8, IROM_LOAD, irom);
	p = write_segment(p, 0x40100000, text);
	p = write_segment(p, 0x3ffe8000, data);
	write_segment(p, 0x3ffe8000 + data, rodata);
	put_le32(app + 16 + (r->core == CORE_3 ? 8 : 0),
	    r->core == CORE_OLD
		? 0x482516e3
		: (r->core == CORE_2 ? 0x2843a5ac : 0xcf6ff4c4));
	if (r->core == CORE_3)
		memset(app + 16, 0, 8);
	image_seal_xor(image, APP_START);
}

static void
write_esp32(unsigned char *image, size_t len, const struct recipe *r)
{
	memset(image + 8, 0, 16);
	write_header(image, r, 1, 0x40084310);
	image[8] = 0xee;
	image[23] = 1;
	write_segment(image + 24, 0x3f400020, (uint32_t)len - 32 - 64);
	payload_write(payload_find(r->payload), image + 0x200, len - 0x400);
}

static void
write_user(unsigned char *image, size_t len, const struct recipe *r)
{
	write_header(image, r, 4, 0x40100000);
	image[0] = 0xea;
	write_segment(image + 8, 0, (uint32_t)len - 0x2000);
}

static void
write_text(unsigned char *dst, size_t len)
{
	static const char page[] = "<html><head><title>404 Not Found</title>"
				   "</head><body>nginx</body></html>\n";

	for (size_t i = 0; i < len; i++)
		dst[i] = (unsigned char)page[i % (sizeof(page) - 1)];
}

static void
write_image(unsigned char *image, size_t *len, const struct recipe *r)
{
	write_eboot(image, r);
	write_app(image, *len, r);
	if (r->spoil != NULL)
		r->spoil(image, len);
	if (r->core != CORE_OLD)
		image_seal_crc(image, *len, r->core == CORE_3 ? 0x1010 : 0xff8);
	if (r->damage != NULL)
		r->damage(image, len);
}

static const struct recipe *
find_recipe(const char *kind)
{
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
		if (strcmp(recipes[i].name, kind) == 0)
			return &recipes[i];
	return NULL;
}

static void
write_family(unsigned char **image, size_t *len, const struct recipe *r)
{
	bool packed = r->family == GZIP || r->family == SPARSE_GZIP;
	bool sparse = r->family == SPARSE || r->family == SPARSE_GZIP;

	if (sparse)
		image_thin_out(*image, *len);
	if (r->family == ESP8266 || packed || sparse)
		write_image(*image, len, r);
	if (packed)
		*image = image_gzip(*image, len);
	if (r->family == ESP8266_USER)
		write_user(*image, *len, r);
	if (r->family == ESP32)
		write_esp32(*image, *len, r);
	if (r->family == TEXT)
		write_text(*image, *len);
	if (r->family == NOTHING)
		*len = 0;
}

bool
mkimage_with(const char *kind, const char *payload, size_t size, unsigned seed,
    unsigned char **out, size_t *len)
{
	const struct recipe *found = find_recipe(kind);
	struct recipe r;

	if (found == NULL)
		return false;
	r = *found;
	if (payload != NULL)
		r.payload = payload;
	*len = ((size != 0 ? size : r.size) + 15) / 16 * 16;
	if (payload_find(r.payload) == NULL || *len > MAX_SIZE ||
	    (*len < 0x3000 && r.family != NOTHING))
		return false;
	/* Leave room for what a spoil_fn may append. */
	*out = xcalloc(1, *len + 64);
	fill_noise(*out, *len, seed);
	write_family(out, len, &r);
	return true;
}

bool
mkimage(const char *kind, size_t size, unsigned seed, unsigned char **out,
    size_t *len)
{
	return mkimage_with(kind, NULL, size, seed, out, len);
}

bool
mkimage_kind(size_t index, const char **name, const char **help)
{
	if (index >= sizeof(recipes) / sizeof(recipes[0]))
		return false;
	*name = recipes[index].name;
	*help = recipes[index].help;
	return true;
}

const char *
mkimage_payload(size_t index)
{
	const struct payload *p = payload_at(index);

	return p != NULL ? p->name : NULL;
}
