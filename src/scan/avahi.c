/* SPDX-License-Identifier: ISC */
/*
 * avahi -- the backend on libavahi-client: avahi-daemon over D-Bus.
 *
 * Each ask and drop is a D-Bus round trip and blocks for 25 s if avahi-daemon
 * is stuck; that is why this is a process of its own.
 */
#include "config.h"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/memory.h"
#include "scan/backend.h"

#define DNS_CLASS_IN 1

struct stack {
	const struct backend_config *config; /* borrowed */
	AvahiClient *client;
	struct question *questions;
	bool is_dead; /* no call more: each may block */
};

struct question {
	struct stack *stack; /* borrowed */
	AvahiRecordBrowser *browser;
	answer_fn *fn;
	void *ctx; /* borrowed */
	struct question *prev, *next;
};

static void
fail(struct stack *s, int why)
{
	if (s->is_dead)
		return;
	s->is_dead = true;
	s->config->failed(avahi_strerror(why), s->config->ctx);
}

/*
 * Watch the state of the client.  The first call comes before
 * avahi_client_new() has returned.
 */
static void
on_state(AvahiClient *client, AvahiClientState state, void *ctx)
{
	/*
	 * A failure of avahi-daemon itself arrives here cast into the client's
	 * states.
	 */
	if (state == AVAHI_CLIENT_FAILURE ||
	    (int)state == (int)AVAHI_SERVER_FAILURE)
		fail(ctx, avahi_client_errno(client));
}

static struct stack *
open_stack(const struct backend_config *config, struct error *err)
{
	struct stack *s = xcalloc(1, sizeof(*s));
	int why;

	s->config = config;
	s->client = avahi_client_new(config->poll, 0, on_state, s, &why);
	if (s->client != NULL)
		return s;
	error_set(err, EIO, "avahi-daemon: %s", avahi_strerror(why));
	free(s);
	return NULL;
}

/*
 * Close the connection before the questions, so that freeing them does not wait
 * for D-Bus.
 */
static void
close_stack(struct stack *s)
{
	struct question *q, *next;

	avahi_client_free(s->client);
	DL_FOREACH_SAFE (s->questions, q, next)
		free(q);
	free(s);
}

static void
on_record(AvahiRecordBrowser *browser, AvahiIfIndex ifindex,
    AvahiProtocol protocol, AvahiBrowserEvent event, const char *name,
    uint16_t class, uint16_t type, const void *rdata, size_t len,
    AvahiLookupResultFlags flags, void *ctx)
{
	struct question *q = ctx;
	const struct answer answer = { .ifindex = ifindex,
		.rdata = rdata,
		.len = len,
		.is_gone = event == AVAHI_BROWSER_REMOVE };

	(void)browser;
	(void)protocol;
	(void)name;
	(void)class;
	(void)type;
	if ((event == AVAHI_BROWSER_NEW || event == AVAHI_BROWSER_REMOVE) &&
	    !(flags &
		(AVAHI_LOOKUP_RESULT_LOCAL | AVAHI_LOOKUP_RESULT_WIDE_AREA)))
		q->fn(&answer, q->ctx);
}

/*
 * Return true if the error ends the whole stack.  A bad name from the network
 * fails only its own question.
 */
static bool
is_fatal(int why)
{
	return why != AVAHI_ERR_INVALID_DOMAIN_NAME &&
	    why != AVAHI_ERR_INVALID_KEY && why != AVAHI_ERR_TOO_MANY_OBJECTS;
}

static struct question *
ask(struct stack *s, int ifindex, const char *name, uint16_t type,
    answer_fn *fn, void *ctx)
{
	struct question *q;
	int why;

	if (s->is_dead || !avahi_is_valid_domain_name(name))
		return NULL;
	q = xcalloc(1, sizeof(*q));
	q->stack = s;
	q->fn = fn;
	q->ctx = ctx;
	q->browser = avahi_record_browser_new(s->client,
	    ifindex == 0 ? AVAHI_IF_UNSPEC : ifindex, AVAHI_PROTO_INET, name,
	    DNS_CLASS_IN, type, AVAHI_LOOKUP_USE_MULTICAST, on_record, q);
	if (q->browser != NULL) {
		DL_APPEND(s->questions, q);
		return q;
	}
	free(q);
	why = avahi_client_errno(s->client);
	if (is_fatal(why))
		fail(s, why);
	return NULL;
}

static void
drop(struct question *q)
{
	int why;

	if (q == NULL || q->stack->is_dead)
		return;
	why = avahi_record_browser_free(q->browser);
	if (why != AVAHI_OK && is_fatal(why))
		fail(q->stack, why);
	DL_DELETE(q->stack->questions, q);
	free(q);
}

const struct backend backend_avahi = {
	.name = "avahi",
	.text = "through avahi-daemon",
	/* avahi-daemon.conf(5) gives a client 1024 objects. */
	.max_questions = 1000,
	.open = open_stack,
	.close = close_stack,
	.ask = ask,
	.drop = drop,
};
