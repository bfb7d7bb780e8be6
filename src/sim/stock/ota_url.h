/* SPDX-License-Identifier: ISC */
/*
 * ota_url -- the URLs that the download client understands: http, an IPv4
 * address, and at most 60 characters without a second colon.
 */
#ifndef REFLASHD_SIM_OTA_URL_H
#define REFLASHD_SIM_OTA_URL_H

#include <netinet/in.h>
#include <stdbool.h>

#include "base/error.h"

#define OTA_URL_MAX 60

struct ota_url {
	struct sockaddr_in server;
	char host[32]; /* with the port, as in the URL */
	char path[OTA_URL_MAX + 1];
};

bool ota_url_parse(struct ota_url *, const char *url, struct error *);

#endif
