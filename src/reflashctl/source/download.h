/* SPDX-License-Identifier: ISC */
/*
 * download -- gets a file from the network, by the program reflash-download,
 * which has nothing but the connection and the memory for the bytes.
 */
#ifndef REFLASHD_REFLASHCTL_DOWNLOAD_H
#define REFLASHD_REFLASHCTL_DOWNLOAD_H

#include "reflashctl/source/image_bytes.h"

struct download {
	const char *base; /* what url may be relative to; NULL: it is whole */
	const char *url;
	size_t size;	      /* that the file must have; 0: any */
	unsigned timeout_sec; /* 0: the usual ten minutes */
	bool is_shown;	      /* as a line on a terminal */
};

/*
 * Fetch a file, sealed and hashed.  The error says why it did not come, without
 * the URL.  Finish the bytes in any case.
 */
bool download(const struct download *, struct image_bytes *, struct error *);

#endif
