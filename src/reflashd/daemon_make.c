/* SPDX-License-Identifier: ISC */
/*
 * Makes the objects of the daemon in an order in which each is handed only
 * objects that were made before it, and connects what they report upwards. Only
 * events, to which all report, is handed its objects in the end.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/config/configuration.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "io/advice.h"
#include "io/control/control.h"
#include "io/hooks/hooks.h"
#include "io/http/client.h"
#include "io/http/server.h"
#include "io/images.h"
#include "reflashd/daemon_parts.h"
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
#include "reflashd/schedule/requery.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

static void
on_network_changed(void *ctx)
{
	outage_changed(((struct daemon *)ctx)->outage);
}

static void
on_subnet_answered(void *ctx)
{
	rejoin_swept(((struct daemon *)ctx)->rejoin);
}

static void
on_lost(struct device *device, void *ctx)
{
	flash_cut_off(device);
	events_publish(((struct daemon *)ctx)->events, device);
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
on_starved(struct device *device, const char *what, void *ctx)
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
		requery_soon(daemon->requery);
}

/* Something has changed that may concern any device. */
static void
on_changed_for_any(void *ctx)
{
	scheduler_consider_soon(((struct daemon *)ctx)->scheduler);
}

static void
on_moved(struct device *device, void *ctx)
{
	(void)ctx;
	flash_moved(device);
}

static void
on_stock(struct device *device, void *ctx)
{
	(void)ctx;
	postflash_run_abandon(device);
}

static void
on_esphome_checked(struct device *device, struct in_addr address,
    const struct esphome_sign *sign, void *ctx)
{
	postflash_run_knocked(
	    ((struct daemon *)ctx)->postflash_run, device, address, sign);
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
	postflash_run_take_over(
	    ((struct daemon *)ctx)->postflash_run, device, policy);
}

/* reflash-scan asks the LAN as often as the devices are asked. */
static void
on_asked(void *ctx)
{
	discovery_asked(((struct daemon *)ctx)->discovery);
}

static const struct outage_ops outage_ops = {
	.lost = on_lost,
	.regained = on_regained,
	.excused = on_excused,
	.starved = on_starved,
	.looked = on_looked,
};
static const struct id_conflict_ops id_conflict_ops = {
	.moved = on_moved,
	.over = on_changed_for_any,
};
static const struct identify_ops identify_ops = {
	.asked = on_changed_for_any,
	.is_stock = on_stock,
};
static const struct flash_ops flash_ops = {
	.decide = on_job_decides,
	.ended = on_job_ended,
	.slot_is_free = on_changed_for_any,
};
static const struct commands_ops commands_ops = { .reload = daemon_on_reload };

static bool
make_ground(struct daemon *daemon, struct error *err)
{
	const struct config *config = daemon->setup.config;

	daemon->base = event_base_new();
	if (daemon->base == NULL)
		return error_set(err, ENOMEM, "no event loop");
	daemon->images = image_cache_new(config->image_directory, err);
	if (daemon->images == NULL)
		return false;
	daemon->events = events_new();
	daemon->registry = registry_new(
	    config->max_devices, &events_device_ops, daemon->events);
	daemon->campaign = campaign_new(daemon->registry);
	daemon->hooks = hooks_new(daemon->base,
	    &(struct hooks_config){
		.starter = daemon->options.starter,
		.directory = config->hook_directory,
		.run_ms = HOOKS_RUN_MS,
		.end_ms = HOOKS_END_MS,
	    });
	return true;
}

/* Make the objects that know which devices can be reached. */
static void
make_network(struct daemon *daemon)
{
	daemon->reachable = reachable_new(&(struct reachable_parts){
	    .setup = &daemon->setup,
	    .registry = daemon->registry,
	    .changed = on_network_changed,
	    .ctx = daemon,
	});
	daemon->subnet = subnet_new(&(struct subnet_parts){
	    .base = daemon->base,
	    .reachable = daemon->reachable,
	    .answered = on_subnet_answered,
	    .ctx = daemon,
	});
	daemon->outage = outage_new(&(struct outage_parts){
	    .base = daemon->base,
	    .reachable = daemon->reachable,
	    .registry = daemon->registry,
	    .ops = &outage_ops,
	    .ctx = daemon,
	});
	daemon->netdiag_log =
	    netdiag_log_new(daemon->registry, daemon->reachable);
}

