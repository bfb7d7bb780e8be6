/* SPDX-License-Identifier: ISC */
/*
 * daemon -- owns one of each and wires them together.
 *
 *   scanner --announcements--> scheduler --decisions--> flash --calls--> client
 *   control --requests-----> commands                     ^
 *                                                         +--ranges-- server
 *
 * The parts of io/ do not know each other; they meet in the files of this
 * folder, which share this struct.  Stop order is the reverse of start order.
 */
#ifndef REFLASHD_DAEMON_H
#define REFLASHD_DAEMON_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "core/device/registry.h"
#include "core/flash/job.h"
#include "io/conffiles.h"
#include "io/http/server.h"

struct postflash_run;
struct subnet;
struct campaign;
struct id_conflict;
struct client;
struct downloads;
struct esphome_check;
struct commands;
struct control;
struct discovery;
struct events;
struct netdiag_log;
struct hooks;
struct image_cache;
struct persist;
struct prober;
struct identify;
struct outage;
struct reachable;
struct scheduler;
struct rejoin;
struct flash;
struct signals;
struct starter;

struct daemon {
	struct event_base *base;
	const char *conf_file;	  /* borrowed; NULL: the built-in one */
	const char *scan_program; /* borrowed */
	struct starter *starter;  /* borrowed */
	struct setup setup;
	struct config *begun; /* as it was at the start; NULL: it still is */
	bool has_given_ports; /* by a socket unit */
	struct image_cache *images;
	struct reachable *reachable;
	struct outage *outage;
	struct client *client;
	struct prober *prober;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct downloads *downloads;
	struct server *server;
	struct netdiag_log *firewall;
	struct commands *commands;
	struct control *control;
	struct events *events;
	struct persist *keep;
	struct hooks *hooks;
	struct registry *registry;
	struct campaign *campaign;
	struct scheduler *scheduler;
	struct discovery *discovery;
	struct flash *flash;
	struct postflash_run *postflash_run;
	struct esphome_check *esphome_check;
	struct rejoin *rejoin;
	struct subnet *subnet;
	struct signals *signals;
};

struct daemon_options {
	const char *conf_file; /* NULL: the built-in one */
	const char *scan_program;
	struct starter *starter; /* may start it, and hooks */
};

/* Run until told to stop.  Borrows the options for that long. */
bool daemon_run(const struct daemon_options *, struct error *);

#endif
