/* SPDX-License-Identifier: ISC */
/*
 * config_check -- checks a configuration, its policies and their files: for
 * reflashd -t, at the start, and for a reload.
 */
#ifndef REFLASHD_CONFIG_CHECK_H
#define REFLASHD_CONFIG_CHECK_H

#include <stdbool.h>

#include "base/problems.h"
#include "io/conffiles.h"

struct image_cache;

struct config_check {
	struct problems faults; /* why a policy can flash nothing */
	struct problems doubts; /* what is probably not meant so */
	struct problems unseen; /* what this user may not read */
	char *summary;		/* the effect on the devices, or NULL */
	bool is_service;	/* check for the unit, in its sandbox */
	bool is_elsewhere;	/* the check is not made by the daemon */
	bool has_common;	/* a fault is not of a single policy */
};

/* Add what is found; start with = {0}, end with config_check_fini(). */
void config_check_setup(
    const struct setup *, struct image_cache *, struct config_check *);
void config_check_fini(struct config_check *);

/*
 * Check and print, for reflashd -t; conf_file NULL: the built-in one.  Returns
 * false if there is a fault.
 */
bool config_check_run(const char *conf_file);

#endif
