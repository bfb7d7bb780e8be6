/* SPDX-License-Identifier: ISC */
/*
 * digest -- SHA-256 and MD5 of bytes in memory, as lower-case hex.
 *
 * Lower case matters: a device compares the digest as text, and one in upper
 * case makes it fail (itead/Sonoff_Devices_DIY_Tools#102).
 */
#ifndef REFLASHD_DIGEST_H
#define REFLASHD_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define DIGEST_SHA256_SIZE 65 /* 64 digits and the end */
#define DIGEST_MD5_SIZE	   33

/*
 * The algorithms, fetched once: each fetch takes locks and may read OpenSSL's
 * configuration, which the closed sandbox does not allow.
 */
struct digest;

struct digest *digest_new(struct error *);
void digest_free(struct digest *); /* NULL is fine */

bool digest_sha256(const struct digest *, const void *data, size_t size,
    char hex[DIGEST_SHA256_SIZE], struct error *);

/* Write the MD5, a guard of transfers; "" if this machine forbids MD5. */
void digest_md5(const struct digest *, const void *data, size_t size,
    char hex[DIGEST_MD5_SIZE]);

#endif
