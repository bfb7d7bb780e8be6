/* SPDX-License-Identifier: ISC */
/*
 * web_link -- codes that let a browser in once, made of the token of the page.
 *
 *	EXPIRES.NONCE.MAC	seconds since 1970 in hex, 16 random bytes,
 *				HMAC-SHA256 of both with the token as its key
 *
 * reflashctl makes a code and prints it in a link; reflash-web checks it, and
 * takes each nonce only once.  So the token itself is in no link and in no
 * browser.
 */
#ifndef REFLASHD_WEB_LINK_H
#define REFLASHD_WEB_LINK_H

#include <stdint.h>

#include "base/error.h"

/* Where reflash-web and reflashctl look for the configuration of the page. */
#define WEB_CONFIG_FILE SYSCONFDIR "/reflashd/web.conf"

#define WEB_LINK_NONCE_SIZE 33	/* room for the text of a nonce */
#define WEB_LINK_SECONDS    600 /* that a code is good for */
#define WEB_LINK_MIN_TOKEN  16	/* characters */
#define WEB_LINK_MAX_TOKEN  256

/* Make a code that is good until then, yours; NULL: there is no entropy. */
char *web_link_make(const char *token, int64_t expires);

/*
 * Return true if the code was made with this token and has not expired; its
 * nonce is copied then.
 */
bool web_link_check(const char *token, const char *code, int64_t now,
    char nonce[WEB_LINK_NONCE_SIZE]);

/*
 * Read the token, the first line of a file, yours; NULL and why: the file is
 * missing (ENOENT), others may write to it, or the line is no token.
 */
char *web_link_read_token(const char *file, struct error *);

/* Return true if everybody on this machine can read the file. */
bool web_link_is_open(const char *file);

/* Make a random token of that kind, yours; NULL: there is no entropy. */
char *web_link_new_token(void);

/* Compare two secrets in a time that tells nothing but their lengths. */
bool web_link_is_same(const char *one, const char *other);

#endif
