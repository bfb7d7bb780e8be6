/* SPDX-License-Identifier: ISC */
/*
 * Reads a line of reflash-scan into what it says about a device, and checks
 * every part of it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/json/strictjson.h"
#include "core/mdns/scanline.h"
#include "core/sonoff/announce.h"
#include "core/sonoff/ewedata.h"

#define NAME_PREFIX "eWeLink_"

/* Return a string in the line's JSON; NULL: it is not there, or no string. */
static const char *
get_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Find a TXT key; case does not matter (RFC 6763 6.4). */
static const char *
get_txt(json_t *txt, const char *key)
{
	const char *other;
	json_t *value;

	json_object_foreach (txt, other, value)
		if (strcasecmp(other, key) == 0)
			return json_string_value(value);
	return NULL;
}

/* Copy a word of letters, digits and "-_.+", or leave dst empty. */
static bool
copy_word(char *dst, size_t size, const char *src)
{
	dst[0] = '\0';
	if (src == NULL || !text_copy(dst, size, src))
		return false;
	for (const char *p = src; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("-_.+", *p) == NULL) {
			dst[0] = '\0';
			return false;
		}
	return dst[0] != '\0';
}

static void
copy_escaped(char *dst, size_t size, const char *src)
{
	if (src != NULL)
		text_escape(dst, size, src, strlen(src));
}

/* Copy a MAC, with colons or like ESPHome's "5CCF7F123456". */
static void
copy_mac(char dst[18], const char *src)
{
	char digits[13];
	size_t n = 0;

	for (; src != NULL && *src != '\0' && n < 13; src++)
		if (*src != ':')
			digits[n++] = (char)tolower((unsigned char)*src);
	digits[n < 13 ? n : 12] = '\0';
	if (n != 12 || !text_is_hex(digits, 12))
		return;
	for (size_t i = 0; i < 6; i++)
		snprintf(
		    dst + 3 * i, 4, "%.2s%s", digits + 2 * i, i < 5 ? ":" : "");
}

/*
 * Read the id after NAME_PREFIX in an instance name; rest is what follows the
 * id.  Bulbs of UIID 104 write "eWelink_100...".
 */
static bool
read_name(const char *instance, char id[DEVAPI_ID_SIZE], const char **rest)
{
	const char *digits = instance + strlen(NAME_PREFIX);
	size_t len;
	char text[DEVAPI_ID_SIZE];

	if (strncasecmp(instance, NAME_PREFIX, strlen(NAME_PREFIX)) != 0)
		return false;
	len = strspn(digits, "0123456789abcdefABCDEF");
	*rest = digits + len;
	snprintf(text, sizeof(text), "%.*s", (int)len, digits);
	return len < sizeof(text) && devapi_copy_id(id, text);
}

/*
 * Return true if the name was changed because another service had it already.
 * The host that announces for the device then appends "-2", " (2)" or "#2".
 */
static bool
is_renaming(const char *rest)
{
	return rest[0] != '\0' && !isalnum((unsigned char)rest[0]);
}

/*
 * Return true if the announcement is about a part of an SPM-Main, which
 * announces changes of its parts under its own name with their id (SPM-Main
 * HTTP API 2.2 of Sonoff).
 */
static bool
is_part(const char *txt_id, const char *type)
{
	return strlen(txt_id) > DEVAPI_ID_MIN && type != NULL &&
	    strcmp(type, "diy_meter") == 0;
}

/*
 * Return true if the id in the name and the id in TXT agree.  A name that was
 * changed is also the name of another service, and proves nothing without the
 * id in TXT.
 */
static bool
is_agreed(const char *named, const char *rest, json_t *txt)
{
	const char *txt_id = get_txt(txt, "id");
	char told[DEVAPI_ID_SIZE];

	if (txt_id == NULL)
		return rest[0] == '\0';
	return devapi_copy_id(told, txt_id) &&
	    (strcmp(named, told) == 0 || is_part(told, get_txt(txt, "type")));
}

/*
 * Find the id.  Returns false with a sentence unless the announcement is about
 * a device of its own.
 */
static bool
judge_id(struct announce *a, const char *instance, json_t *txt)
{
	char named[DEVAPI_ID_SIZE];
	const char *rest;

	if (!read_name(instance, named, &rest) ||
	    (rest[0] != '\0' && !is_renaming(rest))) {
		snprintf(a->text, sizeof(a->text),
		    "not a device of its own: its name is not %s and an id",
		    NAME_PREFIX);
		return false;
	}
	if (!is_agreed(named, rest, txt)) {
		snprintf(a->text, sizeof(a->text),
		    "its name says id %s but its TXT record does not", named);
		return false;
	}
	memcpy(a->id, named, sizeof(named));
	return true;
}

