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

/* Write the strings of the TXT record as on the wire.  Returns their length. */
size_t model_txt(const struct device *, unsigned char dst[MODEL_TXT_SIZE]);

/* Make the "data" of an answer: a string up to firmware 3.4, then an object. */
json_t *model_info(const struct device *);

/*
 * Return true for a plug with firmware 3.0 to 3.2, which answers only requests
 * in the form of the vendor's first tool (Sonoff_Devices_DIY_Tools#13).
 */
bool model_is_old(const struct device *);

/* Return true if the firmware is paired with the cloud. */
bool model_is_encrypted(const struct device *);

/* Return true if the firmware answers an empty deviceid, or none at all. */
bool model_takes_empty_id(const struct device *);
bool model_takes_no_id(const struct device *);

/* Return true if the firmware knows /zeroconf/info. */
bool model_knows_info(const struct device *);

#endif
