/* SPDX-License-Identifier: ISC */
/* Names the file that Tasmota asks for at each try, and parses its URL. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/tasmota/update_name.h"

#define SCHEME	 "http://"
#define TRIES	 9 /* OTA_ATTEMPTS is 10, and counted down first */
#define TRIES_GZ 6
#define FIRST_GZ 6

/* tasmota-DE.bin.gz becomes tasmota-minimal.bin.gz. */
static bool
name_minimal(char dst[UPDATE_URL_SIZE], const char *url)
{
	const char *name = strrchr(url, '/');
	const char *type, *cut;

	name = name != NULL ? name : url;
	type = strchr(name, '.');
	if (type == NULL)
		type = name + strlen(name);
	cut = memrchr(name, '-', (size_t)(type - name));
	if (cut == NULL)
		cut = type;
	return snprintf(dst, UPDATE_URL_SIZE, "%.*s-minimal%s",
		   (int)(cut - url), url, type) < UPDATE_URL_SIZE;
}

bool
update_name_try(
    char dst[UPDATE_URL_SIZE], const char *url, unsigned try, bool minimal)
{
	bool packed = strstr(url, ".gz") != NULL;

	if (try > (packed ? TRIES_GZ : TRIES))
		return false;
	if (minimal)
		return name_minimal(dst, url);
	return snprintf(dst, UPDATE_URL_SIZE, "%s%s", url,
		   !packed && try >= FIRST_GZ ? ".gz" : "") < UPDATE_URL_SIZE;
}

bool
update_name_parse(struct update_url *u, const char *url)
{
	char address[sizeof(u->host)], *colon;
	const char *host;
	uint64_t port = 80;
	size_t len;

	memset(u, 0, sizeof(*u));
	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0)
		return false;
	host = url + strlen(SCHEME);
	len = strcspn(host, "/");
	if (host[len] != '/' || len >= sizeof(u->host) ||
	    !text_copy(u->path, sizeof(u->path), host + len))
		return false;
	memcpy(u->host, host, len);
	text_copy(address, sizeof(address), u->host);
	colon = strchr(address, ':');
	if (colon != NULL)
		*colon++ = '\0';
	if (colon != NULL && !text_number(colon, 1, 65535, &port))
		return false;
	u->server.sin_family = AF_INET;
	u->server.sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, address, &u->server.sin_addr) == 1;
}
