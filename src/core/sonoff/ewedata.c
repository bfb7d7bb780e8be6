/* SPDX-License-Identifier: ISC */
/* Reads the JSON in a device's announcement, even if it is damaged. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "core/sonoff/ewedata.h"

static void
copy_firmware(struct ewedata *d, const char *src, size_t len)
{
	if (len == 0 || len >= sizeof(d->firmware) ||
	    strspn(src, "0123456789.") < len)
		return;
	memcpy(d->firmware, src, len);
	d->firmware[len] = '\0';
}

static void
read_object(struct ewedata *d, const json_t *o)
{
	const char *firmware =
	    json_string_value(json_object_get(o, "fwVersion"));

	d->has_switch = json_is_string(json_object_get(o, "switch"));
	d->has_switches = json_object_get(o, "switches") != NULL;
	if (firmware != NULL)
		copy_firmware(d, firmware, strlen(firmware));
}

static const char *
find(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

/*
 * Look for the words that matter in JSON that cannot be parsed.  Seen in the
 * field: "=" where "": "" belongs (RF bridges), and data cut in the middle of a
 * key.
 */
static void
guess(struct ewedata *d, const char *text, size_t len)
{
	static const char key[] = "\"fwVersion\":\"";
	const char *p = find(text, len, key);
	const char *end;

	d->has_switch = find(text, len, "\"switch\":\"") != NULL;
	d->has_switches = find(text, len, "\"switches\"") != NULL;
	if (p == NULL)
		return;
	p += strlen(key);
	end = memchr(p, '"', (size_t)(text + len - p));
	if (end != NULL)
		copy_firmware(d, p, (size_t)(end - p));
}

void
ewedata_read(struct ewedata *d, const char *text, size_t len)
{
	json_t *o;

	memset(d, 0, sizeof(*d));
	/* Some firmware pads with \x02 after the object. */
	o = json_loadb(text, len, JSON_DISABLE_EOF_CHECK, NULL);
	if (json_is_object(o))
		read_object(d, o);
	else
		guess(d, text, len);
	json_decref(o);
}
