/* SPDX-License-Identifier: ISC */
/* Writes cells and bars of a line, cut where the line ends. */
#include "config.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "reflashctl/out/pen.h"

void
pen_put(struct pen *pen, const char *text, size_t width, enum term_color color)
{
	char *clean = term_text(text);
	size_t want = term_width(clean), used = want;

	if (width > 0 && used > width)
		used = width;
	if (used > pen->left)
		used = pen->left;
	if (pen->is_dim)
		color = COLOR_DIM;
	if (color != COLOR_NONE)
		fputs(term_color(color), pen->out);
	if (used == want || used < 4)
		fwrite(clean, 1, term_cut(clean, used), pen->out);
	else
		fprintf(
		    pen->out, "%.*s...", (int)term_cut(clean, used - 3), clean);
	if (color != COLOR_NONE)
		fputs(term_color(COLOR_NONE), pen->out);
	free(clean);
	pen->left -= used;
	for (; used < width && pen->left > 0; used++, pen->left--)
		fputc(' ', pen->out);
}

void
pen_skip(struct pen *pen, size_t columns)
{
	for (; columns > 0 && pen->left > 0; columns--, pen->left--)
		fputc(' ', pen->out);
}

/* Draw in eighths of a block if the locale has them. */
void
pen_bar(struct pen *pen, size_t width, double part, enum term_color color)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	size_t eighths = (size_t)((double)(8 * width) * part);

	fputs(term_color(pen->is_dim ? COLOR_DIM : color), pen->out);
	for (size_t i = 0; i < width; i++) {
		size_t full = eighths > 8 * i ? eighths - 8 * i : 0;

		if (!is_utf8)
			fputc(full >= 8 ? '#' : '-', pen->out);
		else if (full == 0)
			fputs("\u2591", pen->out);
		else
			fprintf(pen->out, "\xe2\x96%c",
			    (char)(0x90 - (full < 8 ? full : 8)));
	}
	fputs(term_color(COLOR_NONE), pen->out);
	pen->left -= width;
}
