/* SPDX-License-Identifier: ISC */
/* Computes SHA-256 and MD5 of images with OpenSSL. */
#include "config.h"

#include <errno.h>
#include <openssl/evp.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/image/digest.h"

struct digest {
	EVP_MD *sha256;
	EVP_MD *md5; /* or NULL */
};

struct digest *
digest_new(struct error *err)
{
	struct digest *d = xcalloc(1, sizeof(*d));

	d->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (d->sha256 != NULL)
		return d;
	digest_free(d);
	error_set(err, ENOTSUP, "OpenSSL offers no SHA-256");
	return NULL;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_free(d->sha256);
	EVP_MD_free(d->md5);
	free(d);
}

bool
digest_sha256(const struct digest *d, const void *data, size_t size,
    char hex[DIGEST_SHA256_SIZE], struct error *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;

	hex[0] = '\0';
	if (EVP_Digest(data, size, sum, &len, d->sha256, NULL) != 1)
		return error_set(err, EIO, "OpenSSL cannot make a SHA-256");
	text_hex(hex, sum, len);
	return true;
}

void
digest_md5(const struct digest *d, const void *data, size_t size,
    char hex[DIGEST_MD5_SIZE])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;

	hex[0] = '\0';
	if (d->md5 != NULL &&
	    EVP_Digest(data, size, sum, &len, d->md5, NULL) == 1)
		text_hex(hex, sum, len);
}
