/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/memory.h"
#include "reflashctl/out/term.h"

#define DEFAULT_COLUMNS 80

/* The character at s, which is valid UTF-8, and its length. */
static uint32_t
decode(const char *s, size_t *len)
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

/* C0 and C1 controls, and the marks that reorder what is around them. */
static bool
is_printable(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0x061c &&
	    !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	    !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff;
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
		if (is_printable(decode(text, &len))) {
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

/* Of the character at text, and its bytes. */
static size_t
width_of(const char *text, size_t *len)
{
	int width = wcwidth((wchar_t)decode(text, len));

	/* The C locale knows of none. */
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

		/* What is longer than a line is broken. */
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

/* Asked for each cell of a table, so found out only once. */
bool
term_has_color(void)
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

	return term_has_color() ? codes[color] : "";
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
