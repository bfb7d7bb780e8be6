/* SPDX-License-Identifier: ISC */
/*
 * web_parts -- what the files of the site share.
 *
 *	web_site.c	paths, and who may ask
 *	web_feed.c	what the daemon tells
 *	web_lists.c	questions
 *	web_orders.c	orders
 *	web_page.c	the page itself
 *	web_ingress.c	the page behind Home Assistant
 */
#ifndef REFLASHD_WEB_PARTS_H
#define REFLASHD_WEB_PARTS_H

#include <jansson.h>

#include "beside/daemon_link.h"
#include "beside/web_config.h"
#include "web/http/web_guard.h"
#include "web/http/web_server.h"
#include "web/http/web_tokens.h"
#include "web/web_devices.h"
#include "web/web_events.h"

#define WEB_ID_SIZE 32

struct web_site {
	const struct web_config *config; /* borrowed */
	struct web_guard guard;
	struct web_tokens *tokens;
	struct web_server *server;
	struct daemon_link *link;
	struct web_devices *devices;
	struct web_events *events;
	struct timer *ask_status;
	bool is_status_asked; /* an answer is to come */
	bool is_status_old;   /* something has changed since */
	unsigned asked;	      /* lists and orders that are under way */
};

/* The headers that are looked at; each may be there once. */
struct web_heads {
	const char *host, *origin, *type, *authorization, *site, *user;
	/* Those that ingress adds. */
	const char *asked_host, *person_id, *person_name, *person_shown;
};

/* A request, as far as it was found good. */
struct web_asked {
	struct web_visit *visit;
	const struct web_heads *heads; /* borrowed */
	const char *authorization; /* borrowed, as is the next; NULL: none */
	const char *user;	   /* whom the proxy names; NULL: nobody */
	bool is_ingress;	   /* the proxy is that of Home Assistant */
	const char *path;	   /* constant */
	char id[WEB_ID_SIZE];	   /* of ?id=; "" */
	json_t *body;		   /* borrowed; of an order */
};

typedef void web_handler(struct web_site *, const struct web_asked *);

web_handler web_list_devices, web_list_status, web_list_plan, web_list_history,
    web_list_policies, web_list_metrics;
web_handler web_order_approve, web_order_flash, web_order_retry,
    web_order_cancel, web_order_pause, web_order_resume;
web_handler web_page_index, web_page_file;

/*
 * Return true if another question may be under way to the daemon; otherwise the
 * request was answered.
 */
bool web_site_may_ask(struct web_site *, struct web_visit *);

/* Answer that the daemon is away. */
void web_site_no_daemon(struct web_visit *);

/* Return true for a request that comes through Home Assistant's ingress. */
bool web_ingress_is(const struct web_site *, const struct web_visit *);

/* Return true for one that has come to the page of an ingress past it. */
bool web_ingress_is_passed(const struct web_site *, const struct web_visit *);

/* Return true if the Origin is that of the page, as the browser has it. */
bool web_ingress_origin(const struct web_site *, const struct web_heads *);

/* Return the name of the person that Home Assistant has let in; NULL: none. */
const char *web_ingress_person(const struct web_heads *);

/* Return why the person may give no orders; NULL: it may. */
const char *
web_ingress_why_no_orders(const struct web_site *, const struct web_heads *);

/* What the daemon tells; the context is the site. */
extern const struct daemon_link_ops web_feed_ops;

/* Ask for the status, if a page shows it and it may be another now. */
void web_feed_ask_status(void *site);

/* Make the document of a status out of the daemon's reply; a new object. */
json_t *web_list_status_of(const json_t *reply);

#endif
