/* SPDX-License-Identifier: ISC */
/*
 * The page behind the ingress of Home Assistant: browsers get it below a path
 * of Home Assistant, which has asked them for a login, and hands their requests
 * on.
 *
 * No token is asked for then, as nobody could come by one there.  What stands
 * in its place: the request comes from the address of the Supervisor, which
 * takes the names of persons out of what browsers send and puts in its own; it
 * has looked at the cookie of a session, which a browser sends for the name of
 * Home Assistant alone, so that no other name that leads there gets in; and an
 * order still needs the Origin of the page and JSON, so that no page of another
 * place can have a browser give it.
 */
#include "config.h"

#include <string.h>

#include "web/web_parts.h"

static bool
is_used(const struct web_site *site)
{
	return site->config->ingress_address[0] != '\0';
}

bool
web_ingress_is(const struct web_site *site, const struct web_visit *visit)
{
	return is_used(site) &&
	    strcmp(visit->peer, site->config->ingress_address) == 0;
}

bool
web_ingress_is_passed(
    const struct web_site *site, const struct web_visit *visit)
{
	return is_used(site) && visit->peer[0] != '\0' &&
	    !web_ingress_is(site, visit);
}

/* A proxy in front of Home Assistant may put its own name into Host. */
bool
web_ingress_origin(const struct web_site *site, const struct web_heads *heads)
{
	return web_guard_origin(&site->guard, heads->origin, heads->host) ||
	    web_guard_origin(&site->guard, heads->origin, heads->asked_host);
}

const char *
web_ingress_person(const struct web_heads *heads)
{
	if (heads->person_name != NULL && heads->person_name[0] != '\0')
		return heads->person_name;
	if (heads->person_shown != NULL && heads->person_shown[0] != '\0')
		return heads->person_shown;
	return heads->person_id;
}

static bool
is_named(const struct strlist *users, const char *name)
{
	for (size_t i = 0; name != NULL && i < users->count; i++)
		if (strcmp(users->items[i], name) == 0)
			return true;
	return false;
}

const char *
web_ingress_why_no_orders(
    const struct web_site *site, const struct web_heads *heads)
{
	const struct strlist *users = &site->config->ingress_users;

	if (heads->person_id == NULL || heads->person_id[0] == '\0')
		return "Home Assistant does not say who you are: open the page "
		       "from its sidebar, and update it if that does not help";
	if (users->count == 0 || is_named(users, heads->person_id) ||
	    is_named(users, heads->person_name))
		return NULL;
	return "you are not among those who may give orders: see IngressUsers= "
	       "in web.conf(5), or the option approvers of the add-on";
}
