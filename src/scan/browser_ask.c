/* SPDX-License-Identifier: ISC */
/*
 * Asks for the records of services that do not announce all of them, a limited
 * number at a time.
 */
#include "config.h"

#include <stdio.h>
#include <utlist.h>

#include "core/mdns/dnsname.h"
#include "scan/alarm_timer.h"
#include "scan/backend.h"
#include "scan/browser_parts.h"
#include "scan/service_entry.h"

#define TYPE_A	       1
#define TYPE_TXT       16
#define TYPE_SRV       33
#define ASKS_PER_ENTRY 3
#define TURN_MS	       5000 /* while others wait, questions stand so long */
#define ASK_MS	       300  /* by then its packet has been overheard, too */
#define ASKS_PER_ROUND 50   /* each may be a D-Bus round trip */

static struct question *
ask_host(struct browser *b, struct service_entry *e, answer_fn *fn)
{
	char name[DNSNAME_TEXT];

	if (!dnsname_is_under(&e->seen.host, "local"))
		return NULL;
	return b->backend->ask(b->stack, e->key.ifindex,
	    dnsname_text(name, &e->seen.host), TYPE_A, fn, e);
}

static struct question *
ask_instance(
    struct browser *b, struct service_entry *e, uint16_t type, answer_fn *fn)
{
	struct dnsname name;
	char suffix[DNSNAME_LABEL], text[DNSNAME_TEXT];

	snprintf(suffix, sizeof(suffix), "%s.local", e->seen.service);
	if (!dnsname_make(
		&name, e->seen.instance, e->seen.instance_len, suffix))
		return NULL;
	return b->backend->ask(
	    b->stack, e->key.ifindex, dnsname_text(text, &name), type, fn, e);
}

static void
on_srv(const struct answer *a, void *ctx)
{
	struct service_entry *e = ctx;

	if (!a->is_gone)
		service_entry_take_srv(
		    e, a->rdata, a->len, alarm_timer_now_ms());
	browser_touch(e->owner, e);
}

static void
on_txt(const struct answer *a, void *ctx)
{
	struct service_entry *e = ctx;

	if (!a->is_gone)
		service_entry_take_txt(
		    e, a->rdata, a->len, alarm_timer_now_ms());
	browser_touch(e->owner, e);
}

static void
on_a(const struct answer *a, void *ctx)
{
	struct service_entry *e = ctx;

	service_entry_take_a(
	    e, a->rdata, a->len, a->is_gone, alarm_timer_now_ms());
	browser_touch(e->owner, e);
}

static void
start_asking(struct browser *b, struct service_entry *e, int64_t now)
{
	DL_DELETE(b->waiting, e);
	DL_APPEND(b->asked, e);
	b->asked_count++;
	e->asking = SERVICE_ENTRY_ASKED;
	e->asked_ms = now;
	e->ask_srv = ask_instance(b, e, TYPE_SRV, on_srv);
	e->ask_txt = ask_instance(b, e, TYPE_TXT, on_txt);
	e->is_new_host = e->seen.has_host;
	browser_touch(b, e);
}

void
browser_stop_asking(struct browser *b, struct service_entry *e)
{
	struct question *asked[] = { e->ask_srv, e->ask_txt, e->ask_a };

	if (e->asking == SERVICE_ENTRY_WAITING)
		DL_DELETE(b->waiting, e);
	if (e->asking == SERVICE_ENTRY_ASKED) {
		DL_DELETE(b->asked, e);
		b->asked_count--;
	}
	e->asking = SERVICE_ENTRY_IDLE;
	e->ask_srv = e->ask_txt = e->ask_a = NULL;
	for (size_t i = 0; b->backend != NULL && i < ASKS_PER_ENTRY; i++)
		b->backend->drop(asked[i]);
}

void
browser_want_to_ask(struct browser *b, struct service_entry *e)
{
	if (e->asking != SERVICE_ENTRY_IDLE)
		return;
	e->asking = SERVICE_ENTRY_WAITING;
	e->wanted_ms = alarm_timer_now_ms();
	DL_APPEND(b->waiting, e);
}

/*
 * Return true if another service can be asked, if need be in place of one that
 * has had its turn.
 */
static bool
make_room(struct browser *b, int64_t now)
{
	unsigned max = b->backend->max_questions - OPTIONS_MAX_SERVICES;

	if (b->asked_count < max / ASKS_PER_ENTRY)
		return true;
	if (now - b->asked->asked_ms < TURN_MS)
		return false;
	browser_stop_asking(b, b->asked);
	return true;
}

bool
browser_says_all(const struct service_entry *e, int64_t now)
{
	return e->whole_ms != 0 && now - e->whole_ms < FORGET_MS;
}

int64_t
browser_take_turns(struct browser *b, int64_t now)
{
	unsigned n = 0;

	while (b->backend != NULL && b->waiting != NULL) {
		struct service_entry *e = b->waiting;

		if (now - e->wanted_ms < ASK_MS)
			return e->wanted_ms + ASK_MS;
		if (browser_says_all(e, now)) {
			browser_stop_asking(b, e);
			continue;
		}
		if (n++ == ASKS_PER_ROUND)
			return now;
		if (!make_room(b, now))
			return b->asked->asked_ms + TURN_MS;
		start_asking(b, e, now);
	}
	return 0;
}

void
browser_ask_new_host(struct browser *b, struct service_entry *e)
{
	if (!e->is_new_host || e->asking != SERVICE_ENTRY_ASKED ||
	    b->backend == NULL)
		return;
	e->is_new_host = false;
	b->backend->drop(e->ask_a);
	e->ask_a = ask_host(b, e, on_a);
}
