/* SPDX-License-Identifier: ISC */
/*
 * zeroconf -- the commands of /zeroconf/, and what each firmware makes of
 * them.
 */
#ifndef REFLASHD_SIM_ZEROCONF_H
#define REFLASHD_SIM_ZEROCONF_H

struct device;
struct reply;
struct request;

/* The reply's text is the caller's. */
void zeroconf_answer(struct device *, const struct request *, struct reply *);

#endif
