/* SPDX-License-Identifier: ISC */
/*
 * mainloop -- the event loop of a program beside the daemon: the signals that
 * end it, and what the service manager is told.
 */
#ifndef REFLASHD_MAINLOOP_H
#define REFLASHD_MAINLOOP_H

#include "base/error.h"

struct event_base;
struct mainloop;

/*
 * Make the loop.  SIGTERM, SIGINT and SIGHUP call end(), which says its last
 * words and then calls mainloop_end(); with a second signal the loop ends at
 * once.
 */
struct mainloop *
mainloop_new(void (*end)(void *ctx), void *ctx, struct error *);
void mainloop_free(struct mainloop *); /* NULL is fine */

/* Return the loop, borrowed for the life of the main loop. */
struct event_base *mainloop_base(struct mainloop *);

/* Tell the service manager that all is ready, and run until mainloop_end(). */
void mainloop_run(struct mainloop *);
void mainloop_end(struct mainloop *);

/* Tell the service manager in one line what is going on. */
void mainloop_status(const char *text);

#endif
