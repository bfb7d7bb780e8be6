/* SPDX-License-Identifier: ISC */
/*
 * web_tokens -- who may give orders: whoever knows the token of the file, or
 * has come by a link that was made with it.
 *
 * A code of a link is good once.  It is exchanged for a token of a session,
 * which lives in memory and ends after half a day or with the program.
 */
#ifndef REFLASHD_WEB_TOKENS_H
#define REFLASHD_WEB_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define WEB_TOKENS_SESSION_S (12 * 60 * 60)
#define WEB_TOKENS_TRIES     5 /* wrong ones in a minute, of all together */

enum web_tokens_verdict {
	WEB_TOKENS_GOOD,
	WEB_TOKENS_WRONG,
	WEB_TOKENS_TOO_MANY, /* wrong, and so were many before */
	WEB_TOKENS_NONE,     /* there is no token file: nobody may */
};

struct web_tokens;

/* file is borrowed for the life of the object; it is read at each use. */
struct web_tokens *web_tokens_new(const char *file);
void web_tokens_free(struct web_tokens *); /* NULL is fine */

/* Return false and why if there is no token in the file now. */
bool web_tokens_are_there(const struct web_tokens *, struct error *);

/*
 * Judge the value of Authorization; what is no Bearer is wrong, but no try.
 * now_s is the wall clock.  A code of a link is used up by it.
 */
enum web_tokens_verdict
web_tokens_check(struct web_tokens *, const char *authorization, int64_t now_s);

/* The same for a question that changes nothing: a code of a link is wrong. */
enum web_tokens_verdict
web_tokens_look(struct web_tokens *, const char *authorization, int64_t now_s);

/*
 * Begin a session and return its token, borrowed until it ends.  The oldest of
 * many sessions ends for it.  NULL: there is no entropy.
 */
const char *web_tokens_begin(struct web_tokens *, int64_t now_s);

#endif