/* Join data1 to data4, which are one text cut every 249 bytes, and read it. */
static void
read_data(struct announce *a, json_t *txt)
{
	static const char *const keys[] = { "data1", "data2", "data3",
		"data4" };
	char joined[SCANLINE_MAX];
	struct ewedata data;
	size_t used = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *piece = get_txt(txt, keys[i]);
		size_t len = piece == NULL ? 0 : strlen(piece);

		if (len > sizeof(joined) - used)
			return;
		if (len > 0)
			memcpy(joined + used, piece, len);
		used += len;
	}
	ewedata_read(&data, joined, used);
	a->has_switch = data.has_switch;
	a->has_switches = data.has_switches;
	copy_word(a->firmware, sizeof(a->firmware), data.firmware);
}

static void
read_ewelink(struct announce *a, const char *instance, json_t *txt)
{
	const char *encrypt = get_txt(txt, "encrypt");
	const char *seq = get_txt(txt, "seq");
	uint64_t n;

	a->is_target = judge_id(a, instance, txt);
	/* Copy any text: no type would mean something else. */
	copy_escaped(a->type, sizeof(a->type), get_txt(txt, "type"));
	a->encrypted = encrypt != NULL && strcasecmp(encrypt, "true") == 0;
	a->is_old = encrypt != NULL && strcasecmp(encrypt, "false") == 0;
	a->has_seq = seq != NULL && text_number(seq, 0, UINT32_MAX, &n);
	if (a->has_seq)
		a->seq = (uint32_t)n;
	if (!a->encrypted)
		read_data(a, txt);
}

static bool
read_address(struct announce *a, const json_t *line, struct error *err)
{
	const char *address = get_string(line, "address");
	const json_t *port = json_object_get(line, "port");
	json_int_t n = json_integer_value(port);

	if (address != NULL) {
		if (inet_pton(AF_INET, address, &a->address) != 1)
			return error_set(err, EINVAL, "bad address");
		a->has_address = true;
		a->address_is_hint =
		    json_is_true(json_object_get(line, "address_hint"));
	}
	if (n < 0 || n > UINT16_MAX)
		return error_set(err, EINVAL, "bad port");
	a->port = (uint16_t)n;
	return true;
}

static bool
read_sighting(struct announce *a, const json_t *line, struct error *err)
{
	const char *instance = get_string(line, "instance");
	json_t *txt = json_object_get(line, "txt");

	if (instance == NULL || instance[0] == '\0' ||
	    !copy_word(
		a->service, sizeof(a->service), get_string(line, "service")))
		return error_set(err, EINVAL, "no service or no instance");
	copy_escaped(a->instance, sizeof(a->instance), instance);
	copy_escaped(
	    a->interface, sizeof(a->interface), get_string(line, "interface"));
	copy_escaped(a->host, sizeof(a->host), get_string(line, "host"));
	if (!read_address(a, line, err))
		return false;
	if (strcmp(a->service, ANNOUNCE_EWELINK) == 0)
		read_ewelink(a, instance, txt);
	copy_mac(a->mac, get_txt(txt, "mac"));
	copy_word(a->version, sizeof(a->version), get_txt(txt, "version"));
	return true;
}

static bool
read_status(struct announce *a, const json_t *line)
{
	json_int_t next = json_integer_value(json_object_get(line, "next"));
	const json_t *heard = json_object_get(line, "heard");

	copy_word(a->backend, sizeof(a->backend), get_string(line, "backend"));
	copy_escaped(a->text, sizeof(a->text), get_string(line, "text"));
	a->ready = json_is_true(json_object_get(line, "ready"));
	a->heard =
	    json_is_boolean(heard) ? SCAN_HEARD_NOBODY : SCAN_HEARD_UNKNOWN;
	if (json_is_true(heard))
		a->heard = SCAN_HEARD_OTHERS;
	if (next > 0 && next < 86400)
		a->next_sec = (unsigned)next;
	return true;
}

static bool
read_line(struct announce *a, const json_t *line, struct error *err)
{
	const char *event = get_string(line, "event");

	if (event != NULL && strcmp(event, "status") == 0) {
		a->kind = ANNOUNCE_STATUS;
		return read_status(a, line);
	}
	if (event != NULL && strcmp(event, "seen") == 0)
		a->kind = ANNOUNCE_SEEN;
	else if (event != NULL && strcmp(event, "gone") == 0)
		a->kind = ANNOUNCE_GONE;
	else
		return error_set(err, EINVAL, "unknown event");
	return read_sighting(a, line, err);
}

bool
announce_parse(
    const char *line, size_t len, struct announce *a, struct error *err)
{
	json_t *root;
	bool ok;

	memset(a, 0, sizeof(*a));
	if (len >= SCANLINE_MAX)
		return error_set(err, EMSGSIZE, "line of %zu bytes", len);
	root = strictjson_load(line, len, SCANLINE_MAX, err);
	if (root == NULL)
		return false;
	ok = read_line(a, root, err);
	json_decref(root);
	return ok;
}
