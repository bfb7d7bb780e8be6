/* SPDX-License-Identifier: ISC */
/*
 * outage -- what this machine itself cannot do, and no device is to blame for:
 * it cannot reach a network, it slept, it did not get to run, or it had nothing
 * left to let a device in with.
 *
 * Devices in a network out of reach have the reason in device->cut_off.  Their
 * jobs are told, and the clock of whoever waits for them stands.
 */
#ifndef REFLASHD_OUTAGE_H
#define REFLASHD_OUTAGE_H

#include "core/net/connectivity.h"
#include "reflashd/daemon.h"

bool outage_start(struct daemon *, struct error *);
void outage_stop(struct daemon *);

/* The kernel says that something has changed: look in the next turn. */
void outage_changed(struct daemon *);

/* See which networks can be reached now, and tell who is concerned. */
void outage_look(struct daemon *);

/*
 * The same, but only if something has changed.  The kernel says so by itself as
 * a rule; this finds what it did not tell, and what it told wrongly once.
 */
void outage_look_again(struct daemon *);

/* Look at the network of one device, which may be new, or have moved. */
void outage_look_at(struct daemon *, struct device *);

/* Whether the network of a device cannot be reached at this very moment. */
bool outage_is_now(struct daemon *, const struct device *);

/* The time that counts for whoever waits for this device. */
uint64_t
outage_clock(struct daemon *, struct device *, struct connectivity_clock *);

/* Somebody begins to wait for a device. */
void outage_watch(struct daemon *);

/* It has answered, or fetched. */
void outage_heard(struct connectivity_clock *);

/*
 * Something was due by clock_awake_ms(), and happens now.  If that is much
 * too late this machine slept, or the daemon did not run.
 */
void outage_due(struct daemon *, uint64_t due_ms);

/*
 * Connections of devices wait, and this machine cannot accept them, for the
 * reason of an errno; to be told each second.  0: it can again.
 */
void outage_starved(struct daemon *, int why);

/* Sentences for people: what cannot be reached. */
void outage_problems(const struct daemon *, json_t *problems);

#endif
