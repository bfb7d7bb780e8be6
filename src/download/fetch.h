/* SPDX-License-Identifier: ISC */
/*
 * fetch -- gets one file by HTTP or HTTPS into a descriptor, or says why not.
 *
 * The bytes are those that the server has: nothing is unpacked on the way.
 * Redirects are followed to http and https alone, a few of them, and not in a
 * circle.  A server that is slower than a least rate is given up.
 */
#ifndef REFLASHD_FETCH_H
#define REFLASHD_FETCH_H

#include <stdint.h>

#include "base/error.h"

#define FETCH_REDIRECTS 5 /* at most */

struct fetch_wish {
	const char *base; /* what url may be relative to; NULL: it is whole */
	const char *url;
	int fd;		      /* for the bytes, from its beginning */
	uint64_t size;	      /* that the file must have; 0: any */
	uint64_t max;	      /* bytes that it may have */
	unsigned connect_sec; /* for a connection */
	unsigned stall_sec;   /* at less than stall_rate bytes a second */
	unsigned stall_rate;
	unsigned total_sec; /* for everything, redirects included */
	/* Called several times a second; total 0: not known. */
	void (*progress)(uint64_t bytes, uint64_t total, void *ctx);
	/* Called for each redirect. */
	void (*moved)(const char *url, void *ctx);
	void *ctx;
};

/*
 * Prepare what reads files of the system; call it before the sandbox.  False:
 * nothing can be fetched.
 */
bool fetch_begin(struct error *);
void fetch_end(void);

/* Fetch; *bytes is how many came, also on failure. */
bool fetch(const struct fetch_wish *, uint64_t *bytes, struct error *);

#endif
