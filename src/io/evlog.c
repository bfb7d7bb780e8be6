/* SPDX-License-Identifier: ISC */
/* Passes libevent's warnings and errors on to the log. */
#include "config.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "io/evlog.h"

/*
 * Log what libevent says.  Its warnings are only shown with -D libevent: some
 * quote what a peer sent, and a peer can cause many of them.
 */
static void
on_log(int severity, const char *text)
{
	char safe[200];

	text_escape(safe, sizeof(safe), text, strlen(text));
	if (severity >= EVENT_LOG_ERR)
		log_err("libevent: %s", safe);
	else
		log_debug("libevent", "%s", safe);
}

static void
on_fatal(int code)
{
	log_err("libevent: fatal error %d", code);
	abort();
}

void
evlog_install(void)
{
	event_set_log_callback(on_log);
	event_set_fatal_callback(on_fatal);
}
