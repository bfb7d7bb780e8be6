/* SPDX-License-Identifier: ISC */
/* Judges each request, and hands it to whoever answers it. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/timer.h"
#include "web/http/web_reply.h"
#include "web/web_parts.h"
#include "web/web_site.h"

/* Questions and orders that may be under way to the daemon. */
#define MAX_ASKED 16

struct route {
	const char *path;
	bool is_order;
	bool has_id; /* takes ?id= */
	web_handler *handler;
};

static web_handler begin_events, tell_session, log_in;

static const struct route routes[] = {
	{ "/", false, false, web_page_index },
	{ "/page.css", false, false, web_page_file },
	{ "/page.js", false, false, web_page_file },
	{ "/views.js", false, false, web_page_file },
	{ "/orders.js", false, false, web_page_file },
	{ "/icon.svg", false, false, web_page_file },
	{ "/metrics", false, false, web_list_metrics },
	{ "/api/v1/devices", false, false, web_list_devices },
	{ "/api/v1/status", false, false, web_list_status },
	{ "/api/v1/plan", false, true, web_list_plan },
	{ "/api/v1/history", false, true, web_list_history },
	{ "/api/v1/policies", false, false, web_list_policies },
	{ "/api/v1/events", false, false, begin_events },
	{ "/api/v1/session", false, false, tell_session },
	{ "/api/v1/approve", true, false, web_order_approve },
	{ "/api/v1/flash", true, false, web_order_flash },
	{ "/api/v1/retry", true, false, web_order_retry },
	{ "/api/v1/cancel", true, false, web_order_cancel },
	{ "/api/v1/pause", true, false, web_order_pause },
	{ "/api/v1/resume", true, false, web_order_resume },
	{ "/api/v1/login", true, false, log_in },
};

bool
web_site_may_ask(struct web_site *site, struct web_visit *visit)
{
	if (site->asked < MAX_ASKED)
		return true;
	web_reply_header(visit, "Retry-After", "1");
	web_reply_refuse(visit, 503, "EBUSY",
	    "too many questions are under way; try again in a moment");
	return false;
}

void
web_site_no_daemon(struct web_visit *visit)
{
	web_reply_header(visit, "Retry-After", "5");
	web_reply_refuse(visit, 503, "ENOTCONN",
	    "the daemon does not answer; look at: systemctl status reflashd");
}

static void
begin_events(struct web_site *site, const struct web_asked *asked)
{
	if (evhttp_request_get_command(asked->visit->request) ==
	    EVHTTP_REQ_HEAD) {
		web_reply_header(asked->visit, "Allow", "GET");
		web_reply_refuse(asked->visit, 405, "EINVAL",
		    "a stream has no head of its own");
		return;
	}
	if (!web_server_may_stream(site->server, asked->visit)) {
		web_reply_header(asked->visit, "Retry-After", "30");
		web_reply_refuse(asked->visit, 503, "EBUSY",
		    "too many pages are open already; close one of them");
		return;
	}
	web_events_begin(site->events, asked->visit);
	site->is_status_old = true;
	timer_set(site->ask_status, 0);
}

/* Return why nobody may give orders over this connection; NULL: one may. */
static const char *
why_no_orders(const struct web_site *site, const struct web_visit *visit)
{
	struct error err;

	if (!visit->is_near && !site->config->insecure_approve)
		return "orders are not taken over the network without "
		       "encryption: open the page on the machine itself or "
		       "through a tunnel, or put a server with TLS in front; "
		       "see InsecureApprove= in web.conf(5)";
	if (!web_tokens_are_there(site->tokens, &err))
		return "there is no token on this machine that orders could be "
		       "given with; to make one: sudo reflashctl web";
	return NULL;
}

/* Tell whether orders may be given with the token that came. */
static void
tell_session(struct web_site *site, const struct web_asked *asked)
{
	const char *why = asked->is_ingress
	    ? web_ingress_why_no_orders(site, asked->heads)
	    : why_no_orders(site, asked->visit);
	bool may = why == NULL &&
	    (asked->is_ingress ||
		web_tokens_look(site->tokens, asked->authorization,
		    time(NULL)) == WEB_TOKENS_GOOD);

	if (why == NULL && !may)
		why = "to give orders, open the link that this prints: sudo "
		      "reflashctl web";
	web_reply_json(asked->visit, 200,
	    json_pack("{s:i, s:b, s:s?, s:s}", "format", 1, "orders", (int)may,
		"why", may ? NULL : why, "version", PACKAGE_VERSION));
}

/* Exchange the code of a link, or the token, for a token of a session. */
static void
log_in(struct web_site *site, const struct web_asked *asked)
{
	const char *token = web_tokens_begin(site->tokens, time(NULL));

	if (token == NULL) {
		web_reply_refuse(
		    asked->visit, 503, "EIO", "no random numbers to be had");
		return;
	}
	log_info("web: a browser at %s may give orders now, for %d hours",
	    asked->visit->peer[0] != '\0' ? asked->visit->peer
					  : "the Unix socket",
	    WEB_TOKENS_SESSION_S / 3600);
	web_reply_json(asked->visit, 200,
	    json_pack("{s:b, s:s, s:i}", "ok", 1, "token", token, "seconds",
		WEB_TOKENS_SESSION_S));
}

