/* SPDX-License-Identifier: ISC */
/*
 * work -- the world of a job: its calls, its timer, its image on the server.
 */
#ifndef REFLASHD_WORK_H
#define REFLASHD_WORK_H

#include "core/decide.h"
#include "io/server.h"
#include "reflashd/daemon.h"

struct image;

/* For server_new(): what devices fetch and report goes to their jobs. */
extern const struct server_ops work_server_ops;

/* Start a job for a device that is not at work.  The image is borrowed. */
void work_start(
    struct daemon *, struct device *, const struct policy *, struct image *);

/*
 * Take up a job that was under way when the daemon ended: the same URL, the
 * same bytes.
 */
void work_resume(struct daemon *, struct device *, uint64_t bytes);

/* End every job without changing the state of its device. */
void work_stop(struct daemon *);

#endif
