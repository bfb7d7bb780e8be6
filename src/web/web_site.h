/* SPDX-License-Identifier: ISC */
/*
 * web_site -- what is at which path, for whom, and how the daemon is asked for
 * it.
 *
 *	GET  /, /page.css, /page.js, ...	the page
 *	GET  /metrics				for Prometheus
 *	GET  /api/v1/devices status plan history policies events session
 *	POST /api/v1/approve flash retry cancel pause resume login
 */
#ifndef REFLASHD_WEB_SITE_H
#define REFLASHD_WEB_SITE_H

#include "beside/web_config.h"

struct event_base;
struct web_site;

/* The configuration, the name of this machine and the path are borrowed. */
struct web_site *web_site_new(struct event_base *, const struct web_config *,
    const char *machine, const char *control_path);
void web_site_free(struct web_site *); /* NULL is fine */

/* Serve a socket that listens; it is taken. */
void web_site_listen(struct web_site *, int fd);

#endif
