/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "scan/browser_parts.h"

#include "scan/alarm_timer.h"
#include "scan/backend.h"
#include "scan/service_entry.h"

#include "base/memory.h"
#include "core/mdns/dnsscan.h"

#define TYPE_PTR 12

void
hunt_remove(struct hunt *h, struct entry *e)
{
	hunt_stop_asking(h, e);
	hunt_untouch(h, e);
	HASH_DEL(h->entries, e);
	h->count[e->key.service]--;
	entry_free(e);
}

bool
hunt_read_interface(const struct hunt *h, int ifindex, char name[IF_NAMESIZE])
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
	if (!hunt_read_interface(h, ifindex, interface))
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
	hunt_want_to_ask(h, e);
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
		hunt_touch(h, e);
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

static void
on_alarm(void *ctx)
{
	hunt_tell(ctx);
}

void
hunt_hear(struct hunt *h, int ifindex, const struct dnsscan_hit *hit,
    struct in_addr from)
{
	struct entry *e =
	    find_or_add(h, ifindex, hit->service, hit->instance, hit->len);

	if (e == NULL) {
		hunt_tell_heard(h, ifindex, hit, from);
		return;
	}
	entry_hear(e, hit, from, alarm_now_ms());
	if (!hunt_says_all(e, alarm_now_ms()))
		hunt_want_to_ask(h, e);
	hunt_touch(h, e);
}

void
hunt_attach(struct hunt *h, const struct backend *backend, struct stack *stack)
{
	struct entry *e, *next;

	h->backend = backend;
	h->stack = stack;
	browse(h);
	HASH_ITER (hh, h->entries, e, next)
		if (!hunt_says_all(e, alarm_now_ms()))
			hunt_want_to_ask(h, e);
	hunt_wake(h);
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
		hunt_stop_asking(h, e);
}

void
hunt_requery(struct hunt *h)
{
	int64_t now = alarm_now_ms();
	struct entry *e, *next;

	if (h->backend != NULL)
		browse(h);
	HASH_ITER (hh, h->entries, e, next) {
		if (!hunt_says_all(e, now))
			hunt_want_to_ask(h, e);
		if (now - e->alive_ms > FORGET_MS && !e->is_leaving)
			entry_unlist(e, now);
		hunt_touch(h, e);
	}
	hunt_wake(h);
}

void
hunt_repeat(struct hunt *h, const char *part, size_t len)
{
	struct entry *e, *next;

	HASH_ITER (hh, h->entries, e, next) {
		if (memmem(e->key.name, e->key.len, part, len) == NULL)
			continue;
		entry_repeat(e, alarm_now_ms());
		hunt_touch(h, e);
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
		hunt_remove(h, e);
	alarm_free(h->alarm);
	free(h);
}
