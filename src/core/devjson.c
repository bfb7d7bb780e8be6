/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>

#include "core/devjson.h"

json_t *
devjson_text(const char *s)
{
	return s != NULL && s[0] != '\0' ? json_string(s) : json_null();
}

json_t *
devjson_address(const struct device *device)
{
	char text[INET_ADDRSTRLEN];

	if (!device->has_address)
		return json_null();
	inet_ntop(AF_INET, &device->address, text, sizeof(text));
	return json_string(text);
}

json_t *
devjson_image(const struct device *device)
{
	const struct device_image *image = &device->image;

	if (!device->has_image)
		return json_null();
	return json_pack("{s:s, s:s, s:I, s:s}", "name", image->name, "sha256",
	    image->sha256, "size", (json_int_t)image->size, "kind",
	    image->kind);
}
