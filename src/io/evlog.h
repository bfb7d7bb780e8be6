/* SPDX-License-Identifier: ISC */
/*
 * evlog -- what libevent has to say goes to our log, not to stderr.
 *
 * A fatal error of libevent would exit quietly; here it aborts, so that the
 * service manager sees it.
 */
#ifndef REFLASHD_EVLOG_H
#define REFLASHD_EVLOG_H

/* Once, before the first event_base. */
void evlog_install(void);

#endif