/*
 * Read the headers, those of ingress only behind it; false: one is there twice,
 * or there is no Host.
 */
static bool
read_heads(
    struct evhttp_request *request, bool is_ingress, struct web_heads *heads)
{
	struct {
		const char *name;
		const char **value;
	} wanted[] = {
		{ "Host", &heads->host },
		{ "Origin", &heads->origin },
		{ "Content-Type", &heads->type },
		{ "Authorization", &heads->authorization },
		{ "Sec-Fetch-Site", &heads->site },
		{ "X-Remote-User", &heads->user },
		{ "X-Forwarded-Host", &heads->asked_host },
		{ "X-Remote-User-Id", &heads->person_id },
		{ "X-Remote-User-Name", &heads->person_name },
		{ "X-Remote-User-Display-Name", &heads->person_shown },
	};
	size_t count =
	    sizeof(wanted) / sizeof(wanted[0]) - (is_ingress ? 0 : 4);
	struct evkeyval *header;

	*heads = (struct web_heads){ 0 };
	TAILQ_FOREACH (
	    header, evhttp_request_get_input_headers(request), next) {
		for (size_t i = 0; i < count; i++) {
			if (strcasecmp(header->key, wanted[i].name) != 0)
				continue;
			if (*wanted[i].value != NULL)
				return false;
			*wanted[i].value = header->value;
		}
	}
	return heads->host != NULL;
}

static const struct route *
find_route(const char *uri, size_t len)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strlen(routes[i].path) == len &&
		    memcmp(routes[i].path, uri, len) == 0)
			return &routes[i];
	return NULL;
}

/* Read "?id=ID"; false: something else is asked for. */
static bool
read_query(const struct route *route, const char *query, char *id)
{
	size_t len = strlen(query);

	id[0] = '\0';
	if (len == 0 || !route->has_id)
		return true;
	if (strncmp(query, "?id=", 4) != 0 || len < 5 ||
	    strspn(query + 4, "0123456789abcdef") != len - 4)
		return false;
	return text_copy(id, WEB_ID_SIZE, query + 4);
}

static bool
is_our_origin(const struct web_site *site, const struct web_visit *visit,
    const struct web_heads *heads)
{
	return web_ingress_is(site, visit)
	    ? web_ingress_origin(site, heads)
	    : web_guard_origin(&site->guard, heads->origin, heads->host);
}

/* Refuse an order that is not from our page; true: it is. */
static bool
is_from_our_page(const struct web_site *site, struct web_visit *visit,
    const struct web_heads *heads)
{
	if (!is_our_origin(site, visit, heads) ||
	    (heads->site != NULL && strcmp(heads->site, "same-origin") != 0)) {
		web_reply_refuse(visit, 403, "EPERM",
		    "an order must come from this page itself: its Origin is "
		    "missing or foreign");
		return false;
	}
	if (!web_guard_is_json(heads->type)) {
		web_reply_refuse(visit, 415, "EINVAL",
		    "an order must be of the type application/json");
		return false;
	}
	return true;
}

/* Tell of a wrong token; the tries are counted, so that this is not often. */
static void
log_wrong_token(const struct web_visit *visit)
{
	log_warning("web: %s has sent a wrong token, or one that has ended",
	    visit->peer[0] != '\0' ? visit->peer : "a program on the socket");
}

/* Refuse an order of a person who may not; true: Home Assistant names one. */
static bool
has_person(const struct web_site *site, struct web_visit *visit,
    const struct web_heads *heads)
{
	const char *why = web_ingress_why_no_orders(site, heads);

	if (why != NULL)
		web_reply_refuse(visit, 403, "EPERM", why);
	return why == NULL;
}

/* Refuse an order that comes without the right token; true: it has it. */
static bool
has_token(const struct web_site *site, struct web_visit *visit,
    const struct web_heads *heads)
{
	const char *why = why_no_orders(site, visit);

	if (why != NULL && !visit->is_near) {
		web_reply_refuse(visit, 403, "EPERM", why);
		return false;
	}
	switch (
	    web_tokens_check(site->tokens, heads->authorization, time(NULL))) {
	case WEB_TOKENS_GOOD:
		return true;
	case WEB_TOKENS_TOO_MANY:
		web_reply_header(visit, "Retry-After", "60");
		web_reply_refuse(visit, 429, "EAGAIN",
		    "too many wrong tokens; wait a minute");
		return false;
	case WEB_TOKENS_WRONG:
		if (heads->authorization != NULL)
			log_wrong_token(visit);
		break;
	case WEB_TOKENS_NONE:
		break;
	}
	web_reply_header(visit, "WWW-Authenticate", "Bearer");
	web_reply_refuse(visit, 401, "EPERM",
	    why != NULL ? why
			: "an order needs a token; open the link that this "
			  "prints: sudo reflashctl web");
	return false;
}

