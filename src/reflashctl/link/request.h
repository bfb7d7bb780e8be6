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
	char id[REQUEST_ID_SIZE]; /* of the device, or "" */
};

void answer_fini(struct answer *);

/*
 * Send a request and receive the answer; connect first if need be.  args is
 * taken.  On false, err has the words and code of the daemon or of conn, and
 * the answer the rest of a refusal ("problems") or NULL.  Finish the answer in
 * any case.
 */
bool request_send(
    struct ctl *, enum ctl_id, json_t *args, struct answer *, struct error *);

/* The same, and a descriptor with it, which stays the caller's. */
bool request_send_with(struct ctl *, enum ctl_id, json_t *args, int fd,
    struct answer *, struct error *);

/* The same, but print an error on stderr.  Returns an exit code. */
int request_ask(struct ctl *, enum ctl_id, json_t *args, struct answer *);

/*
 * The same for a device, by any name that the daemon knows it by: its id, the
 * start of it, its label or its address.  args may be NULL.  The answer has the
 * id of the device.
 */
int request_device(
    struct ctl *, enum ctl_id, const char *name, json_t *args, struct answer *);

/* The same, but as request_send(): nothing is printed. */
bool request_about(struct ctl *, enum ctl_id, const char *name, json_t *args,
    struct answer *, struct error *);

/*
 * Find the full id for a name; an id in full may be that of a device that was
 * never seen.  Returns an exit code; errors are printed.
 */
int request_id(struct ctl *, const char *name, char id[REQUEST_ID_SIZE]);

/* Return the exit code of the program for an errno value of the daemon. */
int request_exit(int code);

/* Collect the strings under a key; the array is yours, they are borrowed. */
const char **request_words(const json_t *objects, const char *key);

/*
 * Print an error, the problems in the answer (NULL: none) and what to do.
 * Returns an exit code.
 */
int
request_fail(const struct ctl *, const struct error *, const struct answer *);

#endif
