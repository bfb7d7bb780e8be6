/* SPDX-License-Identifier: ISC */
/*
 * fuzz_dnsscan -- an instance that is found in a packet makes a name that
 * reads back the same, what is said of it lies in the packet and is well
 * formed, and any TXT record makes a line that can be read.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/mdns/dnsscan.h"
#include "core/mdns/scanline.h"
#include "core/sonoff/announce.h"

#include "fuzz.h"

static const char *const services[] = { "_ewelink._tcp", "_http._tcp" };

static void
check_hit(const struct dnsscan_hit *hit)
{
	struct dnsname made, back;
	char text[DNSNAME_TEXT];
	const uint8_t *label;
	size_t pos = 0, len;

	HOLDS(hit->service < 2 && hit->len > 0 && hit->len <= DNSNAME_LABEL);
	HOLDS(dnsname_make(
	    &made, hit->instance, hit->len, "_ewelink._tcp.local"));
	HOLDS(dnsname_is_under(&made, "_EWELINK._tcp.local"));
	HOLDS(dnsname_read(&back, made.wire, made.len, &pos));
	HOLDS(pos == made.len && back.len == made.len);
	label = dnsname_label(&back, 0, &len);
	HOLDS(len == hit->len && memcmp(label, hit->instance, len) == 0);
	HOLDS(strlen(dnsname_text(text, &back)) < sizeof(text));
}

static void
check_records(const struct dnsscan_hit *hit, const uint8_t *data, size_t size)
{
	struct dnsname host;
	size_t pos = 6;

	HOLDS(hit->srv_len <= sizeof(hit->srv));
	HOLDS(hit->srv_len == 0 ||
	    (dnsname_read(&host, hit->srv, hit->srv_len, &pos) &&
		pos == hit->srv_len && host.len == pos - 6));
	HOLDS(hit->txt_len == 0 ||
	    (hit->txt >= data && hit->txt_len <= size &&
		hit->txt - data <= (ptrdiff_t)(size - hit->txt_len)));
	HOLDS(hit->a_len == 0 || (hit->a_len == 4 && hit->srv_len > 0));
}

static void
check_line(const struct dnsscan_hit *hit, const uint8_t *txt, size_t size)
{
	struct sighting s = { .service = services[hit->service],
		.interface = "eth0",
		.has_txt = true };
	struct announce a;
	struct error err;
	char *line;

	memcpy(s.instance, hit->instance, hit->len);
	s.instance_len = hit->len;
	s.txt = txt;
	s.txt_len = size < SCANLINE_TXT ? size : SCANLINE_TXT;
	line = scanline_seen(&s);
	HOLDS(strlen(line) <= SCANLINE_MAX);
	HOLDS(announce_parse(line, strlen(line) - 1, &a, &err));
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dnsscan_hit hits[DNSSCAN_HITS];
	size_t count = dnsscan_find(data, size, services, 2, hits);

	HOLDS(count <= DNSSCAN_HITS);
	for (size_t i = 0; i < count; i++) {
		check_hit(&hits[i]);
		check_records(&hits[i], data, size);
		check_line(&hits[i], data, size);
	}
	return 0;
}
