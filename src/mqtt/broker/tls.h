/* SPDX-License-Identifier: ISC */
/*
 * tls -- how the connection to the broker is encrypted, and what is wrong with
 * a certificate, in words.
 *
 * libmosquitto connects to an address, so it cannot check the name of the
 * broker itself: the context that is made here does, and also sends the name to
 * brokers that have several.  It is made anew for each connection, as
 * certificates are renewed while the program runs.
 */
#ifndef REFLASHD_TLS_H
#define REFLASHD_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/error.h"

struct tls;

struct tls_settings {
	const char *ca_file;   /* NULL: those of the system */
	const char *cert_file; /* NULL: none is shown to the broker */
	const char *key_file;
	const char *name; /* of the broker, or its address */
};

/* The settings are borrowed for the life of it. */
struct tls *tls_new(const struct tls_settings *, struct error *);
void tls_free(struct tls *); /* NULL is fine */

/* Return the context, borrowed; whoever keeps it has a reference of its own. */
SSL_CTX *tls_context(struct tls *);

/* Return true once both sides have agreed. */
bool tls_is_agreed(const struct tls *);

/*
 * Say why the connection has failed, as far as that is known.  Returns true if
 * a certificate is to blame, ours or that of the broker: that does not change
 * by itself.
 */
bool tls_explain(const struct tls *, struct error *);

#endif
