/* SPDX-License-Identifier: ISC */
/*
 * embedded -- the backend on libavahi-core, an mDNS stack within this process,
 * for machines without avahi-daemon.
 */
#include "config.h"

#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/memory.h"
#include "scan/backend.h"
#include "scan/options.h"

/*
 * How many records a service has in the cache: PTR, SRV, TXT and A, four times
 * over.  A full cache takes no new record even of a known service, so the
 * services that are refused must fit, too.
 */
#define RECORDS_PER_SERVICE 16

#define MAX_RDATA 9000 /* an mDNS packet: RFC 6762 17 */

struct stack {
	const struct backend_config *config; /* borrowed */
	AvahiServer *server;
	struct question *questions;
};

struct question {
	struct stack *stack; /* borrowed */
	AvahiSRecordBrowser *browser;
	answer_fn *fn;
	void *ctx; /* borrowed */
	struct question *prev, *next;
};

/*
 * Drop what Avahi logs about each bad packet: it only helps to debug the
 * network.
 */
static void
on_log(AvahiLogLevel level, const char *text)
{
	(void)level;
	(void)text;
}

static void
on_state(AvahiServer *server, AvahiServerState state, void *ctx)
{
	struct stack *s = ctx;

	if (state == AVAHI_SERVER_FAILURE)
		s->config->failed(
		    avahi_strerror(avahi_server_errno(server)), s->config->ctx);
}

/*
 * Configure a stack that only asks.  It shares port 5353 with other stacks
 * (disallow_other_stacks is off): otherwise it would keep avahi-daemon from
 * starting.
 */
static void
configure(AvahiServerConfig *c, const struct options *o)
{
	avahi_server_config_init(c);
	c->use_ipv6 = 0;
	c->disable_publishing = 1;
	c->publish_hinfo = c->publish_addresses = 0;
	c->publish_workstation = c->publish_domain = 0;
	c->enable_wide_area = 0;
	c->n_cache_entries_max = o->max * RECORDS_PER_SERVICE;
	for (size_t i = 0; i < o->interface_count; i++)
		c->allow_interfaces = avahi_string_list_add(
		    c->allow_interfaces, o->interfaces[i]);
}

static struct stack *
open_stack(const struct backend_config *config, struct error *err)
{
	struct stack *s = xcalloc(1, sizeof(*s));
	AvahiServerConfig c;
	int why;

	s->config = config;
	avahi_set_log_function(on_log);
	configure(&c, config->options);
	s->server = avahi_server_new(config->poll, &c, on_state, s, &why);
	avahi_server_config_free(&c);
	if (s->server != NULL)
		return s;
	error_set(err, EIO, "embedded mDNS stack: %s", avahi_strerror(why));
	free(s);
	return NULL;
}

static void
close_stack(struct stack *s)
{
	struct question *q, *next;

	avahi_server_free(s->server);
	DL_FOREACH_SAFE (s->questions, q, next)
		free(q);
	free(s);
}

static void
on_record(AvahiSRecordBrowser *browser, AvahiIfIndex ifindex,
    AvahiProtocol protocol, AvahiBrowserEvent event, AvahiRecord *record,
    AvahiLookupResultFlags flags, void *ctx)
{
	struct question *q = ctx;
	unsigned char rdata[MAX_RDATA];
	struct answer answer = { .ifindex = ifindex,
		.rdata = rdata,
		.is_gone = event == AVAHI_BROWSER_REMOVE };

	(void)browser;
	(void)protocol;
	if ((event != AVAHI_BROWSER_NEW && event != AVAHI_BROWSER_REMOVE) ||
	    (flags & AVAHI_LOOKUP_RESULT_LOCAL))
		return;
	answer.len = avahi_rdata_serialize(record, rdata, sizeof(rdata));
	if (answer.len != (size_t)-1)
		q->fn(&answer, q->ctx);
}

static struct question *
ask(struct stack *s, int ifindex, const char *name, uint16_t type,
    answer_fn *fn, void *ctx)
{
	struct question *q;
	AvahiKey *key;

	if (!avahi_is_valid_domain_name(name))
		return NULL;
	q = xcalloc(1, sizeof(*q));
	q->stack = s;
	q->fn = fn;
	q->ctx = ctx;
	key = avahi_key_new(name, AVAHI_DNS_CLASS_IN, type);
	if (key != NULL) {
		q->browser = avahi_s_record_browser_new(s->server,
		    ifindex == 0 ? AVAHI_IF_UNSPEC : ifindex, AVAHI_PROTO_INET,
		    key, AVAHI_LOOKUP_USE_MULTICAST, on_record, q);
		avahi_key_unref(key);
	}
	if (q->browser == NULL) {
		free(q);
		return NULL;
	}
	DL_APPEND(s->questions, q);
	return q;
}

static void
drop(struct question *q)
{
	if (q == NULL)
		return;
	avahi_s_record_browser_free(q->browser);
	DL_DELETE(q->stack->questions, q);
	free(q);
}

const struct backend backend_embedded = {
	.name = "embedded",
	.text = "with the embedded mDNS stack",
	.max_questions = 1000000,
	.open = open_stack,
	.close = close_stack,
	.ask = ask,
	.drop = drop,
};
