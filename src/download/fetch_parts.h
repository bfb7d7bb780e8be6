/* SPDX-License-Identifier: ISC */
/*
 * fetch_parts -- what only the files of fetch share.
 *
 *	fetch.c		follows redirects from one URL to the next
 *	fetch_hop.c	one request and its answer
 *	fetch_why.c	what libcurl's codes mean for a person
 */
#ifndef REFLASHD_FETCH_PARTS_H
#define REFLASHD_FETCH_PARTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "download/fetch.h"

#define FETCH_SHOWN 160 /* bytes of a URL in a sentence */

/* The header of the answer at hand, as far as it matters. */
struct fetch_head {
	char encoding[32]; /* Content-Encoding; "" none */
	char transfer[32]; /* Transfer-Encoding; "" none */
	char type[64];	   /* Content-Type; "" none */
};

/* A request to one server, and the reply to it. */
struct fetch_hop {
	const struct fetch_wish *wish; /* borrowed */
	const char *url;	       /* borrowed */
	CURL *curl;		       /* owned */
	struct fetch_head head;
	bool is_file; /* the body is the file, and not that of a redirect */
	uint64_t bytes;
	uint64_t begun_ms, shown_ms; /* by clock_awake_ms() */
	struct error *err;	     /* borrowed */
	bool has_failed;	     /* err says why */
	char words[CURL_ERROR_SIZE]; /* libcurl's */
};

/*
 * Send the request, with so many seconds for all of it.  On true the file has
 * come, or *next, freed with free(), is where it is instead.
 */
bool fetch_hop(struct fetch_hop *, unsigned left_sec, char **next);

/* Write a foreign text, escaped and cut; returns dst. */
char *fetch_show(const char *text, char *dst, size_t size);

/* Say why libcurl has failed with this code.  Returns false. */
bool fetch_why(const struct fetch_hop *, CURLcode, unsigned left_sec);

#endif
