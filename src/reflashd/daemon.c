/* SPDX-License-Identifier: ISC */
/* Makes the objects of the daemon, wires them together, and runs them. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "core/device/record.h"
#include "core/schedule/campaign.h"
#include "io/advice.h"
#include "io/control/control.h"
#include "io/evlog.h"
#include "io/hooks/hooks.h"
#include "io/http/client.h"
#include "io/http/server.h"
#include "io/images.h"
#include "io/manager.h"
#include "io/signals.h"
#include "reflashd/config_check.h"
#include "reflashd/control/commands.h"
#include "reflashd/daemon.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/device/probe.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/events.h"
#include "reflashd/events/netdiag_log.h"
#include "reflashd/flash/download.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/net/subnet.h"
#include "reflashd/postflash/esphome_check.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/postflash/rejoin.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/startup_log.h"
#include "reflashd/store/persist.h"

/* One of each, in the order in which they are made; NULL: not made yet. */
struct daemon {
	const char *conf_file;	  /* borrowed; NULL: the built-in one */
	const char *scan_program; /* borrowed */
	struct starter *starter;  /* borrowed */
	struct setup setup;	  /* a reload replaces what is in it */
	struct config *begun;	  /* as at the start; NULL: it still is */
	bool has_given_ports;	  /* by a socket unit */
	struct event_base *base;
	struct image_cache *images;
	struct events *events;
	struct registry *registry;
	struct reachable *reachable;
	struct subnet *subnet;
	struct outage *outage;
	struct netdiag_log *firewall;
	struct campaign *campaign;
	struct hooks *hooks;
	struct client *client;
	struct prober *prober;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct esphome_check *esphome_check;
	struct persist *keep;
	struct downloads *downloads;
	struct server *server;
	struct flash *flash;
	struct postflash_run *postflash_run;
	struct rejoin *rejoin;
	struct scheduler *scheduler;
	struct discovery *discovery;
	struct commands *commands;
	struct control *control;
	struct signals *signals;
};

/* ---- configuration ----------------------------------------------------- */

static void
tell_problems(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		log_err("%s", problems->text[i]);
}

/* What is wrong is in the log, and in the list for whoever asked. */
static bool
load_setup(const char *file, struct setup *setup, struct problems *problems,
    struct error *err)
{
	bool ok = setup_load(file, setup, problems);

	tell_problems(problems);
	if (!ok)
		error_set(err, EBADMSG,
		    "%zu mistake%s in the configuration: %s", problems->count,
		    problems->count == 1 ? "" : "s",
		    problems->count > 0 ? problems->text[0] : "unknown");
	return ok;
}

static bool
listen_address(
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
		    "Listen: %s is not an IPv4 address", config->listen);
	return true;
}

/* The old one is ended; that of the start is kept to compare with. */
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

/* What is to be said of the configuration that is in force now. */
static void
look_at_setup(struct daemon *daemon, struct config_check *check)
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

	if (!load_setup(daemon->conf_file, &fresh, problems, err)) {
		log_err("reload: nothing has changed: %s", err->text);
		return false;
	}
	if (!listen_address(fresh.config, &server, err)) {
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
	look_at_setup(daemon, check);
	startup_log_reloaded(&daemon->setup, check);
	scheduler_requery_soon(daemon->scheduler);
	return true;
}

/*
 * Read the configuration again; all of it or nothing of it takes effect.  What
 * was found by it is added to the check, which the caller ends.
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

/* Reload for commands, which take what was found. */
static bool
on_reload(struct commands_reload *out, struct error *err, void *ctx)
{
	struct config_check check = { 0 };
	bool ok = announce_reload(ctx, &out->mistakes, &check, err);

	out->faults = check.faults;
	out->doubts = check.doubts;
	out->summary = check.summary;
	problems_fini(&check.unseen);
	return ok;
}

/* ---- events ------------------------------------------------------------ */

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

/* The devices were asked again, and so was the LAN, by reflash-scan. */
static void
on_asked(void *ctx)
{
	discovery_asked(((struct daemon *)ctx)->discovery);
}

