/* SPDX-License-Identifier: ISC */
/*
 * model -- what each firmware says about itself: the TXT record of its
 * announcement and its answer to /zeroconf/info.
 */
#ifndef REFLASHD_SIM_MODEL_H
#define REFLASHD_SIM_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct device;

#define MODEL_TXT_SIZE 1300 /* the vendor's limit for the whole record */

/* The strings of a TXT record as on the wire; their length. */
size_t model_txt(const struct device *, unsigned char dst[MODEL_TXT_SIZE]);

/* The "data" of an answer: a string up to firmware 3.4, then an object. */
json_t *model_info(const struct device *);

/*
 * A plug with firmware 3.0 to 3.2: it answers nobody who does not write as
 * the vendor's first tool did (Sonoff_Devices_DIY_Tools#13).
 */
bool model_is_old(const struct device *);

/* Whether it runs one of the firmwares that are paired with the cloud. */
bool model_is_encrypted(const struct device *);

/* An empty deviceid is not answered since 3.7.6. */
bool model_takes_empty_id(const struct device *);
bool model_takes_no_id(const struct device *);

/* 3.0 to 3.2 know no /zeroconf/info. */
bool model_knows_info(const struct device *);

#endif
