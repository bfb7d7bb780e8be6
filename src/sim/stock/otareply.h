/* SPDX-License-Identifier: ISC */
/*
 * otareply -- reads what a file server answers to a range, the way the old
 * client does: with strstr(3).  Published source of an ITEAD OTA client; a
 * server that satisfies it satisfies every firmware observed.
 */
#ifndef REFLASHD_SIM_OTAREPLY_H
#define REFLASHD_SIM_OTAREPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define OTA_CHUNK      4096
#define OTA_HEADER_MAX 1024
#define OTA_TOTAL_MAX  520192

enum otareply_state { OTAREPLY_MORE, OTAREPLY_WHOLE, OTAREPLY_BAD };

struct otareply {
	size_t head_len;
	size_t body_len;
	uint64_t total;
};

/*
 * The answer to "bytes=first-last" in the first bytes of the answer.  On BAD
 * the error says what the device minds.
 */
enum otareply_state otareply_read(const char *data, size_t len, uint64_t first,
    uint64_t last, struct otareply *, struct error *);

#endif
