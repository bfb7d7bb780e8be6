/* SPDX-License-Identifier: ISC */
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
#define X(symbol, name, type, prefix, help) { name, type, prefix },
	MODELS(X)
#undef X
};

static const char *const after_names[] = {
#define X(symbol, name, help) name,
	AFTERS(X)
#undef X
};

static bool
set_id(struct spec *s, const char *value, struct error *err)
{
	if (!text_is_hex(value, 10) && !text_is_hex(value, 24))
		return error_set(
		    err, EINVAL, "id=%s: not 10 or 24 hex digits", value);
	return text_copy(s->id, sizeof(s->id), value);
}

static bool
set_firmware(struct spec *s, const char *value, struct error *err)
{
	unsigned a, b, c;
	char rest;

	if (!text_copy(s->firmware, sizeof(s->firmware), value) ||
	    sscanf(value, "%2u.%2u.%2u%c", &a, &b, &c, &rest) != 3)
		return error_set(err, EINVAL, "fw=%s: not like 3.6.0", value);
	return true;
}

static bool
set_fault(struct spec *s, const char *value, struct error *err)
{
	return fault_parse(value, &s->faults, err);
}

static void
use_model(struct spec *s, enum model model)
{
	s->model = model;
	s->prefix = models[model].prefix;
	text_copy(s->type, sizeof(s->type), models[model].type);
}

static bool
set_model(struct spec *s, const char *value, struct error *err)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (strcmp(models[i].name, value) != 0)
			continue;
		use_model(s, (enum model)i);
		return true;
	}
	return error_set(err, EINVAL, "model=%s: no such model", value);
}

static bool
set_type(struct spec *s, const char *value, struct error *err)
{
	if (!text_copy(s->type, sizeof(s->type), value))
		return error_set(err, EINVAL, "type=%s: too long", value);
	return true;
}

static bool
set_number(unsigned *to, const char *key, const char *value, unsigned scale,
    struct error *err)
{
	uint64_t n;

	if (!text_number(value, 0, 1000000, &n))
		return error_set(
		    err, EINVAL, "%s=%s: not a number", key, value);
	*to = (unsigned)n * scale;
	return true;
}

static bool
read_port(unsigned *to, const char *key, const char *value, struct error *err)
{
	uint64_t n;

	if (!text_number(value, 1, 65535, &n))
		return error_set(err, EINVAL, "%s=%s: not a port", key, value);
	*to = (unsigned)n;
	return true;
}

static bool
set_port(struct spec *s, const char *value, struct error *err)
{
	return read_port(&s->port, "port", value, err);
}

static bool
set_chunk(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->chunk_ms, "chunk-ms", value, 1, err);
}

static bool
set_reboot(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->reboot_ms, "reboot-ms", value, 1, err);
}

static bool
set_hang(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->hang_ms, "hang-s", value, 1000, err);
}

static bool
set_rssi(struct spec *s, const char *value, struct error *err)
{
	unsigned n = 0;

	if (!set_number(&n, "rssi", value + (value[0] == '-'), 1, err))
		return false;
	s->rssi = -(int)n;
	return true;
}

static bool
set_after(struct spec *s, const char *value, struct error *err)
{
	for (size_t i = 0; i < sizeof(after_names) / sizeof(after_names[0]);
	    i++) {
		if (strcmp(after_names[i], value) != 0)
			continue;
		s->after = (enum after_kind)i;
		return true;
	}
	return error_set(err, EINVAL, "after=%s: no such thing", value);
}

static bool
set_address(struct spec *s, const char *value, struct error *err)
{
	s->other_address = strcmp(value, "other") == 0;
	if (s->other_address || strcmp(value, "same") == 0)
		return true;
	return error_set(
	    err, EINVAL, "address=%s: neither same nor other", value);
}

static bool
set_mac(struct spec *s, const char *value, struct error *err)
{
	s->other_mac = strcmp(value, "other") == 0;
	if (s->other_mac || strcmp(value, "same") == 0)
		return true;
	return error_set(err, EINVAL, "mac=%s: neither same nor other", value);
}