/* Make the objects that ask devices outside of jobs. */
static void
make_questions(struct daemon *daemon)
{
	daemon->client = client_new(
	    daemon->base, reachable_client_why_not, daemon->reachable);
	client_come_back(daemon->client);
	daemon->prober = prober_new(daemon->client);
	daemon->id_conflict = id_conflict_new(&(struct id_conflict_parts){
	    .setup = &daemon->setup,
	    .registry = daemon->registry,
	    .reachable = daemon->reachable,
	    .outage = daemon->outage,
	    .prober = daemon->prober,
	    .ops = &id_conflict_ops,
	    .ctx = daemon,
	});
	daemon->identify = identify_new(&(struct identify_parts){
	    .setup = &daemon->setup,
	    .registry = daemon->registry,
	    .reachable = daemon->reachable,
	    .outage = daemon->outage,
	    .prober = daemon->prober,
	    .id_conflict = daemon->id_conflict,
	    .ops = &identify_ops,
	    .ctx = daemon,
	});
	daemon->esphome_check = esphome_check_new(&(struct esphome_check_parts){
	    .client = daemon->client,
	    .registry = daemon->registry,
	    .ended = on_esphome_checked,
	    .ctx = daemon,
	});
}

/* Make the state on disk, and the server that devices download from. */
static bool
make_storage(struct daemon *daemon, const struct manager_sockets *given,
    struct error *err)
{
	struct server_config server;

	daemon->persist = persist_new(
	    &(struct persist_config){
		.base = daemon->base,
		.directory = daemon->setup.config->state_directory,
		.registry = daemon->registry,
		.campaign = daemon->campaign,
		.digest = image_cache_digest(daemon->images),
		.recovered = on_changed_for_any,
		.ctx = daemon,
	    },
	    err);
	if (daemon->persist == NULL ||
	    !daemon_server_config(daemon->setup.config, &server, err))
		return false;
	server.fds = given->http;
	server.fd_count = given->http_count;
	daemon->downloads = downloads_new(&(struct downloads_parts){
	    .netdiag_log = daemon->netdiag_log,
	    .outage = daemon->outage,
	});
	daemon->server = server_new(daemon->base, &server, &download_server_ops,
	    daemon->downloads, err);
	if (daemon->server == NULL)
		return false;
	netdiag_log_set_port(daemon->netdiag_log, server_port(daemon->server));
	return true;
}

/* Make the objects that flash devices, find them again and set them up. */
static void
make_jobs(struct daemon *daemon)
{
	daemon->flash = flash_new(&(struct flash_parts){
	    .base = daemon->base,
	    .setup = &daemon->setup,
	    .images = daemon->images,
	    .client = daemon->client,
	    .server = daemon->server,
	    .persist = daemon->persist,
	    .events = daemon->events,
	    .reachable = daemon->reachable,
	    .outage = daemon->outage,
	    .id_conflict = daemon->id_conflict,
	    .identify = daemon->identify,
	    .subnet = daemon->subnet,
	    .ops = &flash_ops,
	    .ctx = daemon,
	});
	daemon->postflash_run = postflash_run_new(&(struct postflash_run_parts){
	    .identify = daemon->identify,
	    .base = daemon->base,
	    .setup = &daemon->setup,
	    .registry = daemon->registry,
	    .images = daemon->images,
	    .client = daemon->client,
	    .server = daemon->server,
	    .persist = daemon->persist,
	    .events = daemon->events,
	    .reachable = daemon->reachable,
	    .outage = daemon->outage,
	    .subnet = daemon->subnet,
	    .esphome_check = daemon->esphome_check,
	    .ended = on_changed_for_any,
	    .ctx = daemon,
	});
	daemon->rejoin = rejoin_new(&(struct rejoin_parts){
	    .postflash_run = daemon->postflash_run,
	    .registry = daemon->registry,
	    .reachable = daemon->reachable,
	    .subnet = daemon->subnet,
	});
}

