/* SPDX-License-Identifier: ISC */
/*
 * log -- one line per thing that an operator would tell a colleague.
 *
 * err = someone must act, warning = odd but handled, info = a change worth
 * telling, debug = the rest, under a topic that -D switches on.  A line starts
 * with its subject ("device 1000a05bf6 (192.168.1.23): ...") and has no full
 * stop.  Foreign text in it has been through text_escape().
 *
 * Where lines go is found out at the start: the journal with its fields under
 * systemd, a terminal with the time of day in front, syslog(3) otherwise; a
 * stderr that was redirected to a file or pipe gets a plain copy as well.
 */
#ifndef REFLASHD_LOG_H
#define REFLASHD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

struct log_field {
	const char *name;  /* of a journal field: upper case */
	const char *value; /* NULL or "" leaves the field out */
};

/* name is borrowed for ever. */
void log_open(const char *name);
void log_close(void);

/* Switch a debug topic on; "all" means every topic. */
void log_debug_topic(const char *topic);

void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *topic, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Log a line with structured fields, which only the journal shows. */
void log_fields(int priority, const struct log_field *, size_t count,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