static bool
set_suffix(struct spec *s, const char *value, struct error *err)
{
	if (!text_copy(s->suffix, sizeof(s->suffix), value))
		return error_set(err, EINVAL, "suffix=%s: too long", value);
	return true;
}

static bool
set_old_info(struct spec *s, const char *value, struct error *err)
{
	s->old_info = strcmp(value, "yes") == 0;
	if (s->old_info || strcmp(value, "no") == 0)
		return true;
	return error_set(err, EINVAL, "old-info=%s: neither yes nor no", value);
}

static bool
set_join(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->join_ms, "join-ms", value, 1, err);
}

static bool
set_restart(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->restart_ms, "restart-ms", value, 1, err);
}

static bool
set_retry(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->retry_ms, "retry-ms", value, 1, err);
}

static bool
set_free(struct spec *s, const char *value, struct error *err)
{
	return set_number(&s->free_bytes, "free", value, 1, err);
}

static bool
set_web_port(struct spec *s, const char *value, struct error *err)
{
	return read_port(&s->web_port, "web-port", value, err);
}

static bool
set_password(struct spec *s, const char *value, struct error *err)
{
	if (!text_copy(s->password, sizeof(s->password), value))
		return error_set(err, EINVAL, "password=: too long");
	return true;
}

static bool
set_tasmota_version(struct spec *s, const char *value, struct error *err)
{
	unsigned a, b, c;

	if (!text_copy(s->tasmota_version, sizeof(s->tasmota_version), value) ||
	    sscanf(value, "%2u.%2u.%2u", &a, &b, &c) != 3)
		return error_set(
		    err, EINVAL, "tasmota-version=%s: not like 14.2.0", value);
	return true;
}

static bool
set_loses(struct spec *s, const char *value, struct error *err)
{
	if (!text_copy(s->loses, sizeof(s->loses), value))
		return error_set(
		    err, EINVAL, "tasmota-loses-always=%s: too long", value);
	return true;
}

static bool
set_drops(struct spec *s, const char *value, struct error *err)
{
	if (!text_copy(s->drops, sizeof(s->drops), value))
		return error_set(
		    err, EINVAL, "tasmota-drops=%s: too long", value);
	return true;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	int place = at != NULL ? (int)(at - digits) : -1;

	return place > 15 ? place - 6 : place;
}

/* NAME=VALUE, in which %2C is a comma and so on. */
static bool
read_pair(char *dst, size_t size, const char *value, struct error *err)
{
	size_t n = 0;

	if (strchr(value, '=') == NULL)
		return error_set(err, EINVAL, "%s: not like NAME=VALUE", value);
	for (; *value != '\0' && n + 1 < size; value++) {
		int high = value[0] == '%' ? hex_digit(value[1]) : -1;
		int low = high >= 0 ? hex_digit(value[2]) : -1;

		dst[n++] = low >= 0 ? (char)(high * 16 + low) : *value;
		value += low >= 0 ? 2 : 0;
	}
	dst[n] = '\0';
	if (*value != '\0')
		return error_set(err, EINVAL, "a value that is too long");
	return true;
}

static bool
set_stores(struct spec *s, const char *value, struct error *err)
{
	return read_pair(s->stores, sizeof(s->stores), value, err);
}

static bool
set_answers(struct spec *s, const char *value, struct error *err)
{
	return read_pair(s->answers, sizeof(s->answers), value, err);
}

static bool
set_preset(struct spec *s, const char *value, struct error *err)
{
	size_t len = strlen(s->presets);

	if (len > 0 && len + 1 < sizeof(s->presets))
		s->presets[len++] = '\n';
	return read_pair(
	    s->presets + len, sizeof(s->presets) - len, value, err);
}

static bool
set_swap(struct spec *s, const char *value, struct error *err)
{
	if (!text_copy(s->swap, sizeof(s->swap), value))
		return error_set(err, EINVAL, "swap=%s: not an id", value);
	return true;
}

