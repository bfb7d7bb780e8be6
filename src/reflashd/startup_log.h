/* SPDX-License-Identifier: ISC */
/*
 * startup_log -- what a person reads first: where the daemon listens, what the
 * policies are, which folders are not there, and what to try next.
 */
#ifndef REFLASHD_STARTUP_LOG_H
#define REFLASHD_STARTUP_LOG_H

#include "reflashd/config_check.h"
#include "reflashd/daemon.h"

/* The first lines of the log; inherited: the port came from systemd. */
void hello_start(const struct daemon *, bool inherited);

/* And after a reload: what was found by it. */
void hello_reloaded(const struct daemon *, const struct check *);

/* Takes one line, borrowed for the call. */
typedef void hello_say(const char *line);

/* One line: how many policies there are, and from where. */
void hello_policies(const struct setup *, hello_say *);

/* A line for each folder that is not there, with the command that makes it. */
void hello_folders(const struct setup *, hello_say *);

#endif
