/* SPDX-License-Identifier: ISC */
/* Describes a device that runs ESPHome, as its mDNS announcement does. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "sim/booted.h"
#include "sim/device.h"
#include "sim/esphome/esphome.h"

#define FALLBACK "2024.10.3"

static bool
has_api(const struct device *d)
{
	return !fault_has(&d->spec.faults, FAULT_ESPHOME_NO_API);
}

const char *
esphome_service(const struct device *d)
{
	return has_api(d) ? "_esphomelib._tcp.local" : "_http._tcp.local";
}

uint16_t
esphome_port(const struct device *d)
{
	return has_api(d) ? ESPHOME_API_PORT : 80;
}

const char *
esphome_version(const struct device *d)
{
	const char *version = booted_firmware(d->after)->version;

	return version[0] != '\0' ? version : FALLBACK;
}

char *
esphome_instance(const struct device *d, char *dst, size_t size)
{
	const unsigned char *m = d->port.mac;

	snprintf(dst, size, "sonoff-%02x%02x%02x", m[3], m[4], m[5]);
	return dst;
}

static size_t
add_string(unsigned char *dst, size_t at, const char *text)
{
	size_t len = strlen(text);

	dst[at] = (unsigned char)len;
	memcpy(dst + at + 1, text, len);
	return at + 1 + len;
}

size_t
esphome_txt(const struct device *d, unsigned char dst[ESPHOME_TXT_SIZE])
{
	const unsigned char *m = d->port.mac;
	char mac[20], text[32];
	size_t len = 0;

	snprintf(text, sizeof(text), "version=%s", esphome_version(d));
	if (!has_api(d))
		return add_string(dst, 0, text);
	snprintf(mac, sizeof(mac), "mac=%02x%02x%02x%02x%02x%02x", m[0], m[1],
	    m[2], m[3], m[4],
	    m[5] ^
		(fault_has(&d->spec.faults, FAULT_ESPHOME_OTHER_MAC) ? 0xff
								     : 0));
	len = add_string(dst, len, "friendly_name=Sonoff");
	len = add_string(dst, len, text);
	len = add_string(dst, len, mac);
	len = add_string(dst, len, "platform=ESP8266");
	len = add_string(dst, len, "board=esp01_1m");
	return add_string(dst, len, "network=wifi");
}
