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

/* Is it built with its native API, which listens on that port? */
bool esphome_has_api(const struct device *);

/* The service: that of its API, or of its web server where it has none. */
const char *esphome_service(const struct device *);
uint16_t esphome_port(const struct device *);

/* That of its image, or a late one. */
const char *esphome_version(const struct device *);

/* Its instance, also that of the host. */
char *esphome_instance(const struct device *, char *dst, size_t size);

/* The strings of the TXT record as on the wire; their length. */
size_t esphome_txt(const struct device *, unsigned char dst[ESPHOME_TXT_SIZE]);

#endif
