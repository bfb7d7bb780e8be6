/* SPDX-License-Identifier: ISC */
/*
 * esphome -- what ESPHome announces of itself (components/mdns).
 */
#ifndef REFLASHD_SIM_ESPHOME_H
#define REFLASHD_SIM_ESPHOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;

#define ESPHOME_TXT_SIZE 400
#define ESPHOME_API_PORT 6053

/* Return the mDNS service: of the API or, without one, of the web server. */
const char *esphome_service(const struct device *);
uint16_t esphome_port(const struct device *);

/* Return the version of the image, or a recent one if the image names none. */
const char *esphome_version(const struct device *);

/* Write the mDNS instance name, also the host name.  Returns dst. */
char *esphome_instance(const struct device *, char *dst, size_t size);

/* Write the strings of the TXT record as on the wire.  Returns their length. */
size_t esphome_txt(const struct device *, unsigned char dst[ESPHOME_TXT_SIZE]);

#endif
