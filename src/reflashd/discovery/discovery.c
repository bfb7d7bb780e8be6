/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/strlist.h"
#include "core/config/configuration.h"
#include "core/sonoff/announce.h"
#include "io/scanner.h"
#include "reflashd/discovery/announced.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/netdiag_log.h"

#define MAX_LINES 20 /* a packet may crash a stack as it starts */

static void
on_announced(const struct announce *a, void *ctx)
{
	netdiag_log_heard(((struct daemon *)ctx)->firewall, SCAN_HEARD_OTHERS);
	announced_announced(ctx, a);
}

static void
on_heard(enum scan_heard heard, void *ctx)
{
	netdiag_log_heard(((struct daemon *)ctx)->firewall, heard);
}

static void
tell_discovery(struct daemon *daemon, const char *text, bool ready)
{
	struct ratelimit *quota = &daemon->discovery_lines;
	uint64_t now = clock_now_ms();

	if (ratelimit_take(quota, MAX_LINES, now))
		log_fields(ready ? LOG_INFO : LOG_WARNING, NULL, 0,
		    "discovery: %s", text);
	else if (ratelimit_tell(quota, now) > 0)
		log_warning("discovery: it goes up and down all the time: no "
			    "more of it for ten minutes; reflashctl status "
			    "says how it is");
}

static void
on_discovery(const char *text, bool ready, void *ctx)
{
	struct daemon *daemon = ctx;
	bool changed = ready != daemon->discovery_ready;

	if (strcmp(text, daemon->discovery) != 0 || changed)
		tell_discovery(daemon, text, ready);
	daemon->discovery_ready = ready;
	snprintf(daemon->discovery, sizeof(daemon->discovery), "%s", text);
}

static const struct scanner_ops scanner_ops = {
	.announced = on_announced,
	.heard = on_heard,
	.status = on_discovery,
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

void
discovery_start(struct daemon *daemon)
{
	const struct config *config = daemon->setup.config;
	struct scanner_program program = { .starter = daemon->starter,
		.path = daemon->scan_program };
	struct strlist args = { 0 };

	if (config->backend == CONFIG_BACKEND_NONE) {
		on_discovery("switched off, only configured devices are asked",
		    true, daemon);
		return;
	}
	add_options(&args, config);
	program.args = strlist_list(&args);
	daemon->scanner =
	    scanner_new(daemon->base, &program, &scanner_ops, daemon);
	strlist_fini(&args);
}

void
discovery_stop(struct daemon *daemon)
{
	scanner_free(daemon->scanner);
	daemon->scanner = NULL;
}
