/* SPDX-License-Identifier: ISC */
/*
 * The life of the daemon: starts it, reads its configuration again, and ends
 * it. daemon_make.c makes the objects.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/sandbox.h"
#include "core/config/configuration.h"
#include "core/device/record.h"
#include "core/device/registry.h"
#include "io/control/control.h"
#include "io/evlog.h"
#include "io/hooks/hooks.h"
#include "io/http/server.h"
#include "io/images.h"
#include "io/images_folder.h"
#include "io/signals.h"
#include "reflashd/config_check.h"
#include "reflashd/daemon_parts.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/outage.h"
#include "reflashd/policy/image_use.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/requery.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/startup_log.h"
#include "reflashd/store/persist.h"

/* Log what is wrong, and add it to the list. */
static bool
load_setup(const char *file, struct setup *setup, struct problems *problems,
    struct error *err)
{
	bool ok = setup_load(file, setup, problems);

	for (size_t i = 0; i < problems->count; i++)
		log_err("%s", problems->text[i]);
	if (!ok)
		error_set(err, EBADMSG,
		    "%zu mistake%s in the configuration: %s", problems->count,
		    problems->count == 1 ? "" : "s",
		    problems->count > 0 ? problems->text[0] : "unknown");
	return ok;
}

bool
daemon_server_config(
    const struct config *config, struct server_config *out, struct error *err)
{
	*out = (struct server_config){
		.port = (uint16_t)config->port,
		.check_source = config->check_source,
		.max_connections = config->max_connections,
		.max_connections_per_address =
		    config->max_connections_per_address,
		.reply_sec = config->flash_timeout_sec,
	};
	if (inet_pton(AF_INET, config->listen, &out->listen) != 1)
		return error_set(err, EINVAL,
		    "Listen=%s: not an IPv4 address; write one such as "
		    "192.168.1.2",
		    config->listen);
	return true;
}

/* Put a new setup in force; keep the configuration of the start to compare. */
static void
replace_setup(struct daemon *daemon, const struct setup *fresh)
{
	if (daemon->begun == NULL) {
		daemon->begun = daemon->setup.config;
		daemon->setup.config = NULL;
	}
	setup_fini(&daemon->setup);
	daemon->setup = *fresh;
}

/* Check the setup that is in force now. */
static void
check_setup(struct daemon *daemon, struct config_check *check)
{
	struct forecast forecast;

	check->is_service = manager_is_there();
	config_check_setup(&daemon->setup, daemon->images, check);
	config_doubt_start(daemon->begun, daemon->setup.config,
	    daemon->has_given_ports, &check->doubts);
	scheduler_forecast(daemon->scheduler, &forecast);
	check->summary = forecast_text(&forecast);
}

static bool
reload(struct daemon *daemon, struct problems *problems,
    struct config_check *check, struct error *err)
{
	struct server_config server;
	struct setup fresh;

	if (!load_setup(daemon->options.conf_file, &fresh, problems, err)) {
		log_err("reload: nothing has changed: %s", err->text);
		return false;
	}
	if (!daemon_server_config(fresh.config, &server, err)) {
		setup_fini(&fresh);
		log_err("reload: nothing has changed: %s", err->text);
		return false;
	}
	discovery_stop(daemon->discovery);
	replace_setup(daemon, &fresh);
	image_cache_move(daemon->images, daemon->setup.config->image_directory);
	commands_policies_changed(daemon->commands);
	server_configure(daemon->server, &server);
	hooks_set_directory(daemon->hooks, fresh.config->hook_directory);
	control_set_group(daemon->control, fresh.config->control_group);
	discovery_start(daemon->discovery);
	log_info("reload: the new configuration is in force");
	check_setup(daemon, check);
	startup_log_reloaded(&daemon->setup, check);
	requery_soon(daemon->requery);
	return true;
}

/*
 * Read the configuration again; all of it or nothing of it takes effect.  What
 * is found is added to the check, which the caller ends.
 */
