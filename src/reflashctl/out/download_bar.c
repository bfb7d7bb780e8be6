/* SPDX-License-Identifier: ISC */
/* Draws how far a download is, how fast it is, and how long it still takes. */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/download_bar.h"
#include "reflashctl/out/pen.h"

#define BAR_COLUMNS 16

void
download_bar_begin(struct download_bar *bar, const char *name, bool is_live)
{
	*bar = (struct download_bar){ .is_live = is_live && term_has_screen(),
		.name = name,
		.begun_ms = clock_awake_ms() };
}

/* Return the bytes a second since the beginning; 0: it has just begun. */
static uint64_t
rate_of(const struct download_bar *bar, uint64_t bytes)
{
	uint64_t ms = clock_awake_ms() - bar->begun_ms;

	return ms >= 500 ? bytes * 1000 / ms : 0;
}

/* Write "204800 of 504848 bytes, 21.3 KiB/s, 14 s left", as far as known. */
static void
describe(const struct download_bar *bar, uint64_t bytes, uint64_t total,
    char *dst, size_t size)
{
	char speed[32], left[TEXT_TIME_SIZE], of[32] = "";
	uint64_t rate = rate_of(bar, bytes);

	device_rate((json_int_t)rate, speed, sizeof(speed));
	if (total > 0)
		snprintf(of, sizeof(of), " of %llu", (unsigned long long)total);
	if (rate == 0)
		snprintf(
		    dst, size, "%llu%s bytes", (unsigned long long)bytes, of);
	else if (total <= bytes)
		snprintf(dst, size, "%llu%s bytes, %s",
		    (unsigned long long)bytes, of, speed);
	else
		snprintf(dst, size, "%llu%s bytes, %s, %s left",
		    (unsigned long long)bytes, of, speed,
		    text_seconds(
			left, sizeof(left), (total - bytes) / rate + 1));
}

void
download_bar_draw(
    const struct download_bar *bar, uint64_t bytes, uint64_t total)
{
	struct pen pen = { stdout, term_columns(), false };
	char text[120];

	if (!bar->is_live)
		return;
	pen.left--; /* not into the next line */
	putchar('\r');
	pen_put(&pen, bar->name, 0, COLOR_BOLD);
	pen_skip(&pen, 2);
	if (total > 0 && pen.left > BAR_COLUMNS) {
		pen_bar(&pen, BAR_COLUMNS, (double)bytes / (double)total,
		    COLOR_CYAN);
		pen_skip(&pen, 2);
	}
	describe(bar, bytes, total, text, sizeof(text));
	pen_put(&pen, text, 0, COLOR_NONE);
	fputs("\033[K", stdout);
	fflush(stdout);
}

void
download_bar_end(const struct download_bar *bar)
{
	if (bar->is_live)
		fputs("\r\033[K", stdout);
	fflush(stdout);
}
