/* SPDX-License-Identifier: ISC */
/*
 * tasmotaweb -- the web server of Tasmota: /cm, its password, its pages.
 */
#ifndef REFLASHD_SIM_TASMOTAWEB_H
#define REFLASHD_SIM_TASMOTAWEB_H

struct webreply;
struct webrequest;

/* A web_answer_fn; ctx is the struct tasmota. */
void tasmotaweb_answer(void *ctx, const struct webrequest *, struct webreply *);

#endif
