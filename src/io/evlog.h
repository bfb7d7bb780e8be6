/* SPDX-License-Identifier: ISC */
/*
 * evlog -- what libevent reports goes to our log, not to stderr.
 *
 * A fatal error of libevent would exit quietly; here it aborts, so that the
 * service manager sees it.
 */
#ifndef REFLASHD_EVLOG_H
#define REFLASHD_EVLOG_H

/* Call this once, before the first event_base is made. */
void evlog_install(void);

#endif