static void
start_scheduler(struct daemon *daemon)
{
	static const struct scheduler_ops ops = { .asked = on_asked };
	const struct scheduler_parts parts = {
		.base = daemon->base,
		.setup = &daemon->setup,
		.registry = daemon->registry,
		.campaign = daemon->campaign,
		.images = daemon->images,
		.events = daemon->events,
		.keep = daemon->keep,
		.reachable = daemon->reachable,
		.outage = daemon->outage,
		.id_conflict = daemon->id_conflict,
		.identify = daemon->identify,
		.flash = daemon->flash,
		.postflash_run = daemon->postflash_run,
		.rejoin = daemon->rejoin,
		.ops = &ops,
		.ctx = daemon,
	};

	daemon->scheduler = scheduler_new(&parts);
}

static void
start_discovery(struct daemon *daemon)
{
	const struct discovery_parts parts = {
		.base = daemon->base,
		.setup = &daemon->setup,
		.starter = daemon->starter,
		.scan_program = daemon->scan_program,
		.registry = daemon->registry,
		.scheduler = daemon->scheduler,
		.firewall = daemon->firewall,
		.reachable = daemon->reachable,
		.id_conflict = daemon->id_conflict,
		.identify = daemon->identify,
		.postflash_run = daemon->postflash_run,
	};

	daemon->discovery = discovery_new(&parts);
}

static void
start_commands(struct daemon *daemon)
{
	static const struct commands_ops ops = { .reload = on_reload };
	const struct commands_parts parts = {
		.base = daemon->base,
		.setup = &daemon->setup,
		.port = server_port(daemon->server),
		.registry = daemon->registry,
		.campaign = daemon->campaign,
		.keep = daemon->keep,
		.outage = daemon->outage,
		.firewall = daemon->firewall,
		.events = daemon->events,
		.scheduler = daemon->scheduler,
		.discovery = daemon->discovery,
		.identify = daemon->identify,
		.ops = &ops,
		.ctx = daemon,
	};

	daemon->commands = commands_new(&parts);
}

static bool
start_events(struct daemon *daemon, struct error *err)
{
	static const int numbers[3] = { SIGINT, SIGTERM, SIGHUP };

	signal(SIGPIPE, SIG_IGN);
	daemon->signals =
	    signals_new(daemon->base, numbers, 3, on_signal, daemon, err);
	if (daemon->signals == NULL)
		return false;
	return true;
}

/* ---- life -------------------------------------------------------------- */

/* What was under way when we ended. */
static void
resume_jobs(struct daemon *daemon)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (record_is_under_way(device))
			flash_resume(daemon->flash, device,
			    persist_read_progress(daemon->keep, device));
		else if (device->state == STATE_VERIFYING)
			postflash_run_start(daemon->postflash_run, device);
}

static void
on_network_changed(void *ctx)
{
	outage_changed(((struct daemon *)ctx)->outage);
}

static void
start_reachable(struct daemon *daemon)
{
	const struct reachable_parts parts = {
		.setup = &daemon->setup,
		.registry = daemon->registry,
		.changed = on_network_changed,
		.ctx = daemon,
	};

	daemon->reachable = reachable_new(&parts);
}

static void
on_subnet_answered(void *ctx)
{
	rejoin_swept(((struct daemon *)ctx)->rejoin);
}

static void
start_subnet(struct daemon *daemon)
{
	const struct subnet_parts parts = {
		.base = daemon->base,
		.reachable = daemon->reachable,
		.answered = on_subnet_answered,
		.ctx = daemon,
	};

	daemon->subnet = subnet_new(&parts);
}

static void
on_lost(struct device *device, void *ctx)
{
	struct daemon *daemon = ctx;

	flash_cut_off(device);
	events_publish(daemon->events, device);
}

static void
on_regained(struct device *device, const char *what, void *ctx)
{
	flash_reconnected(device, what);
	postflash_run_reconnected(device);
	events_publish(((struct daemon *)ctx)->events, device);
}

static void
on_excused(struct device *device, const char *what, void *ctx)
{
	(void)ctx;
	flash_reconnected(device, what);
}

static void
on_device_starved(struct device *device, const char *what, void *ctx)
{
	(void)ctx;
	flash_excuse(device, what);
	postflash_run_excuse(device);
}

