/* SPDX-License-Identifier: ISC */
/* Parses KEY=VALUE,... of a device, for --device and the request "set". */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/spec.h"

#define MAX_SPEC 1024

static const struct {
	const char *name, *type, *prefix;
} models[] = {
#define X(symbol, name, type, prefix) { name, type, prefix },
	MODELS(X)
#undef X
};

static const char *const after_names[] = {
#define X(symbol, name) name,
	AFTERS(X)
#undef X
};

struct setting;

/* A key of a description, and where its value is kept. */
struct key {
	const char *name;
	bool (*read)(const struct setting *);
	size_t at;   /* offset in struct spec */
	size_t size; /* bytes of a text; what a number is multiplied by */
	const char *help;
};

/* A key with its value, while it is read. */
struct setting {
	const struct key *key;
	struct spec *spec;
	void *member; /* of the spec */
	const char *value;
	struct error *err;
};

static bool
refuse(const struct setting *s, const char *why)
{
	return error_set(
	    s->err, EINVAL, "%s=%s: %s", s->key->name, s->value, why);
}

static bool
read_text(const struct setting *s)
{
	return text_copy(s->member, s->key->size, s->value) ||
	    refuse(s, "too long; shorten it");
}

static bool
read_number(const struct setting *s)
{
	unsigned *number = s->member;
	uint64_t n;

	if (!text_number(s->value, 0, 1000000, &n))
		return refuse(s, "write a number from 0 to 1000000");
	*number = (unsigned)(n * s->key->size);
	return true;
}

static bool
read_port(const struct setting *s)
{
	unsigned *port = s->member;
	uint64_t n;

	if (!text_number(s->value, 1, 65535, &n))
		return refuse(s, "write a port from 1 to 65535");
	*port = (unsigned)n;
	return true;
}

static bool
read_same_or_other(const struct setting *s)
{
	bool *other = s->member;

	*other = strcmp(s->value, "other") == 0;
	return *other || strcmp(s->value, "same") == 0 ||
	    refuse(s, "write same or other");
}

static bool
read_no_or_yes(const struct setting *s)
{
	bool *yes = s->member;

	*yes = strcmp(s->value, "yes") == 0;
	return *yes || strcmp(s->value, "no") == 0 ||
	    refuse(s, "write yes or no");
}

static bool
read_id(const struct setting *s)
{
	if (!text_is_hex(s->value, 10) && !text_is_hex(s->value, 24))
		return refuse(
		    s, "write 10 or 24 hexadecimal digits, as in 1000a05bf6");
	return read_text(s);
}

/* Read three numbers; a version of Tasmota may end in a letter: 5.12.0h. */
static bool
read_version(const struct setting *s)
{
	bool is_stock = s->member == s->spec->firmware;
	unsigned a, b, c;
	char rest;
	int found = sscanf(s->value, "%2u.%2u.%2u%c", &a, &b, &c, &rest);

	if (found < 3 || (is_stock && found > 3))
		return refuse(s, "write a version, as in 3.6.0");
	return read_text(s);
}

static bool
read_fault(const struct setting *s)
{
	return fault_parse(s->value, &s->spec->faults, s->err);
}

static void
use_model(struct spec *s, enum model model)
{
	s->model = model;
	s->prefix = models[model].prefix;
	text_copy(s->type, sizeof(s->type), models[model].type);
}

static bool
read_model(const struct setting *s)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (strcmp(models[i].name, s->value) != 0)
			continue;
		use_model(s->spec, (enum model)i);
		return true;
	}
	return error_set(s->err, EINVAL, "model=%s: write one of %s", s->value,
	    s->key->help);
}

static bool
read_rssi(const struct setting *s)
{
	uint64_t n;

	if (!text_number(s->value + (s->value[0] == '-'), 0, 200, &n))
		return refuse(s, "write a number from -200 to 0");
	s->spec->rssi = -(int)n;
	return true;
}

static bool
read_after(const struct setting *s)
{
	for (size_t i = 0; i < sizeof(after_names) / sizeof(after_names[0]);
	    i++) {
		if (strcmp(after_names[i], s->value) != 0)
			continue;
		s->spec->after = (enum after_kind)i;
		return true;
	}
	return refuse(s,
	    "write what boots: ap tasmota tasmota-later esphome stock other");
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	int place = at != NULL ? (int)(at - digits) : -1;

	return place > 15 ? place - 6 : place;
}

/* Copy NAME=VALUE, in which %2C is a comma and so on. */
static bool
copy_pair(const struct setting *s, char *dst, size_t size)
{
	const char *value = s->value;
	size_t n = 0;

	if (strchr(value, '=') == NULL)
		return refuse(s, "write NAME=VALUE, as in DeviceName=Hall");
	for (; *value != '\0' && n + 1 < size; value++) {
		int high = value[0] == '%' ? hex_digit(value[1]) : -1;
		int low = high >= 0 ? hex_digit(value[2]) : -1;

		dst[n++] = low >= 0 ? (char)(high * 16 + low) : *value;
		value += low >= 0 ? 2 : 0;
	}
	dst[n] = '\0';
	return *value == '\0' || refuse(s, "too long; shorten it");
}

static bool
read_pair(const struct setting *s)
{
	return copy_pair(s, s->member, s->key->size);
}

/* Append NAME=VALUE as a line. */
static bool
read_preset(const struct setting *s)
{
	char *presets = s->spec->presets;
	size_t len = strlen(presets), size = sizeof(s->spec->presets);

	if (len > 0 && len + 1 < size)
		presets[len++] = '\n';
	return copy_pair(s, presets + len, size - len);
}

