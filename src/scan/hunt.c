/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "scan/hunt.h"

#include "scan/alarm.h"
#include "scan/backend.h"
#include "scan/entry.h"
#include "scan/options.h"
#include "scan/output.h"

#include "base/memory.h"
#include "core/dnsscan.h"

#define TYPE_A	       1
#define TYPE_PTR       12
#define TYPE_TXT       16
#define TYPE_SRV       33
#define ASKS_PER_ENTRY 3
#define TURN_MS	       5000   /* then another one's questions may stand */
#define ASK_MS	       300    /* by then its packet has been overheard, too */
#define ASKS_PER_ROUND 50     /* each may be a D-Bus round trip */
#define LINES_PER_SEC  500    /* the daemon takes twice that */
#define LINES_UNASKED  250    /* of these, for what there is no room for */
#define FORGET_MS      600000 /* not listed and not heard for so long */

struct browse {		   /* the standing question for one type of service */
	struct hunt *hunt; /* borrowed */
	size_t service;
	struct question *question;
};

struct hunt {
	const struct options *options; /* borrowed */
	struct output *output;	       /* borrowed */
	const struct backend *backend; /* borrowed; NULL while detached */
	struct stack *stack;	       /* borrowed */
	struct alarm *alarm;
	struct browse browse[OPTIONS_MAX_SERVICES];
	struct entry *entries;		      /* by key */
	unsigned count[OPTIONS_MAX_SERVICES]; /* of them, by service */
	struct entry *waiting;		      /* for their turn to ask */
	struct entry *asked;		      /* longest first */
	struct entry *due;		      /* with something to tell */
	enum scan_heard heard;
	unsigned asked_count, refused;
	unsigned lines; /* since second_ms */
	int64_t second_ms;
};

static void
wake(struct hunt *h)
{
	alarm_set(h->alarm, 0);
}

/* Something about it may have to be told. */
static void
touch(struct hunt *h, struct entry *e)
{
	if (!e->is_due && (e->due_ms != 0 || e->is_new_host)) {
		DL_APPEND2(h->due, e, due_prev, due_next);
		e->is_due = true;
	}
	wake(h);
}

static void
untouch(struct hunt *h, struct entry *e)
{
	if (e->is_due)
		DL_DELETE2(h->due, e, due_prev, due_next);
	e->is_due = false;
}

static struct question *
ask_host(struct hunt *h, struct entry *e, answer_fn *fn)
{
	char name[DNSNAME_TEXT];

	if (!dnsname_is_under(&e->seen.host, "local"))
		return NULL;
	return h->backend->ask(h->stack, e->key.ifindex,
	    dnsname_text(name, &e->seen.host), TYPE_A, fn, e);
}

static struct question *
ask_instance(struct hunt *h, struct entry *e, uint16_t type, answer_fn *fn)
{
	struct dnsname name;
	char suffix[DNSNAME_LABEL], text[DNSNAME_TEXT];

	snprintf(suffix, sizeof(suffix), "%s.local", e->seen.service);
	if (!dnsname_make(
		&name, e->seen.instance, e->seen.instance_len, suffix))
		return NULL;
	return h->backend->ask(
	    h->stack, e->key.ifindex, dnsname_text(text, &name), type, fn, e);
}

static void
on_srv(const struct answer *a, void *ctx)
{
	struct entry *e = ctx;

	if (!a->is_gone)
		entry_take_srv(e, a->rdata, a->len, alarm_now_ms());
	touch(e->owner, e);
}

static void
on_txt(const struct answer *a, void *ctx)
{
	struct entry *e = ctx;

	if (!a->is_gone)
		entry_take_txt(e, a->rdata, a->len, alarm_now_ms());
	touch(e->owner, e);
}

static void
on_a(const struct answer *a, void *ctx)
{
	struct entry *e = ctx;

	entry_take_a(e, a->rdata, a->len, a->is_gone, alarm_now_ms());
	touch(e->owner, e);
}

