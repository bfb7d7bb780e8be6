/* SPDX-License-Identifier: ISC */
/*
 * fuzz_text -- whatever comes from the network, its escaped form is printable
 * and fits.  The first byte is the room for it.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256];
	size_t room;

	if (size == 0)
		return 0;
	room = data[0] < 4 ? 4 : data[0];
	HOLDS(text_escape(text, room, data + 1, size - 1) == text);
	HOLDS(strnlen(text, room) < room);
	for (const char *c = text; *c != '\0'; c++)
		HOLDS(*c >= 0x20 && *c < 0x7f);
	return 0;
}