static void
on_looked(bool has_networks, void *ctx)
{
	struct daemon *daemon = ctx;

	flash_look_at_local(daemon->flash);
	if (has_networks)
		scheduler_requery_soon(daemon->scheduler);
}

static const struct outage_ops outage_ops = {
	.lost = on_lost,
	.regained = on_regained,
	.excused = on_excused,
	.starved = on_device_starved,
	.looked = on_looked,
};

static void
start_outage(struct daemon *daemon)
{
	const struct outage_parts parts = {
		.base = daemon->base,
		.reachable = daemon->reachable,
		.registry = daemon->registry,
		.ops = &outage_ops,
		.ctx = daemon,
	};

	daemon->outage = outage_new(&parts);
}

static void
on_moved(struct device *device, void *ctx)
{
	(void)ctx;
	flash_moved(device);
}

static void
on_learned(struct device *device, void *ctx)
{
	scheduler_consider(((struct daemon *)ctx)->scheduler, device);
}

/* What was learned may be of any device. */
static void
on_learned_of_some(void *ctx)
{
	scheduler_consider_soon(((struct daemon *)ctx)->scheduler);
}

static void
start_id_conflict(struct daemon *daemon)
{
	static const struct id_conflict_ops ops = {
		.moved = on_moved,
		.learned = on_learned,
		.over = on_learned_of_some,
	};
	const struct id_conflict_parts parts = {
		.setup = &daemon->setup,
		.registry = daemon->registry,
		.reachable = daemon->reachable,
		.outage = daemon->outage,
		.prober = daemon->prober,
		.ops = &ops,
		.ctx = daemon,
	};

	daemon->id_conflict = id_conflict_new(&parts);
}

static void
on_stock(struct device *device, void *ctx)
{
	(void)ctx;
	postflash_run_abandon(device);
}

static void
start_identify(struct daemon *daemon)
{
	static const struct identify_ops ops = {
		.learned = on_learned,
		.asked = on_learned_of_some,
		.is_stock = on_stock,
	};
	const struct identify_parts parts = {
		.setup = &daemon->setup,
		.registry = daemon->registry,
		.reachable = daemon->reachable,
		.outage = daemon->outage,
		.prober = daemon->prober,
		.id_conflict = daemon->id_conflict,
		.ops = &ops,
		.ctx = daemon,
	};

	daemon->identify = identify_new(&parts);
}

static void
start_hooks(struct daemon *daemon)
{
	const struct hooks_config config = {
		.starter = daemon->starter,
		.directory = daemon->setup.config->hook_directory,
		.run_ms = HOOKS_RUN_MS,
		.end_ms = HOOKS_END_MS,
	};

	daemon->hooks = hooks_new(daemon->base, &config);
}

static void
on_recovered(void *ctx)
{
	scheduler_consider_soon(((struct daemon *)ctx)->scheduler);
}

static bool
start_keep(struct daemon *daemon, struct error *err)
{
	const struct persist_config config = {
		.base = daemon->base,
		.directory = daemon->setup.config->state_directory,
		.registry = daemon->registry,
		.campaign = daemon->campaign,
		.digest = image_cache_digest(daemon->images),
		.recovered = on_recovered,
		.ctx = daemon,
	};

	daemon->keep = persist_new(&config, err);
	return daemon->keep != NULL;
}

static bool
on_job_decides(const struct device *device, struct image *image,
    struct decision *out, void *ctx)
{
	return scheduler_decide_job(
	    ((struct daemon *)ctx)->scheduler, device, image, out);
}

static void
on_job_ended(struct device *device, const struct policy *policy, void *ctx)
{
	struct daemon *daemon = ctx;

	postflash_run_take_over(daemon->postflash_run, device, policy);
}

static void
on_slot_is_free(void *ctx)
{
	scheduler_consider_soon(((struct daemon *)ctx)->scheduler);
}

static const struct flash_ops flash_ops = {
	.decide = on_job_decides,
	.ended = on_job_ended,
	.slot_is_free = on_slot_is_free,
};