/* clang-format off */
static const struct {
	const char *name;
	bool (*set)(struct spec *, const char *, struct error *);
	const char *help;
} keys[] = {
	{ "id",		set_id,		"device id, 10 hex digits, or 24 as an SPM-Main has" },
	{ "fw",		set_firmware,	"stock firmware: 3.1.0 3.3.0 3.6.0 3.7.6 ..." },
	{ "fault",	set_fault,	"NAME[@COMMAND][*TIMES], joined by +" },
	{ "model",	set_model,	"plug minir3 bulb dimmer strip spm bridge ihost" },
	{ "type",	set_type,	"type of the announcement" },
	{ "suffix",	set_suffix,	"behind the id in its name, as -2 after a conflict" },
	{ "old-info",	set_old_info,	"whether firmware before 3.3 answers info (no)" },
	{ "port",	set_port,	"port of the API (8081)" },
	{ "rssi",	set_rssi,	"signal strength (-47)" },
	{ "chunk-ms",	set_chunk,	"time for each 4 KiB (40; a real one takes 100)" },
	{ "reboot-ms",	set_reboot,	"time from the verdict to the reboot (3000)" },
	{ "hang-s",	set_hang,	"how long a hanging call hangs (120)" },
	{ "after",	set_after,	"what boots: ap tasmota tasmota-later esphome stock other" },
	{ "join-ms",	set_join,	"time from the boot to the LAN (1500)" },
	{ "address",	set_address,	"its address when it joins again: same or other" },
	{ "mac",	set_mac,	"MAC of the firmware that it boots: same or other" },
	{ "password",	set_password,	"web password of Tasmota" },
	{ "tasmota-version", set_tasmota_version, "14.2.0, 9.5.0 ... instead of what the image is" },
	{ "tasmota-loses-always", set_loses, "a command of Tasmota that never has an effect" },
	{ "tasmota-drops", set_drops,	"a setting that Tasmota takes and does not keep" },
	{ "tasmota-stores", set_stores,	"NAME=VALUE: what Tasmota keeps whatever is told" },
	{ "tasmota-answers", set_answers, "NAME=VALUE: what Tasmota tells whatever it keeps" },
	{ "set",	set_preset,	"NAME=VALUE: what Tasmota has been given before" },
	{ "restart-ms",	set_restart,	"time Tasmota takes to restart (700)" },
	{ "retry-ms",	set_retry,	"time between two tries of an upgrade (2000)" },
	{ "free",	set_free,	"bytes that Tasmota has room for (507904)" },
	{ "swap",	set_swap,	"id of whom Tasmota swaps addresses with at its next restart" },
	{ "web-port",	set_web_port,	"port of the web pages of Tasmota (80)" },
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

/* One KEY=VALUE; writes into the word. */
static bool
parse_pair(struct spec *s, char *word, struct error *err)
{
	char *value = strchr(word, '=');

	if (value == NULL)
		return error_set(err, EINVAL, "%s: not like key=value", word);
	*value++ = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, word) == 0)
			return keys[i].set(s, value, err);
	return error_set(err, EINVAL, "a device has no %s=", word);
}

bool
spec_parse(struct spec *s, const char *text, struct error *err)
{
	char copy[MAX_SPEC], *rest = copy, *word;

	if (!text_copy(copy, sizeof(copy), text))
		return error_set(err, EINVAL, "description too long");
	while ((word = strsep(&rest, ",")) != NULL)
		if (*word != '\0' && !parse_pair(s, word, err))
			return false;
	if (fault_has(&s->faults, FAULT_WEAK_SIGNAL))
		s->rssi = -85;
	return true;
}

unsigned
spec_firmware_number(const struct spec *s)
{
	unsigned a = 0, b = 0, c = 0;

	sscanf(s->firmware, "%2u.%2u.%2u", &a, &b, &c);
	return a * 10000 + b * 100 + c;
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
