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

#define REQUEST_TIMEOUT_MS 10000
#define REQUEST_ID_SIZE	   64

struct answer {
	json_t *items; /* owned; an array, empty where there are none */
	json_t *reply; /* owned; the {"ok":...} */
	char id[REQUEST_ID_SIZE]; /* of request_device(): which one it was, or
				     "" */
};

void answer_fini(struct answer *);

/*
 * Connects where that was not done yet.  args is taken.  After a false, err
 * has the daemon's words and code, or those of conn; answer has the rest of a
 * refusal ("problems"), or NULL.  Finish the answer in any case.
 */
bool request_send(
    struct ctl *, enum ctl_id, json_t *args, struct answer *, struct error *);

/*
 * The same for a device, which may be named by the start of its id.  What is
 * wrong is told on stderr, with the id that was probably meant; the result is
 * an exit code.
 */
int request_device(
    struct ctl *, enum ctl_id, const char *name, json_t *args, struct answer *);

/* The id that name stands for, in full; else an exit code, after a word. */
int request_id(struct ctl *, const char *name, char id[REQUEST_ID_SIZE]);

/* The strings under that key: the array is yours, they are borrowed. */
const char **request_words(const json_t *objects, const char *key);

/* How the program ends after this error. */
int request_exit(const struct error *);

/*
 * Tell the error, the problems that came with it (NULL: none) and what to do;
 * then as request_exit().
 */
int
request_fail(const struct ctl *, const struct error *, const struct answer *);

#endif
