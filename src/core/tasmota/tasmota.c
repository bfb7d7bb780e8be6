/* SPDX-License-Identifier: ISC */
/*
 * Writes the requests that a Tasmota understands, and reads what it says about
 * its version and its identity.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/json/strictjson.h"
#include "core/tasmota/tasmota.h"

/* Encode a text for a URL: everything but the unreserved characters. */
static char *
encode(char *to, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) || strchr("._~-", *c) != NULL)
			*to++ = *c;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*c);
	}
	*to = '\0';
	return to;
}

char *
tasmota_path(const char *command, const char *password)
{
	static const char start[] = "/cm?cmnd=";
	static const char user[] = "&user=admin&password=";
	size_t room = sizeof(start) + 3 * strlen(command);
	char *path, *end;

	if (password != NULL)
		room += sizeof(user) + 3 * strlen(password);
	path = xcalloc(room, 1);
	memcpy(path, start, sizeof(start));
	end = encode(path + strlen(start), command);
	if (password != NULL) {
		memcpy(end, user, sizeof(user));
		encode(end + strlen(user), password);
	}
	return path;
}

char *
tasmota_authorization(const char *password)
{
	char *plain = xasprintf("admin:%s", password);
	size_t len = strlen(plain);
	char *text = xcalloc(16 + len * 4 / 3 + 4, 1);

	memcpy(text, "Basic ", 6);
	EVP_EncodeBlock(
	    (unsigned char *)text + 6, (unsigned char *)plain, (int)len);
	explicit_bzero(plain, len);
	free(plain);
	return text;
}

/*
 * Read the variant from "14.2.0(release-lite)", "12.5.0(lite)" or
 * "15.0.1(0a1b2c3-tasmota)".  The prefix is "release-" or a commit; other
 * hyphens belong to the name ("tasmota-4M").
 */
static void
read_variant(const char *name, const char *end, struct tasmota_facts *out)
{
	size_t hex = strspn(name, "0123456789abcdef");

	if (strncmp(name, "release-", 8) == 0)
		name += 8;
	else if (hex >= 7 && name[hex] == '-') /* of the commit */
		name += hex + 1;
	snprintf(out->variant, sizeof(out->variant), "%.*s", (int)(end - name),
	    name);
}

/*
 * Replace unprintable bytes: a device may send anything, and the text is
 * stored, shown and compared.
 */
static void
make_plain(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
			*s = '?';
}

/*
 * Return the length of the version at the start of the text: numbers, and the
 * letter of a development build before 6.0 ("5.12.0h").  0: it is no version.
 */
static size_t
version_length(const char *text)
{
	size_t len = strspn(text, "0123456789.");

	if (!isdigit((unsigned char)text[0]) || memchr(text, '.', len) == NULL)
		return 0;
	return islower((unsigned char)text[len]) ? len + 1 : len;
}

/*
 * Read version and variant: "5.12.0h-minimal" before 6.4, "6.4.1.7(sonoff)"
 * since; or a version without a variant.
 */
static bool
read_version(const char *text, struct tasmota_facts *out)
{
	size_t len = version_length(text);
	const char *rest = text + len, *end = strchr(rest, ')');

	if (len == 0 || len >= sizeof(out->version))
		return false;
	if (rest[0] == '-' && end == NULL)
		end = rest + strlen(rest);
	else if (rest[0] != '\0' && (rest[0] != '(' || end == NULL))
		return false;
	snprintf(out->version, sizeof(out->version), "%.*s", (int)len, text);
	out->variant[0] = '\0';
	if (rest[0] != '\0')
		read_variant(rest + 1, end, out);
	return true;
}

static void
copy_lower(char *dst, size_t size, const char *src)
{
	if (text_copy(dst, size, src))
		for (; *dst != '\0'; dst++)
			*dst = (char)tolower((unsigned char)*dst);
}

bool
tasmota_read_status(
    const char *body, size_t len, struct tasmota_facts *out, struct error *err)
{
	json_t *root = strictjson_load_lax(body, len, TASMOTA_MAX_REPLY, err);
	const json_t *firmware = json_object_get(root, "StatusFWR");
	const json_t *network = json_object_get(root, "StatusNET");
	const char *version, *built, *mac;
	bool known;

	if (root == NULL)
		return false;
	version = json_string_value(json_object_get(firmware, "Version"));
	built = json_string_value(json_object_get(firmware, "BuildDateTime"));
	mac = json_string_value(json_object_get(network, "Mac"));
	if (version != NULL && !read_version(version, out))
		version = NULL;
	if (built != NULL)
		text_copy(out->built, sizeof(out->built), built);
	if (mac != NULL)
		copy_lower(out->mac, sizeof(out->mac), mac);
	make_plain(out->variant);
	make_plain(out->built);
	make_plain(out->mac);
	known = version != NULL || (mac != NULL && out->mac[0] != '\0');
	json_decref(root);
	if (!known)
		error_set(err, EPROTO, "it does not answer as a Tasmota");
	return known;
}

/* Return true if the text at that key has the wanted bytes at its start. */
static bool
has_text(const char *body, size_t len, const char *key, const char *wanted,
    size_t wanted_len)
{
	struct error err;
	json_t *root = strictjson_load_lax(body, len, TASMOTA_MAX_REPLY, &err);
	const char *text = json_string_value(json_object_get(root, key));
	bool has = text != NULL && strncmp(text, wanted, wanted_len) == 0;

	json_decref(root);
	return has;
}

/* Read "Tasmota/14.2.0 (ESP8285N08)", the Server line since 9.3. */
static bool
read_server(const char *server, struct tasmota_facts *out)
{
	static const char product[] = "Tasmota/";
	char version[sizeof(out->version)];
	size_t len;

	if (strncmp(server, product, strlen(product)) != 0)
		return false;
	server += strlen(product);
	len = strcspn(server, " ");
	if (len >= sizeof(version))
		return false;
	snprintf(version, sizeof(version), "%.*s", (int)len, server);
	return read_version(version, out);
}

bool
tasmota_read_minimal(
    const char *server, const char *body, size_t len, struct tasmota_facts *out)
{
	struct tasmota_facts facts = { 0 };

	if (!has_text(body, len, "Command", "Unknown", sizeof("Unknown")) ||
	    !read_server(server, &facts))
		return false;
	*out = facts;
	text_copy(out->variant, sizeof(out->variant), "minimal");
	return true;
}

bool
tasmota_took_url(const char *body, size_t len, const char *url)
{
	return has_text(body, len, "OtaUrl", url, strlen(url) + 1);
}

bool
tasmota_took_upgrade(const char *body, size_t len)
{
	return has_text(body, len, "Upgrade", "Version ", 8);
}

bool
tasmota_is_locked(const char *body, size_t len)
{
	return has_text(body, len, "WARNING", "Need user", 9);
}

bool
tasmota_access_point(const char *mac, char separator, char *dst, size_t size)
{
	unsigned b[6], low;

	if (strspn(mac, "0123456789abcdefABCDEF:") != 17 || mac[17] != '\0' ||
	    sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3],
		&b[4], &b[5]) != 6)
		return false;
	low = b[3] << 16 | b[4] << 8 | b[5];
	return snprintf(dst, size, "tasmota%c%06X-%04u", separator, low,
		   low & 0x1fff) < (int)size;
}
