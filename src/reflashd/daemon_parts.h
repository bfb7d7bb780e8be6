/* SPDX-License-Identifier: ISC */
/*
 * daemon_parts -- what only the files of the daemon share.
 *
 *	daemon.c	its life: the start, a reload, signals, the end
 *	daemon_make.c	makes the objects, and connects what they report upwards
 *
 * No other file sees struct daemon: an object is handed the objects that it
 * calls, and no more.
 */
#ifndef REFLASHD_DAEMON_PARTS_H
#define REFLASHD_DAEMON_PARTS_H

#include "io/conffiles.h"
#include "io/manager.h"
#include "reflashd/control/commands.h"
#include "reflashd/daemon.h"

/* All owned, in the order in which they are made; NULL: not made yet. */
struct daemon {
	struct daemon_options options;
	struct setup setup;   /* a reload replaces what is in it */
	struct config *begun; /* as at the start; NULL: it still is */
	bool has_given_ports; /* by a socket unit */
	struct event_base *base;
	struct image_cache *images;
	struct events *events;
	struct registry *registry;
	struct campaign *campaign;
	struct hooks *hooks;
	struct reachable *reachable;
	struct subnet *subnet;
	struct outage *outage;
	struct netdiag_log *netdiag_log;
	struct client *client;
	struct prober *prober;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct esphome_check *esphome_check;
	struct persist *persist;
	struct downloads *downloads;
	struct server *server;
	struct flash *flash;
	struct postflash_run *postflash_run;
	struct rejoin *rejoin;
	struct scheduler *scheduler;
	struct requery *requery;
	struct discovery *discovery;
	struct commands *commands;
	struct control *control;
	struct signals *signals;
};

/*
 * Make the objects from base to control, with the sockets that the service
 * manager has opened.  None of them acts before the event loop runs.  False:
 * daemon_free_objects() ends those that were made.
 */
bool daemon_make_objects(
    struct daemon *, const struct manager_sockets *, struct error *);
void daemon_free_objects(struct daemon *);

/* The configuration of the file server. */
struct server_config;
bool daemon_server_config(
    const struct config *, struct server_config *out, struct error *);

/* Read the configuration again, for commands; ctx is the daemon. */
bool daemon_on_reload(struct commands_reload *out, struct error *, void *ctx);

#endif
