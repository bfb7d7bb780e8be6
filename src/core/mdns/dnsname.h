/* SPDX-License-Identifier: ISC */
/*
 * dnsname -- domain names on the wire, of which any byte may be hostile.
 */
#ifndef REFLASHD_DNSNAME_H
#define REFLASHD_DNSNAME_H

#include <stdbool.h>
#include <stddef.h>

#define DNSNAME_WIRE  255  /* RFC 1035 3.1: the longest name, root included */
#define DNSNAME_LABEL 63   /* and the longest label of it */
#define DNSNAME_TEXT  1024 /* room for any name with every byte escaped */

/* A name without compression: length bytes, labels, the empty root. */
struct dnsname {
	unsigned char wire[DNSNAME_WIRE];
	size_t len;
};

/*
 * Read the name at *pos of a message of len bytes and move *pos after it.
 * Compression may only point backwards, so that reading comes to an end.
 */
bool
dnsname_read(struct dnsname *, const void *message, size_t len, size_t *pos);

/* Return a label, borrowed; 0 is the leftmost.  NULL after the last. */
const unsigned char *
dnsname_label(const struct dnsname *, size_t index, size_t *len);

/*
 * Return true if the name is one label and then this plain suffix
 * ("_http._tcp.local").  The case of letters does not matter.
 */
bool dnsname_is_under(const struct dnsname *, const char *suffix);

/* Put a label in front of a plain suffix.  False: too long for a name. */
bool dnsname_make(
    struct dnsname *, const void *label, size_t len, const char *suffix);

/*
 * Write the name as text: letters, digits, '-' and '_' as they are, every other
 * byte as a backslash and three decimal digits, as Avahi reads it.
 */
char *dnsname_text(char dst[DNSNAME_TEXT], const struct dnsname *);

#endif
