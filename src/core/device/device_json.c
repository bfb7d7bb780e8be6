/* SPDX-License-Identifier: ISC */
/*
 * Writes the parts of a device as JSON that its record and its reports share.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/device_json.h"

/* Return how many bytes at the end are an incomplete UTF-8 character. */
static size_t
begun(const char *s, size_t len)
{
	size_t n = 1;

	while (n < 3 && n < len && ((unsigned char)s[len - n] & 0xc0) == 0x80)
		n++;
	/* RFC 3629 4: no character begins with c0 or c1. */
	return len > 0 && (unsigned char)s[len - n] >= 0xc2 ? n : 0;
}

json_t *
device_json_string(const char *s)
{
	size_t len = strlen(s), size = 4 * len + 1;
	json_t *string = json_string(s);
	char *escaped;

	if (string == NULL)
		string = json_stringn(s, len - begun(s, len));
	if (string != NULL)
		return string;
	escaped = xcalloc(size, 1);
	string = json_string(text_escape(escaped, size, s, len));
	free(escaped);
	return string;
}

json_t *
device_json_text(const char *s)
{
	return s != NULL && s[0] != '\0' ? device_json_string(s) : json_null();
}

json_t *
device_json_address(const struct device *device)
{
	char text[INET_ADDRSTRLEN];

	if (!device->place.has_address)
		return json_null();
	inet_ntop(AF_INET, &device->place.address, text, sizeof(text));
	return json_string(text);
}

json_t *
device_json_image(const struct device_image *image)
{
	if (image == NULL)
		return json_null();
	return json_pack("{s:s, s:s, s:I, s:s, s:o, s:o}", "name", image->name,
	    "sha256", image->sha256, "size", (json_int_t)image->size, "kind",
	    image->kind, "version", device_json_text(image->version), "label",
	    device_json_text(image->label));
}
