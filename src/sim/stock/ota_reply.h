/* SPDX-License-Identifier: ISC */
/*
 * ota_reply -- reads the file server's answer to a range as the old client
 * does, with strstr(3), by the published source of an ITEAD OTA client.  A
 * server that satisfies it satisfies every firmware observed.
 */
#ifndef REFLASHD_SIM_OTA_REPLY_H
#define REFLASHD_SIM_OTA_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define OTA_CHUNK      4096
#define OTA_HEADER_MAX 1024
#define OTA_TOTAL_MAX  520192

enum ota_reply_state { OTA_REPLY_MORE, OTA_REPLY_WHOLE, OTA_REPLY_BAD };

struct ota_reply {
	size_t head_len;
	size_t body_len;
	uint64_t total;
};

/*
 * Read the answer to "bytes=first-last".  With OTA_REPLY_BAD the error says
 * what the device does not accept.
 */
enum ota_reply_state ota_reply_read(const char *data, size_t len,
    uint64_t first, uint64_t last, struct ota_reply *, struct error *);

#endif
