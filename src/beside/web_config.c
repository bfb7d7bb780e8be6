/* SPDX-License-Identifier: ISC */
/* Reads and checks web.conf: its keys, their limits and defaults. */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "beside/web_config.h"
#include "core/config/value.h"

#define MAX_PATH 100 /* a path of a Unix socket has 107 bytes */
#define MAX_NAME 253

/* clang-format off */
#define WEB_OPTIONS(X) \
	X("Server", "Listen", listen, value_words, MAX_PATH, \
	    RUNSTATEDIR "/reflash-web/web.sock 127.0.0.1:8267", \
	    "where the page is: ADDRESS:PORT, [ADDRESS]:PORT for IPv6, or the path of a socket; not used where systemd opens the sockets") \
	X("Server", "AllowedHosts", allowed, value_words, MAX_NAME, \
	    "", \
	    "names by which browsers may ask for the page, besides localhost, the name of this machine and its addresses; with a port unless it is 80 or 443") \
	X("Server", "TokenFile", token_file, value_path, MAX_PATH * 10, \
	    SYSCONFDIR "/reflashd/web.token", \
	    "a file whose first line lets whoever knows it give orders; without the file the page only shows") \
	X("Server", "InsecureApprove", insecure_approve, value_bool, 0, \
	    "no", \
	    "whether orders are also taken over the network without encryption, where others can read the token") \
	X("Server", "Ingress", ingress, value_text, INET6_ADDRSTRLEN, \
	    "", \
	    "the address from which Home Assistant's ingress connects; only it may connect by TCP then, and whom it names may give orders without a token") \
	X("Server", "IngressUsers", ingress_users, value_words, MAX_NAME, \
	    "", \
	    "the names or ids of those in Home Assistant who may give orders; empty means all whom it lets in")

static const struct option items[] = {
#define X(sect, name, member, kind, limit, def, text) \
	{ .section = sect, .key = name, .type = &kind, \
	  .offset = offsetof(struct web_config, member), .max = limit, \
	  .standard = def, .help = text },
	WEB_OPTIONS(X)
#undef X
};
/* clang-format on */

static const struct option_table table = { items,
	sizeof(items) / sizeof(items[0]) };

struct web_config *
web_config_new(void)
{
	struct web_config *config = xcalloc(1, sizeof(*config));

	options_init(&config->options, &table, config);
	return config;
}

void
web_config_free(struct web_config *config)
{
	if (config == NULL)
		return;
	options_fini(&config->options);
	free(config);
}

void
web_config_parse(struct web_config *config, const char *text, size_t len,
    const char *file, struct problems *problems)
{
	options_parse(&config->options, text, len, file, problems);
}

/* Add "file:line: Key=value: sentence"; without a place for a default. */
static void
complain(struct web_config *config, const char *key, const char *value,
    const char *sentence, struct problems *problems)
{
	const char *at = options_origin(&config->options, "Server", key);

	problems_add(problems, "%s%s%s=%s: %s", at != NULL ? at : "",
	    at != NULL ? ": " : "", key, value, sentence);
}

static bool
read_ipv4(const char *host, unsigned port, struct web_address *out)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)(void *)&out->tcp;

	if (inet_pton(AF_INET, host, &sin->sin_addr) != 1)
		return false;
	sin->sin_family = AF_INET;
	sin->sin_port = htons((uint16_t)port);
	out->tcp_size = sizeof(*sin);
	out->is_loopback = ntohl(sin->sin_addr.s_addr) >> 24 == 127;
	return true;
}

static bool
read_ipv6(const char *host, unsigned port, struct web_address *out)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)(void *)&out->tcp;

	if (inet_pton(AF_INET6, host, &sin6->sin6_addr) != 1)
		return false;
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons((uint16_t)port);
	out->tcp_size = sizeof(*sin6);
	out->is_loopback = IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
	return true;
}

/* Read "ADDRESS:PORT" or "[ADDRESS]:PORT". */
static bool
read_tcp(const char *text, struct web_address *out)
{
	const char *colon = strrchr(text, ':');
	bool is_ipv6 = text[0] == '[';
	uint64_t port;
	char *host;
	bool ok;

	if (colon == NULL || !text_number(colon + 1, 1, 65535, &port) ||
	    (is_ipv6 && colon[-1] != ']'))
		return false;
	host = is_ipv6 ? xstrndup(text + 1, (size_t)(colon - text) - 2)
		       : xstrndup(text, (size_t)(colon - text));
	ok = is_ipv6 ? read_ipv6(host, (unsigned)port, out)
		     : read_ipv4(host, (unsigned)port, out);
	free(host);
	return ok;
}