static void
start_asking(struct hunt *h, struct entry *e, int64_t now)
{
	DL_DELETE(h->waiting, e);
	DL_APPEND(h->asked, e);
	h->asked_count++;
	e->asking = ENTRY_ASKED;
	e->asked_ms = now;
	e->ask_srv = ask_instance(h, e, TYPE_SRV, on_srv);
	e->ask_txt = ask_instance(h, e, TYPE_TXT, on_txt);
	e->is_new_host = e->seen.has_host;
	touch(h, e);
}

static void
stop_asking(struct hunt *h, struct entry *e)
{
	struct question *asked[] = { e->ask_srv, e->ask_txt, e->ask_a };

	if (e->asking == ENTRY_WAITING)
		DL_DELETE(h->waiting, e);
	if (e->asking == ENTRY_ASKED) {
		DL_DELETE(h->asked, e);
		h->asked_count--;
	}
	e->asking = ENTRY_IDLE;
	e->ask_srv = e->ask_txt = e->ask_a = NULL;
	for (size_t i = 0; h->backend != NULL && i < ASKS_PER_ENTRY; i++)
		h->backend->drop(asked[i]);
}

static void
want_to_ask(struct hunt *h, struct entry *e)
{
	if (e->asking != ENTRY_IDLE)
		return;
	e->asking = ENTRY_WAITING;
	e->wanted_ms = alarm_now_ms();
	DL_APPEND(h->waiting, e);
}

/* Is there room for one more to ask, or has one had its turn? */
static bool
make_room(struct hunt *h, int64_t now)
{
	unsigned max = h->backend->max_questions - OPTIONS_MAX_SERVICES;

	if (h->asked_count < max / ASKS_PER_ENTRY)
		return true;
	if (now - h->asked->asked_ms < TURN_MS)
		return false;
	stop_asking(h, h->asked);
	return true;
}

/* One that tells all of itself, and has done so lately, is not asked. */
static bool
says_all(const struct entry *e, int64_t now)
{
	return e->whole_ms != 0 && now - e->whole_ms < FORGET_MS;
}

/* Give those that wait their turn.  Returns when to go on, 0 = not at all. */
static int64_t
take_turns(struct hunt *h, int64_t now)
{
	unsigned n = 0;

	while (h->backend != NULL && h->waiting != NULL) {
		struct entry *e = h->waiting;

		if (now - e->wanted_ms < ASK_MS)
			return e->wanted_ms + ASK_MS;
		if (says_all(e, now)) {
			stop_asking(h, e);
			continue;
		}
		if (n++ == ASKS_PER_ROUND)
			return now;
		if (!make_room(h, now))
			return h->asked->asked_ms + TURN_MS;
		start_asking(h, e, now);
	}
	return 0;
}

static void
remove_entry(struct hunt *h, struct entry *e)
{
	stop_asking(h, e);
	untouch(h, e);
	HASH_DEL(h->entries, e);
	h->count[e->key.service]--;
	entry_free(e);
}

/* The name of the interface, if we are to listen there. */
static bool
read_interface(const struct hunt *h, int ifindex, char name[IF_NAMESIZE])
{
	return if_indextoname((unsigned)ifindex, name) != NULL &&
	    options_allow_interface(h->options, name);
}

static struct entry *
find_or_add(struct hunt *h, int ifindex, size_t service, const void *instance,
    size_t len)
{
	struct entry_key key = entry_make_key(ifindex, service, instance, len);
	char interface[IF_NAMESIZE];
	struct entry *e;

	HASH_FIND(hh, h->entries, &key, sizeof(key), e);
	if (e != NULL)
		return e;
	if (!read_interface(h, ifindex, interface))
		return NULL;
	/* No number of printers may leave no room for devices. */
	if (h->count[service] >= h->options->max) {
		h->refused++;
		return NULL;
	}
	e = entry_new(&key, h->options->services[service], instance, interface,
	    alarm_now_ms());
	e->owner = h;
	HASH_ADD(hh, h->entries, key, sizeof(key), e);
	h->count[service]++;
	want_to_ask(h, e);
	return e;
}

