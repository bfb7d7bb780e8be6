/* SPDX-License-Identifier: ISC */
/* Reads from the daemon which services to report again. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "scan/browser.h"
#include "scan/input.h"

#define MAX_LINE 64 /* a label of DNS has 63 bytes */

struct input {
	const AvahiPoll *poll;	 /* borrowed */
	struct browser *browser; /* borrowed */
	AvahiWatch *watch;	 /* NULL: the reader is gone */
	char line[MAX_LINE];
	size_t len;
	bool is_too_long;
};

static void
take_byte(struct input *in, char c)
{
	if (c != '\n') {
		if (in->len < sizeof(in->line))
			in->line[in->len++] = c;
		else
			in->is_too_long = true;
		return;
	}
	if (in->len > 0 && !in->is_too_long)
		browser_repeat(in->browser, in->line, in->len);
	in->len = 0;
	in->is_too_long = false;
}

static void
on_event(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
	struct input *in = ctx;
	char bytes[256];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)event;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	for (ssize_t i = 0; i < n; i++)
		take_byte(in, bytes[i]);
	/*
	 * Stop watching at the end of the input: the output notices that the
	 * reader is gone.
	 */
	if (n <= 0)
		in->poll->watch_update(watch, 0);
}

struct input *
input_new(const AvahiPoll *poll, struct browser *browser)
{
	struct input *in = xcalloc(1, sizeof(*in));
	struct stat st;

	in->poll = poll;
	in->browser = browser;
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISSOCK(st.st_mode))
		in->watch = poll->watch_new(
		    poll, STDIN_FILENO, AVAHI_WATCH_IN, on_event, in);
	return in;
}

void
input_free(struct input *in)
{
	if (in->watch != NULL)
		in->poll->watch_free(in->watch);
	free(in);
}
