/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "io/evlog.h"

/*
 * Some of its warnings quote what a peer sent, and a peer can make many of
 * them: they are for whoever looks for trouble with -D libevent.
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
