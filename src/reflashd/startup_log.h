/* SPDX-License-Identifier: ISC */
/*
 * startup_log -- the first lines of the log: where the daemon listens, which
 * policies there are, which folders are missing, and what to do next.
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

/* Write what is in force after a reload, and what its check has found. */
void startup_log_reloaded(const struct setup *, const struct config_check *);

/* Takes one line, borrowed for the call. */
typedef void startup_log_say(const char *line);

/* Write one line: how many policies there are, and where. */
void startup_log_policies(const struct setup *, startup_log_say *);

/* Write a line for each missing folder, with the command that makes it. */
void startup_log_folders(const struct setup *, startup_log_say *);

#endif
