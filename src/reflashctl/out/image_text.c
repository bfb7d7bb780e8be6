/* SPDX-License-Identifier: ISC */
/* Puts into words what an image is and what it is good for. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/image_text.h"

static bool
is(const json_t *image, const char *key, const char *word)
{
	const char *text = device_text(image, key);

	return text != NULL && strcmp(text, word) == 0;
}

char *
image_text_use(const json_t *image, char *dst, size_t size)
{
	const char *reason = device_text(image, "reason");

	if (is(image, "use", "first"))
		snprintf(dst, size, "first flash%s",
		    is(image, "verdict", "warn") ? ", with a warning" : "");
	else if (is(image, "use", "upgrade"))
		snprintf(dst, size, "Upgrade= only");
	else
		snprintf(dst, size, "nothing: %s",
		    reason != NULL ? reason : "refused");
	return dst;
}

enum term_color
image_text_color(const json_t *image)
{
	if (is(image, "use", "first"))
		return is(image, "verdict", "warn") ? COLOR_YELLOW
						    : COLOR_GREEN;
	return is(image, "use", "upgrade") ? COLOR_NONE : COLOR_RED;
}

void
image_text_print(const json_t *image, const char *done)
{
	const json_t *notes = json_object_get(image, "notes"), *note;
	char *name = term_text(device_text(image, "name"));
	char *label = term_text(device_text(image, "label"));
	char use[80];
	size_t i;

	printf("%s: %s: %s, %lld bytes, good for: %s\n", name, done, label,
	    (long long)device_number(image, "size"),
	    image_text_use(image, use, sizeof(use)));
	json_array_foreach (notes, i, note)
		field_print("note", json_string_value(note), COLOR_NONE);
	if (is(image, "use", "upgrade"))
		field_print("note", device_text(image, "advice"), COLOR_NONE);
	field_print("sha256", device_text(image, "sha256"), COLOR_NONE);
	free(name);
	free(label);
}
