/* SPDX-License-Identifier: ISC */
/* Makes keys of the bytes that a terminal sends. */
#include "config.h"

#include <string.h>

#include "reflashctl/out/keys.h"

/* What follows Escape and [ (or O), as xterm, screen and the console send it.
 */
static const struct {
	const char *rest;
	int key;
} sequences[] = {
	{ "A", KEY_UP },
	{ "B", KEY_DOWN },
	{ "H", KEY_HOME },
	{ "F", KEY_END },
	{ "1~", KEY_HOME },
	{ "4~", KEY_END },
	{ "7~", KEY_HOME },
	{ "8~", KEY_END },
	{ "5~", KEY_PAGE_UP },
	{ "6~", KEY_PAGE_DOWN },
};

static void
drop(struct keys *keys, size_t len)
{
	keys->len -= len;
	memmove(keys->text, keys->text + len, keys->len);
}

/*
 * Return the length of a sequence that begins with Escape (ECMA-48 5.4);
 * 0: more bytes are needed.
 */
static size_t
sequence_length(const struct keys *keys)
{
	size_t end = 2;

	if (keys->len < 3)
		return 0;
	if (keys->text[1] == 'O')
		return 3;
	while (end < keys->len &&
	    (keys->text[end] < 0x40 || keys->text[end] > 0x7e))
		end++;
	if (end < keys->len)
		return end + 1;
	return keys->len == sizeof(keys->text) ? keys->len : 0;
}

/* Return the key of a whole sequence; KEY_NONE: it is not known. */
static int
find_sequence(const char *rest, size_t len)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (strlen(sequences[i].rest) == len &&
		    memcmp(sequences[i].rest, rest, len) == 0)
			return sequences[i].key;
	return KEY_NONE;
}

/* Return true if the bytes may be the beginning of a sequence. */
static bool
is_sequence(const struct keys *keys)
{
	return keys->text[0] == '\033' &&
	    (keys->len < 2 || keys->text[1] == '[' || keys->text[1] == 'O');
}

static int
take_byte(struct keys *keys)
{
	unsigned char byte = (unsigned char)keys->text[0];

	drop(keys, 1);
	switch (byte) {
	case '\r':
	case '\n':
		return KEY_ENTER;
	case '\033':
		return KEY_ESCAPE;
	case '\b':
	case 0x7f:
		return KEY_BACKSPACE;
	default:
		return byte;
	}
}

int
keys_take(struct keys *keys, bool is_all)
{
	while (keys->len > 0) {
		size_t len;
		int key;

		len = is_sequence(keys) ? sequence_length(keys) : 1;
		if (len == 0 && !is_all)
			return KEY_NONE;
		if (len <= 1) {
			key = take_byte(keys);
		} else {
			key = find_sequence(keys->text + 2, len - 2);
			drop(keys, len);
		}
		if (key != KEY_NONE)
			return key;
	}
	return KEY_NONE;
}
