/* SPDX-License-Identifier: ISC */
/*
 * web_config -- the values of web.conf, all of them with a default, for
 * reflash-web and for reflashctl, which makes links to its page.
 */
#ifndef REFLASHD_WEB_CONFIG_H
#define REFLASHD_WEB_CONFIG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/problems.h"
#include "base/strlist.h"
#include "beside/web_link.h"
#include "core/config/option.h"

#define WEB_CONFIG_MAX_LISTEN 8

/* Where to listen: at a path, or at an address. */
struct web_address {
	const char *path; /* borrowed from the configuration; NULL: TCP */
	struct sockaddr_storage tcp;
	socklen_t tcp_size;
	bool is_loopback; /* or a path: nobody else on the network gets there */
};

struct web_config {
	struct strlist listen;	/* as they were written */
	struct strlist allowed; /* names, each with or without a port */
	char *token_file;
	bool insecure_approve;
	char *ingress;		      /* as it was written; NULL: no ingress */
	struct strlist ingress_users; /* names and ids; empty: everybody */

	/* Found by the check. */
	struct web_address addresses[WEB_CONFIG_MAX_LISTEN];
	size_t address_count;
	bool is_standard; /* Listen= is not written anywhere */
	char ingress_address[INET6_ADDRSTRLEN]; /* of Ingress=; "": none */

	struct options options; /* private */
};

/* Return a configuration with all values at their defaults. */
struct web_config *web_config_new(void);
void web_config_free(struct web_config *); /* NULL is fine */

/* Read a text on top of what is there; one call for each drop-in. */
void web_config_parse(struct web_config *, const char *text, size_t len,
    const char *file, struct problems *);

/*
 * Call this once all files are read: it finds the addresses, and reports values
 * that make no sense.
 */
void web_config_check(struct web_config *, struct problems *);

/*
 * Write "http://ADDRESS:PORT" of the first address that is one, yours, with
 * that of this machine for "any address"; NULL: there are only paths.
 */
char *web_config_url(const struct web_config *);

#endif
