/* SPDX-License-Identifier: ISC */
/* Parses the URL of an image as the downloader of the stock firmware does. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "sim/stock/ota_url.h"

#define SCHEME "http://"

/* Parse "192.168.1.2:8266". */
static bool
parse_host(struct ota_url *u, struct error *err)
{
	char address[sizeof(u->host)];
	char *colon;
	uint64_t port = 80;

	text_copy(address, sizeof(address), u->host);
	colon = strchr(address, ':');
	if (colon != NULL)
		*colon++ = '\0';
	if (colon != NULL && !text_number(colon, 1, 65535, &port))
		return error_set(err, EINVAL, "URL: port %s", colon);
	u->server.sin_family = AF_INET;
	u->server.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, address, &u->server.sin_addr) != 1)
		return error_set(
		    err, EINVAL, "URL: %s is not an IPv4 address", address);
	return true;
}

bool
ota_url_parse(struct ota_url *u, const char *url, struct error *err)
{
	const char *host = url + strlen(SCHEME), *path;

	memset(u, 0, sizeof(*u));
	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0)
		return error_set(
		    err, EINVAL, "URL does not begin with http://");
	if (strlen(url) > OTA_URL_MAX)
		return error_set(err, EINVAL, "URL of %zu characters, not %d",
		    strlen(url), OTA_URL_MAX);
	path = strchr(host, '/');
	if (path == NULL || path[1] == '\0')
		return error_set(err, EINVAL, "URL without a path");
	if ((size_t)(path - host) >= sizeof(u->host))
		return error_set(err, EINVAL, "URL: host too long");
	memcpy(u->host, host, (size_t)(path - host));
	text_copy(u->path, sizeof(u->path), path);
	/* The first colon counts as that of the port. */
	if (strchr(path, ':') != NULL || strchr(path, ' ') != NULL)
		return error_set(
		    err, EINVAL, "URL: colon or blank in the path");
	return parse_host(u, err);
}