/* Read the body of an order, a JSON object, yours; NULL: it was refused. */
static json_t *
read_body(struct web_visit *visit)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(visit->request);
	size_t len = evbuffer_get_length(in);
	json_error_t why;
	json_t *body = len == 0 ? json_object()
				: json_loadb((char *)evbuffer_pullup(in, -1),
				      len, JSON_REJECT_DUPLICATES, &why);

	if (json_is_object(body))
		return body;
	json_decref(body);
	web_reply_refuse(visit, 400, "EINVAL",
	    "the body of an order must be a small JSON object");
	return NULL;
}

static void
take_order(struct web_site *site, const struct route *route,
    const struct web_heads *heads, struct web_asked *asked)
{
	if (!is_from_our_page(site, asked->visit, heads) ||
	    !(asked->is_ingress ? has_person(site, asked->visit, heads)
				: has_token(site, asked->visit, heads)))
		return;
	asked->body = read_body(asked->visit);
	if (asked->body != NULL)
		route->handler(site, asked);
	json_decref(asked->body);
}

/* Refuse a method that the path has not; true: it has. */
static bool
is_method(const struct route *route, struct web_visit *visit)
{
	enum evhttp_cmd_type method =
	    evhttp_request_get_command(visit->request);

	if (route->is_order
		? method == EVHTTP_REQ_POST
		: (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD))
		return true;
	web_reply_header(
	    visit, "Allow", route->is_order ? "POST" : "GET, HEAD");
	web_reply_refuse(visit, 405, "EINVAL",
	    route->is_order ? "an order is given by POST"
			    : "this can only be read, by GET");
	return false;
}

/* Hand a request to whoever answers it, if it is one for this page. */
static void
answer(struct web_site *site, struct web_visit *visit,
    const struct web_heads *heads)
{
	const char *uri = evhttp_request_get_uri(visit->request);
	size_t len = strcspn(uri, "?");
	const struct route *route = find_route(uri, len);
	struct web_asked asked = {
		.visit = visit,
		.heads = heads,
		.authorization = heads->authorization,
		.user = visit->peer[0] == '\0' ? heads->user : NULL,
		.is_ingress = web_ingress_is(site, visit),
	};

	if (asked.is_ingress)
		asked.user = web_ingress_person(heads);
	if (route != NULL)
		asked.path = route->path;
	if (route == NULL || !read_query(route, uri + len, asked.id))
		web_reply_refuse(
		    visit, 404, "ENOENT", "there is nothing at this path");
	else if (!is_method(route, visit))
		return;
	else if (route->is_order)
		take_order(site, route, heads, &asked);
	else if (heads->origin != NULL && !is_our_origin(site, visit, heads))
		web_reply_refuse(visit, 403, "EPERM",
		    "this is not for pages of other places");
	else
		route->handler(site, &asked);
}

static void
on_request(struct web_visit *visit, void *ctx)
{
	struct web_site *site = ctx;
	struct web_heads heads;

	visit->may_be_framed = web_ingress_is(site, visit);
	/* The Supervisor is on this machine, and stands for many browsers. */
	visit->is_near = visit->is_near || visit->may_be_framed;
	if (!read_heads(visit->request, visit->may_be_framed, &heads))
		web_reply_refuse(visit, 400, "EINVAL",
		    "the request has no Host, or a header twice");
	else if (web_ingress_is_passed(site, visit))
		web_reply_refuse(visit, 403, "EPERM",
		    "this page is only for Home Assistant: open it there");
	else if (!visit->may_be_framed &&
	    !web_guard_host(&site->guard, heads.host,
		visit->local[0] != '\0' ? visit->local : NULL))
		web_reply_refuse(visit, 421, "EPERM",
		    "this name is not one of this page; to allow it, write it "
		    "into AllowedHosts= of web.conf");
	else
		answer(site, visit, &heads);
}

static const struct web_server_ops server_ops = { .request = on_request };

struct web_site *
web_site_new(struct event_base *base, const struct web_config *config,
    const char *machine, const char *control_path)
{
	struct web_site *site = xcalloc(1, sizeof(*site));

	site->config = config;
	site->guard.allowed = &config->allowed;
	site->guard.machine = machine;
	site->tokens = web_tokens_new(config->token_file);
	site->devices = web_devices_new();
	site->events = web_events_new(base, site->devices);
	site->ask_status = timer_new(base, web_feed_ask_status, site);
	site->server = web_server_new(base, &server_ops, site);
	site->link = daemon_link_new(base, control_path, &web_feed_ops, site);
	return site;
}

void
web_site_free(struct web_site *site)
{
	if (site == NULL)
		return;
	daemon_link_free(site->link); /* answers what is under way */
	web_server_free(site->server);
	timer_free(site->ask_status);
	web_events_free(site->events);
	web_devices_free(site->devices);
	web_tokens_free(site->tokens);
	free(site);
}

void
web_site_listen(struct web_site *site, int fd)
{
	web_server_listen(site->server, fd);
}