static void
on_listed(struct hunt *h, size_t service, const struct answer *a)
{
	char suffix[DNSNAME_LABEL];
	const unsigned char *instance;
	struct dnsname name;
	struct entry_key key;
	struct entry *e;
	size_t pos = 0, len;

	snprintf(
	    suffix, sizeof(suffix), "%s.local", h->options->services[service]);
	if (!dnsname_read(&name, a->rdata, a->len, &pos) ||
	    !dnsname_is_under(&name, suffix))
		return;
	instance = dnsname_label(&name, 0, &len);
	if (a->is_gone) {
		key = entry_make_key(a->ifindex, service, instance, len);
		HASH_FIND(hh, h->entries, &key, sizeof(key), e);
		if (e != NULL)
			entry_unlist(e, alarm_now_ms());
	} else {
		e = find_or_add(h, a->ifindex, service, instance, len);
		if (e != NULL)
			entry_list(e, alarm_now_ms());
	}
	if (e != NULL)
		touch(h, e);
}

static void
on_ptr(const struct answer *a, void *ctx)
{
	struct browse *b = ctx;

	on_listed(b->hunt, b->service, a);
}

static void
browse(struct hunt *h)
{
	char name[DNSNAME_LABEL];

	for (size_t i = 0; i < h->options->service_count; i++) {
		struct browse *b = &h->browse[i];

		/* A question asked anew goes out at once, Avahi's own repeats
		 * of an old one come ever more rarely. */
		if (b->question != NULL)
			h->backend->drop(b->question);
		snprintf(
		    name, sizeof(name), "%s.local", h->options->services[i]);
		b->question =
		    h->backend->ask(h->stack, 0, name, TYPE_PTR, on_ptr, b);
	}
}

/* This second's share of lines, and a reader. */
static bool
may_tell(struct hunt *h, unsigned share, int64_t now)
{
	if (now - h->second_ms >= 1000) {
		h->second_ms = now;
		h->lines = 0;
	}
	return h->lines < share && output_has_room(h->output);
}

static void
tell(struct hunt *h, struct entry *e, int64_t now)
{
	bool is_news = e->was_told || !e->is_leaving;
	bool is_leaving = e->is_leaving;
	char *line = entry_tell(e, now);

	h->lines++;
	untouch(h, e);
	if (is_news)
		output_line(h->output, line);
	else
		free(line);
	if (is_leaving)
		remove_entry(h, e);
}

static void
ask_new_host(struct hunt *h, struct entry *e)
{
	if (!e->is_new_host || e->asking != ENTRY_ASKED || h->backend == NULL)
		return;
	e->is_new_host = false;
	h->backend->drop(e->ask_a);
	e->ask_a = ask_host(h, e, on_a);
}

/* What is due is told; returns when the next will be, or 0. */
static int64_t
tell_due(struct hunt *h, int64_t now)
{
	struct entry *e, *next_entry;
	int64_t next = 0, when;

	DL_FOREACH_SAFE2 (h->due, e, next_entry, due_next) {
		ask_new_host(h, e);
		if (e->due_ms != 0 && e->due_ms <= now &&
		    may_tell(h, LINES_PER_SEC, now)) {
			tell(h, e, now);
			continue;
		}
		if (e->due_ms == 0) {
			untouch(h, e);
			continue;
		}
		if (e->due_ms <= now && !output_has_room(h->output))
			continue; /* hunt_tell() is called when there is */
		when = e->due_ms > now ? e->due_ms : h->second_ms + 1000;
		if (next == 0 || when < next)
			next = when;
	}
	return next;
}

static void
on_alarm(void *ctx)
{
	hunt_tell(ctx);
}

void
hunt_tell(struct hunt *h)
{
	int64_t now = alarm_now_ms();
	int64_t turn = take_turns(h, now);
	int64_t next = tell_due(h, now);

	if (turn != 0 && (next == 0 || turn < next))
		next = turn;
	if (next != 0)
		alarm_set(h->alarm, next > now ? (unsigned)(next - now) : 0);
	else
		alarm_stop(h->alarm);
}

