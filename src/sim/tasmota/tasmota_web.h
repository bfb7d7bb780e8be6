/* SPDX-License-Identifier: ISC */
/*
 * tasmota_web -- the answers of Tasmota's web server: /cm, its password, its
 * pages.
 */
#ifndef REFLASHD_SIM_TASMOTA_WEB_H
#define REFLASHD_SIM_TASMOTA_WEB_H

struct web_reply;
struct web_request;

/* Answer a request, as a web_answer_fn; ctx is the struct tasmota. */
void
tasmota_web_answer(void *ctx, const struct web_request *, struct web_reply *);

#endif
