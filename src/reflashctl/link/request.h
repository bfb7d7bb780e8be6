/* SPDX-License-Identifier: ISC */
/*
 * request -- one question to the daemon and its whole answer.
 */
#ifndef REFLASHD_REFLASHCTL_REQUEST_H
#define REFLASHD_REFLASHCTL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "core/control/ctlproto.h"
#include "reflashctl/ctl.h"

#define ASK_TIMEOUT_MS 10000
#define ASK_ID_SIZE    64

struct answer {
	json_t *items;	      /* owned; an array, empty where there are none */
	json_t *reply;	      /* owned; the {"ok":...} */
	char id[ASK_ID_SIZE]; /* of ask_device(): which one it was, or "" */
};

void answer_fini(struct answer *);

/*
 * Connects where that was not done yet.  args is taken.  After a false, err
 * has the daemon's words and code, or those of conn; answer has the rest of a
 * refusal ("problems"), or NULL.  Finish the answer in any case.
 */
bool
ask(struct ctl *, enum ctl_id, json_t *args, struct answer *, struct error *);

/*
 * The same for a device, which may be named by the start of its id.  What is
 * wrong is told on stderr, with the id that was probably meant; the result is
 * an exit code.
 */
int ask_device(
    struct ctl *, enum ctl_id, const char *name, json_t *args, struct answer *);

/* The id that name stands for, in full; else an exit code, after a word. */
int ask_id(struct ctl *, const char *name, char id[ASK_ID_SIZE]);

/* The strings under that key: the array is yours, they are borrowed. */
const char **ask_words(const json_t *objects, const char *key);

/* How the program ends after this error. */
int ask_exit(const struct error *);

/*
 * Tell the error, the problems that came with it (NULL: none) and what to do;
 * then as ask_exit().
 */
int ask_fail(const struct ctl *, const struct error *, const struct answer *);

#endif
