/* SPDX-License-Identifier: ISC */
/*
 * startup_log -- what a person reads first: where the daemon listens, what the
 * policies are, which folders are not there, and what to try next.
 */
#ifndef REFLASHD_STARTUP_LOG_H
#define REFLASHD_STARTUP_LOG_H

#include "io/conffiles.h"
#include "reflashd/config_check.h"

/*
 * Write the first lines of the log.  port is the TCP port that devices fetch
 * from; inherited: a socket unit of systemd has opened it.
 */
void startup_log_start(
    const struct setup *, struct image_cache *, unsigned port, bool inherited);

/* Write what a reload has put in force, and what the check of it has found. */
void startup_log_reloaded(const struct setup *, const struct config_check *);

/* Takes one line, borrowed for the call. */
typedef void startup_log_say(const char *line);

/* One line: how many policies there are, and from where. */
void startup_log_policies(const struct setup *, startup_log_say *);

/* A line for each folder that is not there, with the command that makes it. */
void startup_log_folders(const struct setup *, startup_log_say *);

#endif