/* clang-format off */
#define AT(member)   offsetof(struct spec, member)
#define ROOM(member) AT(member), sizeof(((struct spec *)0)->member)

static const struct key keys[] = {
	{ "id",		read_id,	ROOM(id),
	  "device id: 10 hex digits, or 24 for an SPM-Main" },
	{ "fw",		read_version,	ROOM(firmware),
	  "stock firmware: 3.1.0 3.3.0 3.6.0 3.7.6 ..." },
	{ "fault",	read_fault,	0, 0,
	  "NAME[@COMMAND][*TIMES], joined by +" },
	{ "model",	read_model,	0, 0,
	  "plug minir3 bulb dimmer strip spm bridge ihost" },
	{ "type",	read_text,	ROOM(type),
	  "type that it announces" },
	{ "suffix",	read_text,	ROOM(suffix),
	  "text after the id in its name, as -2 after a conflict" },
	{ "old-info",	read_no_or_yes,	AT(old_info), 0,
	  "whether firmware before 3.3 answers /info: no or yes (no)" },
	{ "port",	read_port,	AT(port), 0,
	  "port of the API (8081)" },
	{ "rssi",	read_rssi,	0, 0,
	  "signal strength (-47)" },
	{ "chunk-ms",	read_number,	AT(chunk_ms), 1,
	  "time for each 4 KiB (40; a real device takes 100)" },
	{ "reboot-ms",	read_number,	AT(reboot_ms), 1,
	  "time from its report to the reboot (3000)" },
	{ "hang-s",	read_number,	AT(hang_ms), 1000,
	  "how long a hanging call hangs (120)" },
	{ "after",	read_after,	0, 0,
	  "what boots: ap tasmota tasmota-later esphome stock other" },
	{ "join-ms",	read_number,	AT(join_ms), 1,
	  "time from the boot to the LAN (1500)" },
	{ "address",	read_same_or_other, AT(other_address), 0,
	  "its address when it joins again: same or other" },
	{ "mac",	read_same_or_other, AT(other_mac), 0,
	  "MAC of the firmware that it boots: same or other" },
	{ "password",	read_text,	ROOM(password),
	  "web password of Tasmota" },
	{ "tasmota-version", read_version, ROOM(tasmota_version),
	  "14.2.0, 9.5.0 ... instead of the version of the image" },
	{ "tasmota-loses-always", read_text, ROOM(loses),
	  "a command of Tasmota that never has an effect" },
	{ "tasmota-drops", read_text,	ROOM(drops),
	  "a setting that Tasmota accepts and does not keep" },
	{ "tasmota-stores", read_pair,	ROOM(stores),
	  "NAME=VALUE: a value that Tasmota keeps, not yours" },
	{ "tasmota-answers", read_pair,	ROOM(answers),
	  "NAME=VALUE: a value that Tasmota answers, not its own" },
	{ "set",	read_preset,	0, 0,
	  "NAME=VALUE: a setting that Tasmota starts with" },
	{ "restart-ms",	read_number,	AT(restart_ms), 1,
	  "time that Tasmota takes to restart (700)" },
	{ "retry-ms",	read_number,	AT(retry_ms), 1,
	  "time between two tries of an upgrade (2000)" },
	{ "free",	read_number,	AT(free_bytes), 1,
	  "bytes that Tasmota has room for (507904)" },
	{ "swap",	read_text,	ROOM(swap),
	  "id of a device that swaps addresses with Tasmota" },
	{ "web-port",	read_port,	AT(web_port), 0,
	  "port of the web pages of Tasmota (80)" },
};
/* clang-format on */

void
spec_init(struct spec *s)
{
	*s = (struct spec){
		.firmware = "3.6.0",
		.port = 8081,
		.chunk_ms = 40,
		.reboot_ms = 3000,
		.hang_ms = 120 * 1000,
		.rssi = -47,
		.join_ms = 1500,
		.restart_ms = 700,
		.retry_ms = 2000,
		.free_bytes = 507904,
		.web_port = 80,
	};
	use_model(s, MODEL_PLUG);
}

/* Parse one KEY=VALUE.  Writes into the word. */
static bool
parse_pair(struct spec *spec, char *word, struct error *err)
{
	struct setting s = { .spec = spec, .err = err };
	char *value = strchr(word, '=');

	if (value == NULL)
		return error_set(
		    err, EINVAL, "%s: write KEY=VALUE, as in fw=3.6.0", word);
	*value++ = '\0';
	s.value = value;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, word) != 0)
			continue;
		s.key = &keys[i];
		s.member = (char *)spec + keys[i].at;
		return keys[i].read(&s);
	}
	return error_set(err, EINVAL,
	    "%s=: there is no such key; see reflash-sim --help", word);
}

bool
spec_parse(struct spec *s, const char *text, struct error *err)
{
	char copy[MAX_SPEC], *rest = copy, *word;

	if (!text_copy(copy, sizeof(copy), text))
		return error_set(err, EINVAL,
		    "too long; write at most %d characters", MAX_SPEC - 1);
	while ((word = strsep(&rest, ",")) != NULL)
		if (*word != '\0' && !parse_pair(s, word, err))
			return false;
	if (fault_has(&s->faults, FAULT_WEAK_SIGNAL))
		s->rssi = -85;
	return true;
}

const char *
spec_after_name(enum after_kind kind)
{
	return after_names[kind];
}

bool
spec_key_at(size_t index, const char **name, const char **help)
{
	if (index >= sizeof(keys) / sizeof(keys[0]))
		return false;
	*name = keys[index].name;
	*help = keys[index].help;
	return true;
}