static bool
announce_reload(struct daemon *daemon, struct problems *problems,
    struct config_check *check, struct error *err)
{
	bool ok;

	manager_reloading();
	ok = reload(daemon, problems, check, err);
	manager_ready();
	return ok;
}

bool
daemon_on_reload(struct commands_reload *out, struct error *err, void *ctx)
{
	struct config_check check = { 0 };
	bool ok = announce_reload(ctx, &out->mistakes, &check, err);

	out->faults = check.faults;
	out->doubts = check.doubts;
	out->summary = check.summary;
	problems_fini(&check.unseen);
	return ok;
}

static void
on_signal(int number, void *ctx)
{
	struct problems problems = { 0 };
	struct daemon *daemon = ctx;
	struct config_check check = { 0 };
	struct error err;

	if (number == SIGHUP) {
		announce_reload(daemon, &problems, &check, &err);
		config_check_fini(&check);
		problems_fini(&problems);
		return;
	}
	log_info("stopping (%s)", strsignal(number));
	manager_stopping();
	event_base_loopbreak(daemon->base);
}

static bool
catch_signals(struct daemon *daemon, struct error *err)
{
	static const int numbers[3] = { SIGINT, SIGTERM, SIGHUP };

	signal(SIGPIPE, SIG_IGN);
	daemon->signals =
	    signals_new(daemon->base, numbers, 3, on_signal, daemon, err);
	return daemon->signals != NULL;
}

/* Go on with what was under way when the last daemon ended. */
static void
resume_jobs(struct daemon *daemon)
{
	registry_foreach (daemon->registry, device)
		if (state_is_under_way(device->state))
			flash_resume(daemon->flash, device,
			    persist_read_progress(daemon->persist, device));
		else if (device->state == STATE_VERIFYING)
			postflash_run_start(daemon->postflash_run, device);
}

/* From now on the daemon writes nothing but its state, and new images. */
static void
enter_sandbox(const struct daemon *daemon)
{
	const struct config *config = daemon->setup.config;
	char *runtime = xstrdup(config->control_socket);
	const char *writable[] = { config->state_directory, dirname(runtime),
		config->image_directory };
	bool has_images = image_use_may_write(&daemon->setup, NULL);
	const struct sandbox_rules rules = {
		.writable = writable,
		.writable_count = has_images ? 3 : 2,
		.may_connect = true, /* Device= may name any port */
	};
	char said[SANDBOX_TEXT_SIZE];

	log_info("sandboxed: %s", sandbox_enter(&rules, said));
	free(runtime);
}

static bool
start(struct daemon *daemon, struct error *err)
{
	struct manager_sockets given;

	/* Devices are asked, and come, over IPv4 alone. */
	manager_sockets(&given, false);
	daemon->has_given_ports = given.http_count > 0;
	if (!daemon_make_objects(daemon, &given, err) ||
	    !catch_signals(daemon, err))
		return false;
	startup_log_start(&daemon->setup, daemon->images,
	    server_port(daemon->server), daemon->has_given_ports);
	images_folder_clean(daemon->setup.config->image_directory);
	enter_sandbox(daemon);
	resume_jobs(daemon);
	outage_look(daemon->outage);
	discovery_start(daemon->discovery);
	events_begin(daemon->events, daemon->base, daemon->registry);
	return true;
}

static void
stop(struct daemon *daemon)
{
	events_end(daemon->events);
	signals_free(daemon->signals);
	daemon_free_objects(daemon);
	setup_fini(&daemon->setup);
	config_free(daemon->begun);
	libevent_global_shutdown();
}

bool
daemon_run(const struct daemon_options *options, struct error *err)
{
	struct daemon daemon = { .options = *options };
	struct problems problems = { 0 };
	bool ok;

	evlog_install();
	ok = load_setup(options->conf_file, &daemon.setup, &problems, err);
	problems_fini(&problems);
	if (!ok)
		return false;
	ok = start(&daemon, err);
	if (ok)
		event_base_dispatch(daemon.base);
	stop(&daemon);
	return ok;
}
