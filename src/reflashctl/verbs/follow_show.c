/* SPDX-License-Identifier: ISC */
/* Shows how the devices that are followed come along, and how each ends. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "reflashctl/out/device_details.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/row.h"
#include "reflashctl/verbs/follow_parts.h"

#define DEFAULT_LINES 24

/* Describe a device as a line of the log would; yours. */
static char *
describe(const struct followed *one)
{
	const char *detail = device_text(one->device, "detail");
	bool has_detail =
	    one->rc != -1 || device_state_of(one->device) == STATE_HELD;
	char state[96], *text, *clean;

	if (one->is_gone)
		return xasprintf("device %s: it was forgotten", one->title);
	device_state(one->device, state, sizeof(state));
	text = xasprintf("device %s: %s%s%s", one->title, state,
	    has_detail && detail != NULL ? ": " : "",
	    has_detail && detail != NULL ? detail : "");
	clean = term_text(text);
	free(text);
	return clean;
}

void
follow_show(struct follow *follow, struct followed *one)
{
	char *text;

	if (follow->is_live || follow->json || !one->has_begun)
		return;
	text = describe(one);
	if (one->shown == NULL || strcmp(one->shown, text) != 0) {
		term_say(text);
		fflush(stdout);
	}
	free(one->shown);
	one->shown = text;
}

static size_t
terminal_lines(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return DEFAULT_LINES;
	return size.ws_row;
}

/* Go back to the first line of the last picture, and wipe it. */
static void
wipe(struct follow *follow)
{
	if (follow->drawn > 1)
		printf("\033[%zuA", follow->drawn - 1);
	if (follow->drawn > 0)
		fputs("\r\033[J", stdout);
	follow->drawn = 0;
}

static void
draw_row(struct follow *follow, const struct followed *one, size_t width)
{
	struct row row = { .device = one->device,
		.now = time(NULL),
		.quiet_sec = (clock_awake_ms() - one->moved_ms) / 1000,
		.id_width = width };
	struct pen pen = { stdout, term_columns(), false };

	if (pen.left > 0)
		pen.left--; /* not into the next line */
	if (follow->drawn > 0)
		putchar('\n');
	row_draw(&row, &pen);
	follow->drawn++;
}

static size_t
widest(const struct follow *follow)
{
	size_t width = 0;

	for (size_t i = 0; i < follow->count; i++)
		if (row_id_width(follow->list[i].device) > width)
			width = row_id_width(follow->list[i].device);
	return width;
}

/* Draw the devices that are at work, or the others, as far as there is room. */
static void
draw_rows(struct follow *follow, bool is_at_work, size_t room)
{
	size_t width = widest(follow);

	for (size_t i = 0; i < follow->count && follow->drawn < room; i++) {
		const struct followed *one = &follow->list[i];
		bool works = state_is_at_work(device_state_of(one->device));

		if (one->rc == -1 && one->device != NULL && works == is_at_work)
			draw_row(follow, one, width);
	}
}

/* Draw how many there are in all, below the devices. */
static void
draw_count(struct follow *follow)
{
	size_t ended = 0;

	for (size_t i = 0; i < follow->count; i++)
		ended += follow->list[i].rc != -1;
	if (follow->drawn > 0)
		putchar('\n');
	printf("%zu of %zu devices have ended", ended, follow->count);
	follow->drawn++;
}

void
follow_draw(struct follow *follow)
{
	size_t room = terminal_lines();

	if (!follow->is_live)
		return;
	wipe(follow);
	room = room > 2 ? room - 2 : 1;
	draw_rows(follow, true, room);
	draw_rows(follow, false, room);
	if (follow->count > 1)
		draw_count(follow);
	fflush(stdout);
}

/* Say of a device that has not ended how it goes on. */
static void
tell_going_on(const struct followed *one, bool is_interrupted)
{
	char *text = describe(one);

	complain("%s. %s; to see it: reflashctl show %s; to stop it, as long "
		 "as it was not told to download: reflashctl cancel %s",
	    text,
	    is_interrupted ? "It goes on without this command"
			   : "The time is up, but it goes on",
	    one->id, one->id);
	free(text);
}

static void
tell_end(const struct follow *follow, struct followed *one)
{
	char *text;

	if (follow->count == 1 && !one->is_gone) {
		device_details(stdout, field_columns(), one->device);
		return;
	}
	text = describe(one);
	if (follow->is_live || one->shown == NULL)
		term_say(text);
	free(text);
}

/* Say what is to be done with devices that wait for somebody's Wi-Fi. */
static void
tell_joining(const struct follow *follow)
{
	size_t count = 0;
	char *text;

	for (size_t i = 0; i < follow->count; i++)
		count += follow->list[i].device != NULL &&
		    device_attention(follow->list[i].device) == ATTENTION_JOIN;
	if (count == 0)
		return;
	text = xasprintf("Next, %zu device%s your Wi-Fi: reflashctl joining",
	    count, count == 1 ? " needs" : "s need");
	term_say(text);
	free(text);
}

void
follow_end(struct follow *follow, bool is_interrupted)
{
	wipe(follow);
	for (size_t i = 0; i < follow->count; i++)
		if (follow->list[i].rc != -1 && !follow->json)
			tell_end(follow, &follow->list[i]);
	if (!follow->json)
		tell_joining(follow);
	fflush(stdout);
	for (size_t i = 0; i < follow->count; i++)
		if (follow->list[i].rc == -1)
			tell_going_on(&follow->list[i], is_interrupted);
}
