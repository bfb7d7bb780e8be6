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

#include "base/memory.h"
#include "core/mdns/dnsscan.h"
#include "scan/alarm_timer.h"
#include "scan/backend.h"
#include "scan/browser_parts.h"
#include "scan/service_entry.h"

#define TYPE_PTR 12

void
browser_remove(struct browser *b, struct service_entry *e)
{
	browser_stop_asking(b, e);
	browser_untouch(b, e);
	HASH_DEL(b->entries, e);
	b->count[e->key.service]--;
	service_entry_free(e);
}

bool
browser_read_interface(
    const struct browser *b, int ifindex, char name[IF_NAMESIZE])
{
	return if_indextoname((unsigned)ifindex, name) != NULL &&
	    options_allow_interface(b->options, name);
}

static struct service_entry *
find_or_add(struct browser *b, int ifindex, size_t service,
    const void *instance, size_t len)
{
	struct service_entry_key key =
	    service_entry_make_key(ifindex, service, instance, len);
	char interface[IF_NAMESIZE];
	struct service_entry *e;

	HASH_FIND(hh, b->entries, &key, sizeof(key), e);
	if (e != NULL)
		return e;
	if (!browser_read_interface(b, ifindex, interface))
		return NULL;
	/* Services of one type, however many, must leave room for devices. */
	if (b->count[service] >= b->options->max) {
		b->refused++;
		return NULL;
	}
	e = service_entry_new(&key, b->options->services[service], instance,
	    interface, alarm_timer_now_ms());
	e->owner = b;
	HASH_ADD(hh, b->entries, key, sizeof(key), e);
	b->count[service]++;
	browser_want_to_ask(b, e);
	return e;
}

static void
on_listed(struct browser *b, size_t service, const struct answer *a)
{
	char suffix[DNSNAME_LABEL];
	const unsigned char *instance;
	struct dnsname name;
	struct service_entry_key key;
	struct service_entry *e;
	size_t pos = 0, len;

	snprintf(
	    suffix, sizeof(suffix), "%s.local", b->options->services[service]);
	if (!dnsname_read(&name, a->rdata, a->len, &pos) ||
	    !dnsname_is_under(&name, suffix))
		return;
	instance = dnsname_label(&name, 0, &len);
	if (a->is_gone) {
		key =
		    service_entry_make_key(a->ifindex, service, instance, len);
		HASH_FIND(hh, b->entries, &key, sizeof(key), e);
		if (e != NULL)
			service_entry_unlist(e, alarm_timer_now_ms());
	} else {
		e = find_or_add(b, a->ifindex, service, instance, len);
		if (e != NULL)
			service_entry_list(e, alarm_timer_now_ms());
	}
	if (e != NULL)
		browser_touch(b, e);
}

static void
on_ptr(const struct answer *a, void *ctx)
{
	struct browse *browse = ctx;

	on_listed(browse->browser, browse->service, a);
}

static void
ask_for_services(struct browser *b)
{
	char name[DNSNAME_LABEL];

	for (size_t i = 0; i < b->options->service_count; i++) {
		struct browse *browse = &b->browse[i];

		/*
		 * A new question goes out at once, while Avahi repeats an old
		 * one ever more rarely.
		 */
		if (browse->question != NULL)
			b->backend->drop(browse->question);
		snprintf(
		    name, sizeof(name), "%s.local", b->options->services[i]);
		browse->question = b->backend->ask(
		    b->stack, 0, name, TYPE_PTR, on_ptr, browse);
	}
}

static void
on_alarm(void *ctx)
{
	browser_tell(ctx);
}

void
browser_hear(struct browser *b, int ifindex, const struct dnsscan_hit *hit,
    struct in_addr from)
{
	struct service_entry *e =
	    find_or_add(b, ifindex, hit->service, hit->instance, hit->len);

	if (e == NULL) {
		browser_tell_heard(b, ifindex, hit, from);
		return;
	}
	service_entry_hear(e, hit, from, alarm_timer_now_ms());
	if (!browser_says_all(e, alarm_timer_now_ms()))
		browser_want_to_ask(b, e);
	browser_touch(b, e);
}

void
browser_attach(
    struct browser *b, const struct backend *backend, struct stack *stack)
{
	struct service_entry *e, *next;

	b->backend = backend;
	b->stack = stack;
	ask_for_services(b);
	HASH_ITER (hh, b->entries, e, next)
		if (!browser_says_all(e, alarm_timer_now_ms()))
			browser_want_to_ask(b, e);
	browser_wake(b);
}

void
browser_detach(struct browser *b)
{
	struct service_entry *e, *next;

	b->backend = NULL; /* nothing is dropped: the stack ends them all */
	b->stack = NULL;
	for (size_t i = 0; i < OPTIONS_MAX_SERVICES; i++)
		b->browse[i].question = NULL;
	HASH_ITER (hh, b->entries, e, next)
		browser_stop_asking(b, e);
}

void
browser_requery(struct browser *b)
{
	int64_t now = alarm_timer_now_ms();
	struct service_entry *e, *next;

	if (b->backend != NULL)
		ask_for_services(b);
	HASH_ITER (hh, b->entries, e, next) {
		if (!browser_says_all(e, now))
			browser_want_to_ask(b, e);
		if (now - e->alive_ms > FORGET_MS && !e->is_leaving)
			service_entry_unlist(e, now);
		browser_touch(b, e);
	}
	browser_wake(b);
}

void
browser_repeat(struct browser *b, const char *part, size_t len)
{
	struct service_entry *e, *next;

	HASH_ITER (hh, b->entries, e, next) {
		if (memmem(e->key.name, e->key.len, part, len) == NULL)
			continue;
		service_entry_repeat(e, alarm_timer_now_ms());
		browser_touch(b, e);
	}
}

void
browser_set_heard(struct browser *b, enum scan_heard heard)
{
	b->heard = heard;
}

enum scan_heard
browser_heard(const struct browser *b)
{
	return b->heard;
}

unsigned
browser_take_refused(struct browser *b)
{
	unsigned n = b->refused;

	b->refused = 0;
	return n;
}

struct browser *
browser_new(
    const AvahiPoll *poll, const struct options *options, struct output *output)
{
	struct browser *b = xcalloc(1, sizeof(*b));

	b->options = options;
	b->output = output;
	b->alarm = alarm_timer_new(poll, on_alarm, b);
	for (size_t i = 0; i < OPTIONS_MAX_SERVICES; i++)
		b->browse[i] = (struct browse){ .browser = b, .service = i };
	return b;
}

void
browser_free(struct browser *b)
{
	struct service_entry *e, *next;

	HASH_ITER (hh, b->entries, e, next)
		browser_remove(b, e);
	alarm_timer_free(b->alarm);
	free(b);
}