static void
start_flash(struct daemon *daemon)
{
	const struct flash_parts parts = {
		.base = daemon->base,
		.setup = &daemon->setup,
		.images = daemon->images,
		.client = daemon->client,
		.server = daemon->server,
		.keep = daemon->keep,
		.events = daemon->events,
		.reachable = daemon->reachable,
		.outage = daemon->outage,
		.id_conflict = daemon->id_conflict,
		.subnet = daemon->subnet,
		.ops = &flash_ops,
		.ctx = daemon,
	};

	daemon->flash = flash_new(&parts);
}

static void
on_esphome_checked(struct device *device, struct in_addr address,
    const struct esphome_sign *sign, void *ctx)
{
	struct daemon *daemon = ctx;

	postflash_run_knocked(daemon->postflash_run, device, address, sign);
}

static void
start_esphome_check(struct daemon *daemon)
{
	const struct esphome_check_parts parts = {
		.client = daemon->client,
		.registry = daemon->registry,
		.ended = on_esphome_checked,
		.ctx = daemon,
	};

	daemon->esphome_check = esphome_check_new(&parts);
}

static void
on_postflash_ended(void *ctx)
{
	scheduler_consider_soon(((struct daemon *)ctx)->scheduler);
}

static void
start_postflash_run(struct daemon *daemon)
{
	const struct postflash_run_parts parts = {
		.identify = daemon->identify,
		.base = daemon->base,
		.setup = &daemon->setup,
		.registry = daemon->registry,
		.images = daemon->images,
		.client = daemon->client,
		.server = daemon->server,
		.keep = daemon->keep,
		.events = daemon->events,
		.reachable = daemon->reachable,
		.outage = daemon->outage,
		.subnet = daemon->subnet,
		.esphome_check = daemon->esphome_check,
		.ended = on_postflash_ended,
		.ctx = daemon,
	};

	daemon->postflash_run = postflash_run_new(&parts);
}

static void
start_rejoin(struct daemon *daemon)
{
	const struct rejoin_parts parts = {
		.postflash_run = daemon->postflash_run,
		.registry = daemon->registry,
		.reachable = daemon->reachable,
		.subnet = daemon->subnet,
	};

	daemon->rejoin = rejoin_new(&parts);
}

static void
wire_events(struct daemon *daemon)
{
	const struct events_parts parts = {
		.campaign = daemon->campaign,
		.control = daemon->control,
		.firewall = daemon->firewall,
		.hooks = daemon->hooks,
		.keep = daemon->keep,
	};

	events_wire(daemon->events, &parts);
}

/* Its folder could not be made.  Always returns false. */
static bool
advise_socket(const char *path, struct error *err)
{
	char *folder = xstrdup(path), *slash = strrchr(folder, '/');

	if (slash != NULL && slash != folder) {
		*slash = '\0';
		if (advice_folder_is_missing(folder))
			advice_add(folder, err);
	}
	free(folder);
	return false;
}

/* Nothing is opened any more but the state, and what is read. */
static void
enter_sandbox(const struct daemon *daemon)
{
	const struct config *config = daemon->setup.config;
	char *runtime = xstrdup(config->control_socket);
	const char *writable[] = { config->state_directory, dirname(runtime) };
	const struct sandbox_rules rules = {
		.writable = writable,
		.writable_count = 2,
		.may_connect = true, /* Device= may name any port */
	};
	char said[SANDBOX_TEXT_SIZE];

	log_info("sandboxed: %s", sandbox_enter(&rules, said));
	free(runtime);
}

/*
 * Where it was announced has been looked at by then; but our own addresses,
 * and what is allowed, may be others since an address was written down.
 */
static const char *
client_may_not(struct in_addr address, bool is_urgent, const void *ctx)
{
	const struct daemon *daemon = ctx;

	if (!is_urgent && reachable_is_fetching(daemon->reachable, address))
		return "a device fetches an image there";
	return reachable_why_not(daemon->reachable, address, NULL);
}

static void
start_downloads(struct daemon *daemon)
{
	const struct downloads_parts parts = {
		.firewall = daemon->firewall,
		.outage = daemon->outage,
	};

	daemon->downloads = downloads_new(&parts);
}

static bool
start_server(struct daemon *daemon, const struct manager_sockets *given,
    struct error *err)
{
	struct server_config server;

