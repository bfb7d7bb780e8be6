/* SPDX-License-Identifier: ISC */
/*
 * Writes a line for each service that is new, changed or gone, at a limited
 * rate.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "core/mdns/dnsscan.h"
#include "scan/alarm_timer.h"
#include "scan/browser_parts.h"
#include "scan/output.h"
#include "scan/service_entry.h"

#define LINES_PER_SEC 500 /* the daemon takes twice that */
#define LINES_UNASKED 250 /* of these, for services without room */

void
browser_wake(struct browser *b)
{
	alarm_timer_set(b->alarm, 0);
}

void
browser_touch(struct browser *b, struct service_entry *e)
{
	if (!e->is_due && (e->due_ms != 0 || e->is_new_host)) {
		DL_APPEND2(b->due, e, due_prev, due_next);
		e->is_due = true;
	}
	browser_wake(b);
}

void
browser_untouch(struct browser *b, struct service_entry *e)
{
	if (e->is_due)
		DL_DELETE2(b->due, e, due_prev, due_next);
	e->is_due = false;
}

/*
 * Return true if this second's share of lines is not used up, and the output
 * has room.
 */
static bool
may_tell(struct browser *b, unsigned share, int64_t now)
{
	if (now - b->second_ms >= 1000) {
		b->second_ms = now;
		b->lines = 0;
	}
	return b->lines < share && output_has_room(b->output);
}

static void
tell(struct browser *b, struct service_entry *e, int64_t now)
{
	bool is_news = e->was_told || !e->is_leaving;
	bool is_leaving = e->is_leaving;
	char *line = service_entry_tell(e, now);

	b->lines++;
	browser_untouch(b, e);
	if (is_news)
		output_line(b->output, line);
	else
		free(line);
	if (is_leaving)
		browser_remove(b, e);
}

/* Report what is due.  Returns when the next report will be due, or 0. */
static int64_t
tell_due(struct browser *b, int64_t now)
{
	struct service_entry *e, *next_entry;
	int64_t next = 0, when;

	DL_FOREACH_SAFE2 (b->due, e, next_entry, due_next) {
		browser_ask_new_host(b, e);
		if (e->due_ms != 0 && e->due_ms <= now &&
		    may_tell(b, LINES_PER_SEC, now)) {
			tell(b, e, now);
			continue;
		}
		if (e->due_ms == 0) {
			browser_untouch(b, e);
			continue;
		}
		if (e->due_ms <= now && !output_has_room(b->output))
			continue; /* browser_tell() is called when there is */
		when = e->due_ms > now ? e->due_ms : b->second_ms + 1000;
		if (next == 0 || when < next)
			next = when;
	}
	return next;
}

void
browser_tell(struct browser *b)
{
	int64_t now = alarm_timer_now_ms();
	int64_t turn = browser_take_turns(b, now);
	int64_t next = tell_due(b, now);

	if (turn != 0 && (next == 0 || turn < next))
		next = turn;
	if (next != 0)
		alarm_timer_set(
		    b->alarm, next > now ? (unsigned)(next - now) : 0);
	else
		alarm_timer_stop(b->alarm);
}

void
browser_tell_heard(struct browser *b, int ifindex,
    const struct dnsscan_hit *hit, struct in_addr from)
{
	struct sighting s = { .service = b->options->services[hit->service],
		.instance_len = hit->len,
		.has_address = true,
		.address_is_hint = true,
		.address = from };

	if (!may_tell(b, LINES_UNASKED, alarm_timer_now_ms()) ||
	    !browser_read_interface(b, ifindex, s.interface))
		return;
	memcpy(s.instance, hit->instance, hit->len);
	b->lines++;
	output_line(b->output, scanline_seen(&s));
}