/* Make the objects that hear of devices and decide about them. */
static void
make_decisions(struct daemon *daemon)
{
	daemon->scheduler = scheduler_new(&(struct scheduler_parts){
	    .base = daemon->base,
	    .setup = &daemon->setup,
	    .registry = daemon->registry,
	    .campaign = daemon->campaign,
	    .images = daemon->images,
	    .events = daemon->events,
	    .persist = daemon->persist,
	    .reachable = daemon->reachable,
	    .outage = daemon->outage,
	    .identify = daemon->identify,
	    .flash = daemon->flash,
	    .postflash_run = daemon->postflash_run,
	});
	daemon->requery = requery_new(&(struct requery_parts){
	    .base = daemon->base,
	    .setup = &daemon->setup,
	    .registry = daemon->registry,
	    .events = daemon->events,
	    .outage = daemon->outage,
	    .id_conflict = daemon->id_conflict,
	    .identify = daemon->identify,
	    .rejoin = daemon->rejoin,
	    .scheduler = daemon->scheduler,
	    .asked = on_asked,
	    .ctx = daemon,
	});
	daemon->discovery = discovery_new(&(struct discovery_parts){
	    .base = daemon->base,
	    .setup = &daemon->setup,
	    .starter = daemon->options.starter,
	    .scan_program = daemon->options.scan_program,
	    .registry = daemon->registry,
	    .scheduler = daemon->scheduler,
	    .netdiag_log = daemon->netdiag_log,
	    .reachable = daemon->reachable,
	    .id_conflict = daemon->id_conflict,
	    .identify = daemon->identify,
	    .postflash_run = daemon->postflash_run,
	});
}

/* Add the command that makes the folder of the socket.  Returns false. */
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

static bool
make_control(struct daemon *daemon, int fd, struct error *err)
{
	const struct config *config = daemon->setup.config;

	daemon->commands = commands_new(&(struct commands_parts){
	    .base = daemon->base,
	    .setup = &daemon->setup,
	    .port = server_port(daemon->server),
	    .server = daemon->server,
	    .hooks = daemon->hooks,
	    .registry = daemon->registry,
	    .campaign = daemon->campaign,
	    .images = daemon->images,
	    .persist = daemon->persist,
	    .outage = daemon->outage,
	    .netdiag_log = daemon->netdiag_log,
	    .events = daemon->events,
	    .scheduler = daemon->scheduler,
	    .discovery = daemon->discovery,
	    .identify = daemon->identify,
	    .ops = &commands_ops,
	    .ctx = daemon,
	});
	daemon->control = control_new(daemon->base,
	    &(struct control_config){
		.path = config->control_socket,
		.group = config->control_group,
		.fd = fd,
	    },
	    &commands_control_ops, daemon->commands, err);
	return daemon->control != NULL ||
	    advise_socket(config->control_socket, err);
}

bool
daemon_make_objects(struct daemon *daemon, const struct manager_sockets *given,
    struct error *err)
{
	if (!make_ground(daemon, err))
		return false;
	make_network(daemon);
	make_questions(daemon);
	if (!make_storage(daemon, given, err))
		return false;
	make_jobs(daemon);
	make_decisions(daemon);
	if (!make_control(daemon, given->control, err))
		return false;
	events_wire(daemon->events,
	    &(struct events_parts){
		.campaign = daemon->campaign,
		.control = daemon->control,
		.netdiag_log = daemon->netdiag_log,
		.hooks = daemon->hooks,
		.persist = daemon->persist,
		.http_port = server_port(daemon->server),
	    });
	return true;
}

/* Free the objects in the reverse order of their making. */
void
daemon_free_objects(struct daemon *daemon)
{
	control_free(daemon->control);
	commands_free(daemon->commands);
	discovery_free(daemon->discovery);
	requery_free(daemon->requery);
	scheduler_free(daemon->scheduler);
	/* The objects below may still report. */
	daemon->requery = NULL;
	daemon->scheduler = NULL;
	rejoin_free(daemon->rejoin);
	postflash_run_free(daemon->postflash_run);
	flash_free(daemon->flash);
	server_free(daemon->server);
	downloads_free(daemon->downloads);
	persist_free(daemon->persist);
	esphome_check_free(daemon->esphome_check);
	identify_free(daemon->identify);
	id_conflict_free(daemon->id_conflict);
	prober_free(daemon->prober);
	client_free(daemon->client);
	netdiag_log_free(daemon->netdiag_log);
	outage_free(daemon->outage);
	subnet_free(daemon->subnet);
	reachable_free(daemon->reachable);
	hooks_free(daemon->hooks);
	registry_free(daemon->registry);
	events_free(daemon->events);
	campaign_free(daemon->campaign);
	image_cache_free(daemon->images);
	if (daemon->base != NULL)
		event_base_free(daemon->base);
}
