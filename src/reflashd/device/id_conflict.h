/* SPDX-License-Identifier: ISC */
/*
 * id_conflict -- a known id is announced at another address.
 *
 * Anybody can announce that, so nothing is believed before the new address
 * itself says that it is this device; then the old one is asked, too.
 *
 *	the new one does not say so	nothing has happened
 *	both say so			two claim one id: it is stopped, until
 *					the other one is silent for a while
 *	the old one does not		it has moved, unless its MAC says no
 */
#ifndef REFLASHD_ID_CONFLICT_H
#define REFLASHD_ID_CONFLICT_H

#include "reflashd/daemon.h"

/*
 * The address may be contacted; interface is where it was heard.  Past
 * DEVICE_MAX_CLAIMS addresses of one id within a while, the newest does not
 * count.
 */
void id_conflict_heard(
    struct daemon *, struct device *, struct in_addr, const char *interface);

/*
 * The kernel sees the MAC of the device at that address, which may be
 * contacted: ask there.  The caller limits how often; what announcements have
 * used up of the limit of id_conflict_heard() does not count.
 */
void id_conflict_seen(struct daemon *, struct device *, struct in_addr);

/* Ask the other one again, if there is one; forget him. */
void id_conflict_again(struct daemon *, struct device *);
void id_conflict_forget(struct device *);

void id_conflict_stop(struct daemon *);

#endif
