/* SPDX-License-Identifier: ISC */
/*
 * config_check -- what a configuration, its policies and their files lack: the
 * lines of reflashd -t, which a reload says as well.
 */
#ifndef REFLASHD_CONFIG_CHECK_H
#define REFLASHD_CONFIG_CHECK_H

#include <stdbool.h>

#include "base/problems.h"
#include "io/conffiles.h"

struct image_cache;

struct config_check {
	struct problems faults; /* a policy can flash nothing because of it */
	struct problems doubts; /* it can hardly be meant so */
	struct problems unseen; /* who asks may not look at it */
	char *summary;		/* what it means for the devices; NULL */
	bool is_service;	/* judged for the unit, in its sandbox */
	bool is_elsewhere;	/* it is not the daemon that asks */
	bool has_common;	/* a fault that is none of a single policy */
};

/* Adds to what is there; start with = {0}, end with config_check_fini(). */
void config_check_setup(
    const struct setup *, struct image_cache *, struct config_check *);
void config_check_fini(struct config_check *);

/* Print all that is wrong; conf_file NULL: the built-in one. */
bool config_check_run(const char *conf_file);

#endif