static void
check_listen(
    struct web_config *config, const char *text, struct problems *problems)
{
	struct web_address *out = &config->addresses[config->address_count];

	if (config->address_count == WEB_CONFIG_MAX_LISTEN) {
		complain(config, "Listen", text,
		    "that is more than eight; leave some out", problems);
		return;
	}
	*out = (struct web_address){ 0 };
	if (text[0] == '/') {
		out->path = text;
		out->is_loopback = true;
	} else if (!read_tcp(text, out)) {
		complain(config, "Listen", text,
		    "write an address and a port, as in 127.0.0.1:8267 or "
		    "[::1]:8267, or the path of a socket",
		    problems);
		return;
	}
	config->address_count++;
}

/* Return true for an IPv6 address of this length. */
static bool
is_ipv6(const char *text, size_t len)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	return inet_pton(AF_INET6, address, &in6) == 1;
}

/* Return true for a name or an address, with or without a port. */
static bool
is_host(const char *text)
{
	const char *end = text[0] == '[' ? strchr(text, ']') : text;
	const char *colon = end != NULL ? strrchr(end, ':') : NULL;
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	uint64_t port;

	if (colon != NULL && !text_number(colon + 1, 1, 65535, &port))
		return false;
	if (text[0] == '[')
		return len > 2 && text[len - 1] == ']' &&
		    is_ipv6(text + 1, len - 2);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' &&
		    text[i] != '.' && text[i] != '_')
			return false;
	return len > 0;
}

/* Write an address as web_server writes those of browsers. */
static bool
write_address(const char *text, char *dst)
{
	struct in6_addr in6;
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) == 1)
		return inet_ntop(AF_INET, &in, dst, INET6_ADDRSTRLEN) != NULL;
	return inet_pton(AF_INET6, text, &in6) == 1 &&
	    inet_ntop(AF_INET6, &in6, dst, INET6_ADDRSTRLEN) != NULL;
}

static void
check_ingress(struct web_config *config, struct problems *problems)
{
	config->ingress_address[0] = '\0';
	if (config->ingress != NULL &&
	    !write_address(config->ingress, config->ingress_address))
		complain(config, "Ingress", config->ingress,
		    "write the address of Home Assistant's Supervisor, which "
		    "is "
		    "172.30.32.2",
		    problems);
	else if (config->ingress == NULL && config->ingress_users.count > 0)
		complain(config, "IngressUsers", config->ingress_users.items[0],
		    "it has no effect without Ingress=", problems);
}

void
web_config_check(struct web_config *config, struct problems *problems)
{
	check_ingress(config, problems);
	config->is_standard =
	    options_origin(&config->options, "Server", "Listen") == NULL;
	config->address_count = 0;
	for (size_t i = 0; i < config->listen.count; i++)
		check_listen(config, config->listen.items[i], problems);
	for (size_t i = 0; i < config->allowed.count; i++)
		if (!is_host(config->allowed.items[i]))
			complain(config, "AllowedHosts",
			    config->allowed.items[i],
			    "write a name or an address, as in page.example, "
			    "page.example:8443 or [fd00::1], without http:// "
			    "and path",
			    problems);
}

/* Return where a browser on this machine finds it, yours. */
static char *
url_of(const struct web_address *at, const char *text)
{
	const struct sockaddr_in6 *sin6 = (const void *)&at->tcp;
	const struct sockaddr_in *sin = (const void *)&at->tcp;

	if (at->tcp.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr))
		return xasprintf("http://[::1]:%u", ntohs(sin6->sin6_port));
	if (at->tcp.ss_family == AF_INET &&
	    sin->sin_addr.s_addr == htonl(INADDR_ANY))
		return xasprintf("http://127.0.0.1:%u", ntohs(sin->sin_port));
	return xasprintf("http://%s", text);
}

char *
web_config_url(const struct web_config *config)
{
	for (size_t i = 0; i < config->address_count; i++)
		if (config->addresses[i].path == NULL)
			return url_of(
			    &config->addresses[i], config->listen.items[i]);
	return NULL;
}
