/* SPDX-License-Identifier: ISC */
/*
 * flash -- the world of a job: its calls, its timer, its image on the server.
 */
#ifndef REFLASHD_FLASH_H
#define REFLASHD_FLASH_H

#include "core/schedule/decide.h"
#include "reflashd/daemon.h"

struct image;

/* Start a job for a device that is not at work.  The image is borrowed. */
void
flash_start(struct daemon *, struct device *, struct policy *, struct image *);

/*
 * Take up a job that was under way when the daemon ended: the same URL, the
 * same bytes.
 */
void flash_resume(struct daemon *, struct device *, uint64_t bytes);

/*
 * The device that is at work at the address and port of this one, or NULL. They
 * cannot both be there: at least one of them is invented.
 */
const struct device *
flash_at_same_place(const struct daemon *, const struct device *);

/*
 * The device that is at work and has the MAC of this one as the kernel sees it,
 * or NULL.  Both can be real: a repeater shows all devices behind it with its
 * own MAC.  For a device that is at work itself: the one to which it gives way.
 */
const struct device *
flash_with_same_mac(const struct daemon *, const struct device *);

/* The device has another address: its job goes on there. */
void flash_moved(struct device *);

/* While it fetches it is announced there, too. */
void flash_expect(struct device *, struct in_addr address);

/*
 * This machine cannot reach the network of a device, and then it can again and
 * could not, as a sentence says.  For a device without a job they do nothing.
 */
void flash_cut_off(struct daemon *, struct device *);
void flash_reconnected(struct device *, const char *what);

/* Addresses of this machine have changed: tell the jobs that fetch from one. */
void flash_look_at_local(struct daemon *);

/* What keeps this machine from serving the device now; without a job nothing.
 */
void flash_excuse(struct device *, const char *what);

/* End every job without changing the state of its device. */
void flash_stop(struct daemon *);

#endif
