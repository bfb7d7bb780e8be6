/* SPDX-License-Identifier: ISC */
/*
 * update_name -- the file that Tasmota asks for at each try of an upgrade
 * (support_tasmota.ino), and the URLs that it understands.
 */
#ifndef REFLASHD_SIM_UPDATE_NAME_H
#define REFLASHD_SIM_UPDATE_NAME_H

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
 * Write the URL of a try, from 1; minimal: for want of space; false: no more.
 */
bool update_name_try(
    char dst[UPDATE_URL_SIZE], const char *url, unsigned try, bool minimal);

/* Parse a URL of plain http and an IPv4 address; names are refused. */
bool update_name_parse(struct update_url *, const char *url);

#endif
