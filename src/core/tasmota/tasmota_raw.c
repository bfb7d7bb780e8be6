/* SPDX-License-Identifier: ISC */
/*
 * Finds a text in an answer of a Tasmota that is no JSON: a quotation mark
 * without its escape, or an end that was cut off.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/tasmota/tasmota_raw.h"

/* Write the text as it is between quotation marks.  Freed with free(). */
static char *
write_text(const char *text, bool escapes)
{
	char *out = xcalloc(2 * strlen(text) + 1, 1), *to = out;

	for (; *text != '\0'; text++) {
		if (escapes && (*text == '"' || *text == '\\'))
			*to++ = '\\';
		*to++ = *text;
	}
	return out;
}

/*
 * Return true if the text can be what is left of the dots, " ..}", that Tasmota
 * puts where it cut an answer.
 */
static bool
is_cut_mark(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" .}", text[i]) == NULL)
			return false;
	return len <= 6;
}

/*
 * Compare the text after the key.  After it the string must end, and a next
 * key or the end of the answer must follow.
 */
static enum tasmota_taken
compare_bytes_at(const char *at, size_t len, const char *wanted)
{
	size_t wanted_len = strlen(wanted), same = 0;

	while (same < wanted_len && same < len && at[same] == wanted[same])
		same++;
	if (same == wanted_len && len - same >= 2 && at[same] == '"' &&
	    (at[same + 1] == ',' || at[same + 1] == '}'))
		return TASMOTA_TAKEN;
	/* Up to 9.3.1 an answer of more than 700 bytes is cut. */
	if (same > 100 && is_cut_mark(at + same, len - same))
		return TASMOTA_UNCLEAR;
	return TASMOTA_NOT_TAKEN;
}

bool
tasmota_raw_is_whole(const char *body, size_t len)
{
	while (len > 0 && isspace((unsigned char)body[len - 1]))
		len--;
	return len > 0 && body[0] == '{' && body[len - 1] == '}';
}

void
tasmota_raw_compare(const char *name, const char *kept, bool escapes,
    const char *body, size_t len, struct tasmota_verdict *verdict)
{
	char *wanted = write_text(kept, escapes);
	char *key = xasprintf("\"%s\":\"", name);
	const char *at = memmem(body, len, key, strlen(key));

	if (at != NULL) {
		at += strlen(key);
		verdict->taken =
		    compare_bytes_at(at, len - (size_t)(at - body), wanted);
		text_escape(verdict->got, sizeof(verdict->got), at,
		    len - (size_t)(at - body));
	}
	free(key);
	free(wanted);
}
