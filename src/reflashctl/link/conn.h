/* SPDX-License-Identifier: ISC */
/*
 * conn -- reflashctl's end of the control socket: whole messages, blocking.
 *
 * Every failure to reach the daemon has the code ENOTCONN, whatever the cause,
 * so that it is not taken for one of the daemon's own answers; waiting in
 * vain is ETIMEDOUT.
 */
#ifndef REFLASHD_REFLASHCTL_CONN_H
#define REFLASHD_REFLASHCTL_CONN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

struct conn;

struct conn *conn_open(const char *path, struct error *);
void conn_close(struct conn *); /* NULL is fine */

bool conn_send(struct conn *, json_t *request, struct error *); /* taken */

/* The same, and with it a descriptor (SCM_RIGHTS), which stays the caller's. */
bool conn_send_with(struct conn *, json_t *request, int fd, struct error *);

/* Wait for the next message, yours; timeout_ms 0: do not wait, -1: no limit. */
json_t *conn_receive(struct conn *, int timeout_ms, struct error *);

/* Return the descriptor, to poll for input. */
int conn_fd(const struct conn *);

#endif
