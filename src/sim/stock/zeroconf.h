/* SPDX-License-Identifier: ISC */
/* zeroconf -- the commands below /zeroconf/, as each firmware answers them. */
#ifndef REFLASHD_SIM_ZEROCONF_H
#define REFLASHD_SIM_ZEROCONF_H

struct device;
struct reply;
struct request;

/* Answer a request; the text of the reply is the caller's. */
void zeroconf_answer(struct device *, const struct request *, struct reply *);

#endif
