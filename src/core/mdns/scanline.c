/* SPDX-License-Identifier: ISC */
/* Writes the lines in which reflash-scan tells the daemon what it has found. */
#include "config.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/mdns/scanline.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define MAX_KEY	    64		   /* RFC 6763 6.4 asks for at most 9 */
#define MAX_BYTES   255		   /* of a label or TXT string: RFC 1035 3.3 */
#define MAX_NAME    256

/*
 * Return the length of the well-formed character at p (RFC 3629), or 0.  A DEL
 * returns 0, too: it is the one control character that JSON lets pass.
 */
static size_t
utf8_length(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last; /* range of the first byte */
		unsigned char low, high;   /* range of the second byte */
		unsigned char len;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (p[0] != '\0' && p[0] < 0x7f)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		if (left < forms[i].len || p[1] < forms[i].low ||
		    p[1] > forms[i].high)
			return 0;
		for (size_t j = 2; j < forms[i].len; j++)
			if ((p[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/* Make a JSON string of at most MAX_BYTES bytes, in valid UTF-8. */
static json_t *
json_bytes(const unsigned char *p, size_t len)
{
	char text[3 * MAX_BYTES];
	size_t used = 0;

	while (len > 0) {
		size_t n = utf8_length(p, len);

		if (n == 0)
			memcpy(text + used, REPLACEMENT, 3);
		else
			memcpy(text + used, p, n);
		used += n == 0 ? 3 : n;
		p += n == 0 ? 1 : n;
		len -= n == 0 ? 1 : n;
	}
	return json_stringn(text, used);
}

static bool
has_key(json_t *txt, const char *key)
{
	const char *other;
	json_t *value;

	json_object_foreach (txt, other, value)
		if (strcasecmp(other, key) == 0)
			return true;
	return false;
}

/*
 * Add one TXT string.  By RFC 6763 6.4 a key is printable ASCII without "=",
 * and its first occurrence counts.
 */
static void
add_string(json_t *txt, const unsigned char *p, size_t len)
{
	const unsigned char *equals = memchr(p, '=', len);
	size_t key_len = equals == NULL ? len : (size_t)(equals - p);
	char key[MAX_KEY + 1];

	if (key_len == 0 || key_len > MAX_KEY)
		return;
	for (size_t i = 0; i < key_len; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return;
	memcpy(key, p, key_len);
	key[key_len] = '\0';
	if (has_key(txt, key))
		return;
	json_object_set_new(txt, key,
	    equals == NULL ? json_null()
			   : json_bytes(equals + 1, len - key_len - 1));
}

/* Return the strings within the first max bytes, at most txt_len. */
static json_t *
json_txt(const struct sighting *s, size_t max)
{
	json_t *txt = json_object();

	for (size_t at = 0; at < s->txt_len;) {
		size_t len = s->txt[at++];

		if (at + len > max)
			break;
		add_string(txt, s->txt + at, len);
		at += len;
	}
	return txt;
}

/*
 * Return a host name as a string.  It is only shown, not compared, so the dots
 * in a label need no escape.
 */
static json_t *
json_name(const struct dnsname *name)
{
	unsigned char text[MAX_NAME];
	const unsigned char *label;
	size_t len, used = 0;

	for (size_t i = 0; (label = dnsname_label(name, i, &len)) != NULL;
	    i++) {
		if (i > 0)
			text[used++] = '.';
		memcpy(text + used, label, len);
		used += len;
	}
	return json_bytes(text, used);
}

static char *
print_line(json_t *object /* taken */)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	char *line = xasprintf("%s\n", text == NULL ? "{}" : text);

	free(text);
	json_decref(object);
	return line;
}

static json_t *
begin(const struct sighting *s, const char *event)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string(event));
	json_object_set_new(o, "service", json_string(s->service));
	json_object_set_new(
	    o, "instance", json_bytes(s->instance, s->instance_len));
	json_object_set_new(o, "interface", json_string(s->interface));
	return o;
}

static char *
print_seen(const struct sighting *s, size_t max_txt)
{
	char address[INET_ADDRSTRLEN];
	json_t *o = begin(s, "seen");

	if (s->has_host)
		json_object_set_new(o, "host", json_name(&s->host));
	if (s->has_address) {
		inet_ntop(AF_INET, &s->address, address, sizeof(address));
		json_object_set_new(o, "address", json_string(address));
	}
	if (s->has_address && s->address_is_hint)
		json_object_set_new(o, "address_hint", json_true());
	if (s->has_port)
		json_object_set_new(o, "port", json_integer(s->port));
	if (s->has_txt)
		json_object_set_new(o, "txt", json_txt(s, max_txt));
	return print_line(o);
}

char *
scanline_seen(const struct sighting *s)
{
	size_t max = s->txt_len;
	char *line = print_seen(s, max);

	/* Six letters for a byte of a hostile record: keep half of it then. */
	while (strlen(line) > SCANLINE_MAX) {
		free(line);
		max /= 2;
		line = print_seen(s, max);
	}
	return line;
}

char *
scanline_gone(const struct sighting *s)
{
	return print_line(begin(s, "gone"));
}

char *
scanline_status(const struct scanstatus *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("status"));
	json_object_set_new(o, "backend", json_string(s->backend));
	json_object_set_new(o, "ready", json_boolean(s->ready));
	json_object_set_new(o, "text", json_string(s->text));
	json_object_set_new(o, "next", json_integer(s->next_sec));
	if (s->heard != SCAN_HEARD_UNKNOWN)
		json_object_set_new(
		    o, "heard", json_boolean(s->heard == SCAN_HEARD_OTHERS));
	return print_line(o);
}
