/* SPDX-License-Identifier: ISC */
/*
 * contact -- may a request go to this address?  Asked before each one whose
 * address somebody else has named.
 */
#ifndef REFLASHD_CONTACT_H
#define REFLASHD_CONTACT_H

#include "reflashd/daemon.h"

/* Why not, a sentence that is good until the next call; NULL: it may. */
const char *contact_why_not(const struct daemon *, struct in_addr);

#endif
