/* SPDX-License-Identifier: ISC */
/* Makes text fit for a terminal: clean, measured, wrapped and coloured. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "reflashctl/out/term.h"

#define DEFAULT_COLUMNS 80

/* Decode the character at s, which is valid UTF-8, and its length. */
static uint32_t
decode_char(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c = u[0];

	*len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*len > 1)
		c &= 0x3fu >> (*len - 1);
	for (size_t i = 1; i < *len; i++) {
		if ((u[i] & 0xc0) != 0x80) {
			*len = i; /* not UTF-8 after all */
			return 0;
		}
		c = c << 6 | (u[i] & 0x3f);
	}
	return c;
}

char *
term_text(const char *text)
{
	static const char digits[] = "0123456789abcdef";
	char *out, *p;
	size_t len;

	if (text == NULL)
		text = "";
	out = p = xcalloc(strlen(text) + 1, 4);
	for (; *text != '\0'; text += len) {
		if (utf8_is_visible(decode_char(text, &len))) {
			memcpy(p, text, len);
			p += len;
			continue;
		}
		for (size_t i = 0; i < len; i++) {
			*p++ = '\\';
			*p++ = 'x';
			*p++ = digits[(unsigned char)text[i] >> 4];
			*p++ = digits[text[i] & 15];
		}
	}
	return out;
}

/* Return the columns of the character at text; *len is its bytes. */
static size_t
width_of(const char *text, size_t *len)
{
	int width = wcwidth((wchar_t)decode_char(text, len));

	/* The C locale knows no widths. */
	return width >= 0 ? (size_t)width : 1;
}

size_t
term_width(const char *text)
{
	size_t columns = 0, len;

	for (; *text != '\0'; text += len)
		columns += width_of(text, &len);
	return columns;
}

size_t
term_cut(const char *text, size_t columns)
{
	size_t used = 0, cut = 0, len;

	for (; text[cut] != '\0'; cut += len) {
		used += width_of(text + cut, &len);
		if (used > columns)
			break;
	}
	return cut;
}

void
term_wrap(FILE *out, const char *text, size_t indent, size_t columns)
{
	size_t room = columns > indent ? columns - indent : 1, used = 0;

	while (*(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " "), cut = term_cut(text, room);
		size_t width;

		/* Break a word that is longer than a line. */
		if (len > cut && cut > 0)
			len = cut;
		width = term_width(text) - term_width(text + len);
		if (used > 0 && used + 1 + width > room) {
			fputc('\n', out);
			used = 0;
		}
		if (used == 0)
			fprintf(out, "%*s", (int)indent, "");
		else
			used += (size_t)fprintf(out, " ");
		used += width;
		fwrite(text, 1, len, out);
		text += len;
	}
	if (used > 0)
		fputc('\n', out);
}

void
term_say(const char *text)
{
	if (term_columns() > 0)
		term_wrap(stdout, text, 0, term_columns());
	else
		puts(text);
}

bool
term_has_screen(void)
{
	const char *term = getenv("TERM");

	return term != NULL && strcmp(term, "dumb") != 0 &&
	    isatty(STDOUT_FILENO);
}

static bool
look_for_color(void)
{
	const char *off = getenv("NO_COLOR");

	return (off == NULL || off[0] == '\0') && term_has_screen();
}

/* Find out once, because each cell of a table asks. */
static bool
has_color(void)
{
	static int known = -1;

	if (known == -1)
		known = look_for_color();
	return known;
}

const char *
term_color(enum term_color color)
{
	static const char *const codes[] = {
		[COLOR_NONE] = "\033[0m",
		[COLOR_BOLD] = "\033[1m",
		[COLOR_DIM] = "\033[2m",
		[COLOR_RED] = "\033[31m",
		[COLOR_GREEN] = "\033[32m",
		[COLOR_YELLOW] = "\033[33m",
		[COLOR_CYAN] = "\033[36m",
	};

	return has_color() ? codes[color] : "";
}

size_t
term_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return DEFAULT_COLUMNS;
	return size.ws_col;
}
