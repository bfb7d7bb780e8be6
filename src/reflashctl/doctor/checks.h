/* SPDX-License-Identifier: ISC */
/*
 * checks -- what doctor looks at, in this order: what follows from something
 * else comes after it.
 */
#ifndef REFLASHD_REFLASHCTL_CHECKS_H
#define REFLASHD_REFLASHCTL_CHECKS_H

#include "reflashctl/doctor/finding.h"
#include "reflashctl/doctor/installation.h"

typedef void check_fn(const struct installation *, struct findings *);

check_fn check_clock;	   /* set, and kept right */
check_fn check_files;	   /* configuration, policies, folders: reflashd -t */
check_fn check_images;	   /* each file in ImageDirectory */
check_fn check_disk;	   /* room for the state */
check_fn check_group;	   /* whether this user may change things */
check_fn check_unit;	   /* of systemd: masked, disabled, failed */
check_fn check_ports;	   /* taken by others */
check_fn check_interfaces; /* up, with a cable and an address */
check_fn check_firewall;   /* of this machine */
check_fn check_multicast;  /* whether anybody is heard */
check_fn check_avahi;	   /* where the configuration asks for it */
check_fn check_daemon;	   /* whether it runs, and what it complains about */

#endif
