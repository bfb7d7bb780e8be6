/* SPDX-License-Identifier: ISC */
/*
 * fuzz_txt -- whatever a TXT record holds, it makes one line of plain ASCII
 * that is not too long and can be read; and what is read from it is a target
 * only if its name says so and its "id=" says nothing else.
 *
 * The first byte is the length of the instance's name, which follows; the rest
 * is the record, in wire format.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mdns/scanline.h"
#include "core/sonoff/announce.h"
#include "core/sonoff/ewedata.h"

#include "fuzz.h"

/* Escapes make six bytes of one: a record of this size is never cut. */
#define NEVER_CUT 600

/* RFC 6763 6.4: the first "id=" counts, in any case. */
static const unsigned char *
find_id(const unsigned char *txt, size_t size, size_t *len)
{
	for (size_t at = 0, n; at < size; at += n) {
		n = txt[at++];
		if (n > size - at)
			break;
		if (n < 2 || strncasecmp((const char *)txt + at, "id", 2) != 0)
			continue;
		*len = n > 2 ? n - 3 : 0;
		if (n == 2 || txt[at + 2] == '=')
			return txt + at + (n > 2 ? 3 : 2);
	}
	return NULL;
}

static void
check_target(const struct announce *a, const struct sighting *s)
{
	size_t len = 0;
	const unsigned char *id = find_id(s->txt, s->txt_len, &len);

	HOLDS(s->instance_len == 18);
	HOLDS(strncasecmp((const char *)s->instance, "eWeLink_", 8) == 0);
	HOLDS(strncasecmp((const char *)s->instance + 8, a->id, 10) == 0);
	if (s->txt_len > NEVER_CUT || id == NULL || len == 0)
		return;
	HOLDS(len == 10 && strncasecmp((const char *)id, a->id, 10) == 0);
}

static void
check_line(const struct sighting *s)
{
	char *line = scanline_seen(s);
	size_t len = strlen(line);
	struct error err = { 0 };
	struct announce a;

	HOLDS(len > 1 && len <= SCANLINE_MAX && line[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		HOLDS(line[i] >= 0x20 && line[i] < 0x7f);
	HOLDS(announce_parse(line, len - 1, &a, &err));
	HOLDS(a.kind == ANNOUNCE_SEEN);
	if (a.is_target)
		check_target(&a, s);
	free(line);
}

static void
check_data(const unsigned char *txt, size_t size)
{
	struct ewedata data;

	ewedata_read(&data, (const char *)txt, size);
	HOLDS(memchr(data.firmware, '\0', sizeof(data.firmware)) != NULL);
	HOLDS(strspn(data.firmware, "0123456789.") == strlen(data.firmware));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sighting s = { .service = ANNOUNCE_EWELINK,
		.interface = "eth0",
		.has_txt = true };

	if (size < 2)
		return 0;
	s.instance_len = 1 + data[0] % DNSNAME_LABEL;
	data++, size--;
	if (s.instance_len > size)
		s.instance_len = size;
	memcpy(s.instance, data, s.instance_len);
	s.txt = data + s.instance_len;
	s.txt_len = size - s.instance_len;
	if (s.txt_len > SCANLINE_TXT)
		s.txt_len = SCANLINE_TXT;
	check_line(&s);
	check_data(s.txt, s.txt_len);
	return 0;
}
