/* SPDX-License-Identifier: ISC */
/* Judges the Host, the Origin and the Content-Type of a request. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/http/web_guard.h"

#define MAX_NAME  253
#define HTTP_PORT 80
#define TLS_PORT  443

/* A host and its port, as in Host or in a URL. */
struct place {
	char name[MAX_NAME + 1]; /* in lower case; IPv6 as inet_ntop() says */
	unsigned port;		 /* 0: none is said */
	bool is_ipv6;
};

static bool
is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '.' || c == '_';
}

static bool
copy_name(struct place *place, const char *text, size_t len)
{
	if (len == 0 || len > MAX_NAME)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + 'a' - 'A')
		    : text[i];

		if (!is_of_name(c) && !(place->is_ipv6 && c == ':'))
			return false;
		place->name[i] = c;
	}
	place->name[len] = '\0';
	return true;
}

/* Read "name", "name:port", "[address]" or "[address]:port", and no more. */
static bool
read_place(struct place *place, const char *text)
{
	struct in6_addr in6;
	const char *end;
	uint64_t port;

	place->port = 0;
	place->is_ipv6 = text[0] == '[';
	text += place->is_ipv6;
	end = text + strcspn(text, place->is_ipv6 ? "]" : ":");
	if (!copy_name(place, text, (size_t)(end - text)))
		return false;
	if (place->is_ipv6 &&
	    (*end++ != ']' || inet_pton(AF_INET6, place->name, &in6) != 1 ||
		inet_ntop(AF_INET6, &in6, place->name, sizeof(place->name)) ==
		    NULL))
		return false;
	if (*end == '\0')
		return true;
	if (*end != ':' || !text_number(end + 1, 1, 65535, &port))
		return false;
	place->port = (unsigned)port;
	return true;
}

/* Return true for an address of this machine itself. */
static bool
is_loopback(const struct place *place)
{
	struct in6_addr in6;
	struct in_addr in;

	if (place->is_ipv6)
		return inet_pton(AF_INET6, place->name, &in6) == 1 &&
		    IN6_IS_ADDR_LOOPBACK(&in6);
	return inet_pton(AF_INET, place->name, &in) == 1 &&
	    ntohl(in.s_addr) >> 24 == 127;
}

/* Return true for the address at which the connection has arrived. */
static bool
is_local(const struct place *place, const char *local)
{
	struct in6_addr one6, other6;
	struct in_addr one, other;

	if (local == NULL)
		return false;
	if (place->is_ipv6)
		return inet_pton(AF_INET6, place->name, &one6) == 1 &&
		    inet_pton(AF_INET6, local, &other6) == 1 &&
		    memcmp(&one6, &other6, sizeof(one6)) == 0;
	return inet_pton(AF_INET, place->name, &one) == 1 &&
	    inet_pton(AF_INET, local, &other) == 1 &&
	    one.s_addr == other.s_addr;
}

/* Return true for this machine's name, its first part, or that with .local. */
static bool
is_machine(const struct place *place, const char *machine)
{
	size_t first = strcspn(machine, ".");
	const char *name = place->name;

	if (first == 0 || place->is_ipv6)
		return false;
	if (strcasecmp(name, machine) == 0)
		return true;
	return strncasecmp(name, machine, first) == 0 &&
	    (name[first] == '\0' || strcmp(name + first, ".local") == 0);
}

/* Return true for an entry of AllowedHosts=; port 0 is not looked at. */
static bool
is_allowed(
    const struct web_guard *guard, const struct place *place, unsigned port)
{
	struct place entry;

	for (size_t i = 0; i < guard->allowed->count; i++)
		if (read_place(&entry, guard->allowed->items[i]) &&
		    strcmp(entry.name, place->name) == 0 &&
		    (port == 0 || entry.port == port ||
			(entry.port == 0 &&
			    (port == HTTP_PORT || port == TLS_PORT))))
			return true;
	return false;
}

bool
web_guard_host(
    const struct web_guard *guard, const char *host, const char *local)
{
	struct place place;

	return host != NULL && read_place(&place, host) &&
	    (strcmp(place.name, "localhost") == 0 || is_loopback(&place) ||
		is_local(&place, local) || is_machine(&place, guard->machine) ||
		is_allowed(guard, &place, 0));
}

/* Read "http://host:port" or "https://host:port"; its port is never 0 then. */
static bool
read_origin(struct place *place, const char *origin)
{
	bool is_tls = strncmp(origin, "https://", 8) == 0;

	if (!is_tls && strncmp(origin, "http://", 7) != 0)
		return false;
	if (!read_place(place, origin + (is_tls ? 8 : 7)))
		return false;
	if (place->port == 0)
		place->port = is_tls ? TLS_PORT : HTTP_PORT;
	return true;
}

bool
web_guard_origin(
    const struct web_guard *guard, const char *origin, const char *host)
{
	struct place from, to;
	bool is_tls;

	if (origin == NULL || host == NULL || !read_origin(&from, origin) ||
	    !read_place(&to, host))
		return false;
	is_tls = origin[4] == 's';
	if (to.port == 0)
		to.port = is_tls ? TLS_PORT : HTTP_PORT;
	return (strcmp(from.name, to.name) == 0 && from.port == to.port &&
		   from.is_ipv6 == to.is_ipv6) ||
	    is_allowed(guard, &from, from.port);
}

bool
web_guard_is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t len = sizeof(json) - 1;

	if (type == NULL || strncasecmp(type, json, len) != 0)
		return false;
	type += len;
	type += strspn(type, " \t");
	if (*type == '\0')
		return true;
	if (*type++ != ';')
		return false;
	type += strspn(type, " \t");
	return strcasecmp(type, "charset=utf-8") == 0 ||
	    strcasecmp(type, "charset=\"utf-8\"") == 0;
}