/*
 * One for whom there is no room is told as it was heard, and not asked about:
 * whoever reads this may know it, if by its name alone.
 */
static void
tell_heard(struct hunt *h, int ifindex, const struct dnsscan_hit *hit,
    struct in_addr from)
{
	struct sighting s = { .service = h->options->services[hit->service],
		.instance_len = hit->len,
		.has_address = true,
		.address_is_hint = true,
		.address = from };

	if (!may_tell(h, LINES_UNASKED, alarm_now_ms()) ||
	    !read_interface(h, ifindex, s.interface))
		return;
	memcpy(s.instance, hit->instance, hit->len);
	h->lines++;
	output_line(h->output, scanline_seen(&s));
}

void
hunt_hear(struct hunt *h, int ifindex, const struct dnsscan_hit *hit,
    struct in_addr from)
{
	struct entry *e =
	    find_or_add(h, ifindex, hit->service, hit->instance, hit->len);

	if (e == NULL) {
		tell_heard(h, ifindex, hit, from);
		return;
	}
	entry_hear(e, hit, from, alarm_now_ms());
	if (!says_all(e, alarm_now_ms()))
		want_to_ask(h, e);
	touch(h, e);
}

void
hunt_attach(struct hunt *h, const struct backend *backend, struct stack *stack)
{
	struct entry *e, *next;

	h->backend = backend;
	h->stack = stack;
	browse(h);
	HASH_ITER (hh, h->entries, e, next)
		if (!says_all(e, alarm_now_ms()))
			want_to_ask(h, e);
	wake(h);
}

void
hunt_detach(struct hunt *h)
{
	struct entry *e, *next;

	h->backend = NULL; /* nothing is dropped: the stack ends them all */
	h->stack = NULL;
	for (size_t i = 0; i < OPTIONS_MAX_SERVICES; i++)
		h->browse[i].question = NULL;
	HASH_ITER (hh, h->entries, e, next)
		stop_asking(h, e);
}

void
hunt_requery(struct hunt *h)
{
	int64_t now = alarm_now_ms();
	struct entry *e, *next;

	if (h->backend != NULL)
		browse(h);
	HASH_ITER (hh, h->entries, e, next) {
		if (!says_all(e, now))
			want_to_ask(h, e);
		if (now - e->alive_ms > FORGET_MS && !e->is_leaving)
			entry_unlist(e, now);
		touch(h, e);
	}
	wake(h);
}

void
hunt_repeat(struct hunt *h, const char *part, size_t len)
{
	struct entry *e, *next;

	HASH_ITER (hh, h->entries, e, next) {
		if (memmem(e->key.name, e->key.len, part, len) == NULL)
			continue;
		entry_repeat(e, alarm_now_ms());
		touch(h, e);
	}
}

void
hunt_set_heard(struct hunt *h, enum scan_heard heard)
{
	h->heard = heard;
}

enum scan_heard
hunt_heard(const struct hunt *h)
{
	return h->heard;
}

unsigned
hunt_take_refused(struct hunt *h)
{
	unsigned n = h->refused;

	h->refused = 0;
	return n;
}

struct hunt *
hunt_new(
    const AvahiPoll *poll, const struct options *options, struct output *output)
{
	struct hunt *h = xcalloc(1, sizeof(*h));

	h->options = options;
	h->output = output;
	h->alarm = alarm_new(poll, on_alarm, h);
	for (size_t i = 0; i < OPTIONS_MAX_SERVICES; i++)
		h->browse[i] = (struct browse){ .hunt = h, .service = i };
	return h;
}

void
hunt_free(struct hunt *h)
{
	struct entry *e, *next;

	HASH_ITER (hh, h->entries, e, next)
		remove_entry(h, e);
	alarm_free(h->alarm);
	free(h);
}
