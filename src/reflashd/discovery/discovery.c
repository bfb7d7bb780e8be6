/* SPDX-License-Identifier: ISC */
/* Runs reflash-scan as configured, and keeps what status says of discovery. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ratelimit.h"
#include "base/strlist.h"
#include "core/config/configuration.h"
#include "core/sonoff/announce.h"
#include "io/scanner.h"
#include "reflashd/discovery/announced.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/netdiag_log.h"

#define MAX_LINES 20 /* in ten minutes: a packet may crash each new stack */

struct discovery {
	struct discovery_parts parts;
	struct scanner *scanner;  /* owned; NULL: not started */
	struct ratelimit lines;	  /* of the log, about its state */
	struct ratelimit no_room; /* of the log, about MaxDevices= */
	bool is_ready;
	char text[160]; /* its state, for status */
};

static void
on_announced(const struct announce *a, void *ctx)
{
	struct discovery *discovery = ctx;

	netdiag_log_heard(discovery->parts.netdiag_log, SCAN_HEARD_OTHERS);
	announced_hear(&discovery->parts, &discovery->no_room, a);
}

static void
on_heard(enum scan_heard heard, void *ctx)
{
	netdiag_log_heard(((struct discovery *)ctx)->parts.netdiag_log, heard);
}

static void
log_status(struct discovery *discovery, const char *text, bool ready)
{
	struct ratelimit *quota = &discovery->lines;
	uint64_t now = clock_now_ms();

	if (ratelimit_take(quota, MAX_LINES, now))
		log_fields(ready ? LOG_INFO : LOG_WARNING, NULL, 0,
		    "discovery: %s", text);
	else if (ratelimit_tell(quota, now) > 0)
		log_warning(
		    "discovery: it starts and stops again and again: the log "
		    "leaves that out for ten minutes; see: reflashctl status");
}

static void
on_status(const char *text, bool ready, void *ctx)
{
	struct discovery *discovery = ctx;

	if (strcmp(text, discovery->text) != 0 || ready != discovery->is_ready)
		log_status(discovery, text, ready);
	discovery->is_ready = ready;
	snprintf(discovery->text, sizeof(discovery->text), "%s", text);
}

static const struct scanner_ops scanner_ops = {
	.announced = on_announced,
	.heard = on_heard,
	.status = on_status,
};

static void
add_option(struct strlist *args, const char *option, const char *value)
{
	strlist_add(args, option);
	strlist_add(args, value);
}

static void
add_number(struct strlist *args, const char *option, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	add_option(args, option, text);
}

static void
add_options(struct strlist *args, const struct config *config)
{
	static const char *const backends[] = { "auto", "avahi", "embedded" };

	add_option(args, "--service", ANNOUNCE_EWELINK);
	add_option(args, "--service", ANNOUNCE_ESPHOME);
	add_option(args, "--service", ANNOUNCE_HTTP);
	add_option(args, "--backend", backends[config->backend]);
	add_number(args, "--requery", config->requery_sec);
	add_number(args, "--max", config->max_devices);
	for (size_t i = 0; i < config->interfaces.count; i++)
		add_option(args, "--interface", config->interfaces.items[i]);
}

struct discovery *
discovery_new(const struct discovery_parts *parts)
{
	struct discovery *discovery = xcalloc(1, sizeof(*discovery));

	discovery->parts = *parts;
	snprintf(discovery->text, sizeof(discovery->text), "it is starting");
	return discovery;
}

void
discovery_free(struct discovery *discovery)
{
	if (discovery == NULL)
		return;
	discovery_stop(discovery);
	free(discovery);
}

void
discovery_start(struct discovery *discovery)
{
	const struct discovery_parts *parts = &discovery->parts;
	const struct config *config = parts->setup->config;
	struct scanner_program program = { .starter = parts->starter,
		.path = parts->scan_program };
	struct strlist args = { 0 };

	if (config->backend == CONFIG_BACKEND_NONE) {
		on_status("switched off, only configured devices are asked",
		    true, discovery);
		return;
	}
	add_options(&args, config);
	program.args = strlist_list(&args);
	discovery->scanner =
	    scanner_new(parts->base, &program, &scanner_ops, discovery);
	strlist_fini(&args);
}

void
discovery_stop(struct discovery *discovery)
{
	scanner_free(discovery->scanner);
	discovery->scanner = NULL;
}

void
discovery_repeat(struct discovery *discovery, const char *id)
{
	scanner_repeat(discovery->scanner, id);
}

void
discovery_asked(const struct discovery *discovery)
{
	if (discovery->is_ready)
		netdiag_log_asked(discovery->parts.netdiag_log);
}

bool
discovery_is_ready(const struct discovery *discovery)
{
	return discovery->is_ready;
}

const char *
discovery_text(const struct discovery *discovery)
{
	return discovery->text;
}
