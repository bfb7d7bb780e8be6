/* SPDX-License-Identifier: ISC */
/*
 * Keeps the services that were found, for all mDNS stacks, and asks the network
 * again at intervals.
 */
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
browser_remove(struct browser *h, struct service_entry *e)
{
	browser_stop_asking(h, e);
	browser_untouch(h, e);
	HASH_DEL(h->entries, e);
	h->count[e->key.service]--;
	service_entry_free(e);
}

bool
browser_read_interface(
    const struct browser *h, int ifindex, char name[IF_NAMESIZE])
{
	return if_indextoname((unsigned)ifindex, name) != NULL &&
	    options_allow_interface(h->options, name);
}

static struct service_entry *
find_or_add(struct browser *h, int ifindex, size_t service,
    const void *instance, size_t len)
{
	struct service_entry_key key =
	    service_entry_make_key(ifindex, service, instance, len);
	char interface[IF_NAMESIZE];
	struct service_entry *e;

	HASH_FIND(hh, h->entries, &key, sizeof(key), e);
	if (e != NULL)
		return e;
	if (!browser_read_interface(h, ifindex, interface))
		return NULL;
	/* Services of one type, however many, must leave room for devices. */
	if (h->count[service] >= h->options->max) {
		h->refused++;
		return NULL;
	}
	e = service_entry_new(&key, h->options->services[service], instance,
	    interface, alarm_timer_now_ms());
	e->owner = h;
	HASH_ADD(hh, h->entries, key, sizeof(key), e);
	h->count[service]++;
	browser_want_to_ask(h, e);
	return e;
}

static void
on_listed(struct browser *h, size_t service, const struct answer *a)
{
	char suffix[DNSNAME_LABEL];
	const unsigned char *instance;
	struct dnsname name;
	struct service_entry_key key;
	struct service_entry *e;
	size_t pos = 0, len;

	snprintf(
	    suffix, sizeof(suffix), "%s.local", h->options->services[service]);
	if (!dnsname_read(&name, a->rdata, a->len, &pos) ||
	    !dnsname_is_under(&name, suffix))
		return;
	instance = dnsname_label(&name, 0, &len);
	if (a->is_gone) {
		key =
		    service_entry_make_key(a->ifindex, service, instance, len);
		HASH_FIND(hh, h->entries, &key, sizeof(key), e);
		if (e != NULL)
			service_entry_unlist(e, alarm_timer_now_ms());
	} else {
		e = find_or_add(h, a->ifindex, service, instance, len);
		if (e != NULL)
			service_entry_list(e, alarm_timer_now_ms());
	}
	if (e != NULL)
		browser_touch(h, e);
}

static void
on_ptr(const struct answer *a, void *ctx)
{
	struct browse *b = ctx;

	on_listed(b->browser, b->service, a);
}

static void
browse(struct browser *h)
{
	char name[DNSNAME_LABEL];

	for (size_t i = 0; i < h->options->service_count; i++) {
		struct browse *b = &h->browse[i];

		/*
		 * A new question goes out at once, while Avahi repeats an old
		 * one ever more rarely.
		 */
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
	browser_tell(ctx);
}

void
browser_hear(struct browser *h, int ifindex, const struct dnsscan_hit *hit,
    struct in_addr from)
{
	struct service_entry *e =
	    find_or_add(h, ifindex, hit->service, hit->instance, hit->len);

	if (e == NULL) {
		browser_tell_heard(h, ifindex, hit, from);
		return;
	}
	service_entry_hear(e, hit, from, alarm_timer_now_ms());
	if (!browser_says_all(e, alarm_timer_now_ms()))
		browser_want_to_ask(h, e);
	browser_touch(h, e);
}

void
browser_attach(
    struct browser *h, const struct backend *backend, struct stack *stack)
{
	struct service_entry *e, *next;

	h->backend = backend;
	h->stack = stack;
	browse(h);
	HASH_ITER (hh, h->entries, e, next)
		if (!browser_says_all(e, alarm_timer_now_ms()))
			browser_want_to_ask(h, e);
	browser_wake(h);
}

void
browser_detach(struct browser *h)
{
	struct service_entry *e, *next;

	h->backend = NULL; /* nothing is dropped: the stack ends them all */
	h->stack = NULL;
	for (size_t i = 0; i < OPTIONS_MAX_SERVICES; i++)
		h->browse[i].question = NULL;
	HASH_ITER (hh, h->entries, e, next)
		browser_stop_asking(h, e);
}

void
browser_requery(struct browser *h)
{
	int64_t now = alarm_timer_now_ms();
	struct service_entry *e, *next;

	if (h->backend != NULL)
		browse(h);
	HASH_ITER (hh, h->entries, e, next) {
		if (!browser_says_all(e, now))
			browser_want_to_ask(h, e);
		if (now - e->alive_ms > FORGET_MS && !e->is_leaving)
			service_entry_unlist(e, now);
		browser_touch(h, e);
	}
	browser_wake(h);
}

void
browser_repeat(struct browser *h, const char *part, size_t len)
{
	struct service_entry *e, *next;

	HASH_ITER (hh, h->entries, e, next) {
		if (memmem(e->key.name, e->key.len, part, len) == NULL)
			continue;
		service_entry_repeat(e, alarm_timer_now_ms());
		browser_touch(h, e);
	}
}

void
browser_set_heard(struct browser *h, enum scan_heard heard)
{
	h->heard = heard;
}

enum scan_heard
browser_heard(const struct browser *h)
{
	return h->heard;
}

unsigned
browser_take_refused(struct browser *h)
{
	unsigned n = h->refused;

	h->refused = 0;
	return n;
}

struct browser *
browser_new(
    const AvahiPoll *poll, const struct options *options, struct output *output)
{
	struct browser *h = xcalloc(1, sizeof(*h));

	h->options = options;
	h->output = output;
	h->alarm = alarm_timer_new(poll, on_alarm, h);
	for (size_t i = 0; i < OPTIONS_MAX_SERVICES; i++)
		h->browse[i] = (struct browse){ .browser = h, .service = i };
	return h;
}

void
browser_free(struct browser *h)
{
	struct service_entry *e, *next;

	HASH_ITER (hh, h->entries, e, next)
		browser_remove(h, e);
	alarm_timer_free(h->alarm);
	free(h);
}
