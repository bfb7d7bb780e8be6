/* SPDX-License-Identifier: ISC */
/*
 * api -- the HTTP server of the stock firmware: one connection at a time, and
 * only requests in the form that the vendor's own tool sends.
 */
#ifndef REFLASHD_SIM_API_H
#define REFLASHD_SIM_API_H

#include <stdbool.h>

#include "base/error.h"

struct api;
struct device;

struct api *api_new(struct device *);
void api_free(struct api *);

bool api_open(struct api *, struct error *);
void api_close(struct api *);

/* Answer the call that waits for the end of the download, if there is one. */
void api_release(struct api *, int error);

#endif
