/* SPDX-License-Identifier: ISC */
/*
 * updatename -- which file Tasmota asks for at which try of an upgrade
 * (support_tasmota.ino), and what it makes of an URL.
 */
#ifndef REFLASHD_SIM_UPDATENAME_H
#define REFLASHD_SIM_UPDATENAME_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define UPDATE_URL_SIZE 220

struct update_url {
	struct sockaddr_in server;
	char host[32]; /* with the port, if the URL has one */
	char path[UPDATE_URL_SIZE];
};

/*
 * The URL of a try, the first of which is 1.  minimal: there was not enough
 * space.  False: it gives up.
 */
bool updatename_try(
    char dst[UPDATE_URL_SIZE], const char *url, unsigned try, bool minimal);

/* Plain http and an IPv4 literal: nobody resolves names here. */
bool updatename_parse(struct update_url *, const char *url);

#endif