	if (!listen_address(daemon->setup.config, &server, err))
		return false;
	server.fds = given->http;
	server.fd_count = given->http_count;
	start_downloads(daemon);
	daemon->server = server_new(daemon->base, &server, &download_server_ops,
	    daemon->downloads, err);
	if (daemon->server == NULL)
		return false;
	netdiag_log_set_port(daemon->firewall, server_port(daemon->server));
	return true;
}

static bool
start(struct daemon *daemon, struct error *err)
{
	const struct config *config = daemon->setup.config;
	struct manager_sockets given;
	struct control_config control = {
		.path = config->control_socket,
		.group = config->control_group,
	};

	manager_sockets(&given);
	control.fd = given.control;
	daemon->base = event_base_new();
	if (daemon->base == NULL)
		return error_set(err, ENOMEM, "no event loop");
	daemon->images = image_cache_new(config->image_directory, err);
	if (daemon->images == NULL)
		return false;
	daemon->events = events_new();
	daemon->registry = registry_new(
	    config->max_devices, &events_device_ops, daemon->events);
	start_reachable(daemon);
	start_subnet(daemon);
	start_outage(daemon);
	daemon->firewall = netdiag_log_new(daemon->registry, daemon->reachable);
	daemon->campaign = campaign_new(daemon->registry);
	start_hooks(daemon);
	daemon->client = client_new(daemon->base, client_may_not, daemon);
	client_come_back(daemon->client);
	daemon->prober = prober_new(daemon->client);
	start_id_conflict(daemon);
	start_identify(daemon);
	start_esphome_check(daemon);
	if (!start_keep(daemon, err) || !start_server(daemon, &given, err))
		return false;
	start_flash(daemon);
	start_postflash_run(daemon);
	start_rejoin(daemon);
	start_scheduler(daemon);
	start_discovery(daemon);
	start_commands(daemon);
	daemon->control = control_new(daemon->base, &control,
	    &commands_control_ops, daemon->commands, err);
	if (daemon->control == NULL)
		return advise_socket(config->control_socket, err);
	if (!start_events(daemon, err))
		return false;
	daemon->has_given_ports = given.http_count > 0;
	startup_log_start(&daemon->setup, daemon->images,
	    server_port(daemon->server), daemon->has_given_ports);
	wire_events(daemon);
	enter_sandbox(daemon);
	resume_jobs(daemon);
	outage_look(daemon->outage);
	discovery_start(daemon->discovery);
	events_begin(daemon->events, daemon->base, daemon->registry);
	return true;
}

/* In the reverse order; whatever was not started is NULL. */
static void
stop(struct daemon *daemon)
{
	events_end(daemon->events);
	signals_free(daemon->signals);
	control_free(daemon->control);
	commands_free(daemon->commands);
	discovery_free(daemon->discovery);
	scheduler_free(daemon->scheduler);
	daemon->scheduler = NULL; /* the parts below may still call it */
	rejoin_free(daemon->rejoin);
	postflash_run_free(daemon->postflash_run);
	flash_free(daemon->flash);
	esphome_check_free(daemon->esphome_check);
	persist_free(daemon->keep);
	hooks_free(daemon->hooks);
	server_free(daemon->server);
	downloads_free(daemon->downloads);
	identify_free(daemon->identify);
	id_conflict_free(daemon->id_conflict);
	prober_free(daemon->prober);
	client_free(daemon->client);
	netdiag_log_free(daemon->firewall);
	outage_free(daemon->outage);
	subnet_free(daemon->subnet);
	reachable_free(daemon->reachable);
	registry_free(daemon->registry);
	events_free(daemon->events);
	campaign_free(daemon->campaign);
	if (daemon->base != NULL)
		event_base_free(daemon->base);
	image_cache_free(daemon->images);
	setup_fini(&daemon->setup);
	config_free(daemon->begun);
	libevent_global_shutdown();
}

bool
daemon_run(const struct daemon_options *options, struct error *err)
{
	struct daemon daemon = {
		.conf_file = options->conf_file,
		.scan_program = options->scan_program,
		.starter = options->starter,
	};
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
