/* SPDX-License-Identifier: ISC */
/* What the announcements of devices tell, with captured ones. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "base/memory.h"
#include "core/mdns/scanline.h"
#include "core/sonoff/announce.h"
#include "core/sonoff/ewedata.h"

#include "unit/test.h"

#define MAX_STRINGS 12

/* What was announced in the field, in the order of the wire. */
static const struct capture {
	const char *what, *instance;
	const char *txt[MAX_STRINGS];
	struct {
		bool is_target;
		const char *id, *type, *firmware;
		bool encrypted, has_switch, has_switches;
		uint32_t seq;
	} want;
} captures[] = {
	/* itead/Sonoff_Devices_DIY_Tools#10 */
	{ "Basic R3, firmware 3.1.0, data cut in the report",
	    "eWeLink_1000900d70",
	    { "txtvers=1", "id=1000900d70", "type=diy_plug", "apivers=1",
		"encrypt=false", "iv=NTczMDkwMjEzMTMxOTEyNQ==", "seq=7",
		"data1={\"switch\":\"off\",\"startup\":\"off\",\"pulse\":"
		"\"off\",\"sledOnline\"" },
	    { true, "1000900d70", "diy_plug", "", false, true, false, 7 } },
	/* Tasmota documentation, avahi-browse: the other order */
	{ "Mini, firmware 3.3.0", "eWeLink_1000988699",
	    { "data1={\"switch\":\"off\",\"startup\":\"off\",\"pulse\":"
	      "\"off\",\"pulseWidth\":500,\"rssi\":-47}",
		"seq=1", "apivers=1", "type=diy_plug", "id=1000988699",
		"txtvers=1" },
	    { true, "1000988699", "diy_plug", "", false, true, false, 1 } },
	/* itead/Sonoff_Devices_DIY_Tools#49 */
	{ "firmware 3.3.0, python-zeroconf", "eWeLink_1000982d8e",
	    { "txtvers=1", "id=1000982d8e", "type=diy_plug", "apivers=1",
		"seq=1",
		"data1={\"switch\":\"off\",\"startup\":\"off\",\"pulse\":"
		"\"off\",\"pulseWidth\":500,\"rssi\":-64}" },
	    { true, "1000982d8e", "diy_plug", "", false, true, false, 1 } },
	/* AlexxIT/SonoffLAN#574 */
	{ "SA-018, firmware 3.6.0", "eWeLink_10017318ef",
	    { "txtvers=1", "id=10017318ef", "type=diy_plug", "apivers=1",
		"seq=2",
		"data1={\"switch\":\"on\",\"startup\":\"off\",\"pulse\":"
		"\"off\",\"sledOnline\":\"on\",\"fwVersion\":\"3.6.0\","
		"\"pulseWidth\":500,\"rssi\":-73}" },
	    { true, "10017318ef", "diy_plug", "3.6.0", false, true, false,
		2 } },
	/* AlexxIT/SonoffLAN, tests/test_entity.py */
	{ "MINIR3, an ESP32", "eWeLink_1001463137",
	    { "txtvers=1", "id=1001463137", "type=diy_plug", "apivers=1",
		"seq=3",
		"data1={\"switches\":[{\"switch\":\"on\",\"outlet\":0}]}" },
	    { true, "1001463137", "diy_plug", "", false, false, true, 3 } },
	/* AlexxIT/SonoffLAN#14 */
	{ "4CH paired with eWeLink", "eWeLink_100085aeb9",
	    { "txtvers=1", "id=100085aeb9", "type=strip", "apivers=1", "seq=3",
		"encrypt=true", "iv=MDIzOTY5NjAyODg5MDYzMQ==", "data1=b4wgAAAA",
		"data2=RwdrQAAA", "data3=1GcLAAAA" },
	    { true, "100085aeb9", "strip", "", true, false, false, 3 } },
	/* FezVrasta/node-red-matter#3 */
	{ "THR316", "eWeLink_1001720e47",
	    { "data3=AAAA", "data2=BBBB", "data1=CCCC", "seq=91737",
		"iv=NTczMDkwMjEzMTMxOTEyNQ==", "encrypt=true", "apivers=1",
		"type=th_plug", "id=1001720e47", "txtvers=1" },
	    { true, "1001720e47", "th_plug", "", true, false, false, 91737 } },
	{ "bulb of UIID 104: the name in another case", "eWelink_1000ABCDEF",
	    { "id=1000abcdef", "type=light", "seq=1" },
	    { true, "1000abcdef", "light", "", false, false, false, 1 } },
	{ "a name that was changed, in the ways of three stacks",
	    "eWeLink_1000a05bf6-2", { "id=1000a05bf6", "type=diy_plug" },
	    { true, "1000a05bf6", "diy_plug", "", false, false, false, 0 } },
	{ "... of Bonjour", "eWeLink_1000a05bf6 (2)",
	    { "id=1000A05BF6", "type=diy_plug" },
	    { true, "1000a05bf6", "diy_plug", "", false, false, false, 0 } },
	{ "... of Avahi", "eWeLink_1000a05bf6 #12",
	    { "id=1000a05bf6", "type=diy_plug" },
	    { true, "1000a05bf6", "diy_plug", "", false, false, false, 0 } },
	{ "... of Avahi before 0.6.31", "eWelink_1000A05BF6#2",
	    { "id=1000a05bf6", "type=diy_plug" },
	    { true, "1000a05bf6", "diy_plug", "", false, false, false, 0 } },
	{ "however it was changed", "eWeLink_1000a05bf6-",
	    { "id=1000a05bf6", "type=diy_plug" },
	    { true, "1000a05bf6", "diy_plug", "", false, false, false, 0 } },
	{ "data in pieces of one letter", "eWeLink_1000a05bf6",
	    { "data1={\"switch\":\"on\",\"fwVersion\":\"3.", "data2=7",
		"data3=\"}" },
	    { true, "1000a05bf6", "", "3.7", false, true, false, 0 } },
	{ "a changed name is that of another one: TXT must tell the id",
	    "eWeLink_1000a05bf6-2", { "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "... and the same", "eWeLink_1000a05bf6-2",
	    { "id=1000a05bf7", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "more digits are another id, and no changed name",
	    "eWeLink_1000a05bf62", { "id=1000a05bf6", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "nor are letters", "eWeLink_1000a05bf6x",
	    { "id=1000a05bf6", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	/* SPM-Main HTTP API 2.2: ids are those of chips */
	{ "SPM-Main", "eWeLink_130034000F50432030333633",
	    { "id=130034000f50432030333633", "type=diy_meter",
		"data1={\"switches\":[{\"outlet\":0,\"switch\":\"on\"}]}" },
	    { true, "130034000f50432030333633", "diy_meter", "", false, false,
		true, 0 } },
	{ "SPM-Main that speaks of a part of it", "eWeLink_1001720e47",
	    { "id=130034000f50432030333633", "type=diy_meter" },
	    { true, "1001720e47", "diy_meter", "", false, false, false, 0 } },
	{ "no other type has parts", "eWeLink_1001720e47",
	    { "id=130034000f50432030333633", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "and a part has a long id", "eWeLink_1001720e47",
	    { "id=1001720e48", "type=diy_meter" },
	    { false, "", "diy_meter", "", false, false, false, 0 } },
	{ "a TXT id that is none", "eWeLink_1000a05bf6",
	    { "id=kitchen", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "an empty one", "eWeLink_1000a05bf6", { "id=", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "ten digits that do not begin with 100", "eWeLink_a480062416",
	    { "id=a480062416", "type=diy_plug" },
	    { true, "a480062416", "diy_plug", "", false, false, false, 0 } },
	{ "eleven are no plug's, and listed", "eWeLink_1000a05bf61",
	    { "id=1000a05bf61", "type=plug" },
	    { true, "1000a05bf61", "plug", "", false, false, false, 0 } },
	{ "32 are the most", "eWeLink_0123456789abcdef0123456789abcdef",
	    { "id=0123456789abcdef0123456789abcdef" },
	    { true, "0123456789abcdef0123456789abcdef", "", "", false, false,
		false, 0 } },
	{ "33 are too many", "eWeLink_0123456789abcdef0123456789abcdef0",
	    { NULL }, { false, "", "", "", false, false, false, 0 } },
	{ "nine are too few", "eWeLink_1000a05bf", { NULL },
	    { false, "", "", "", false, false, false, 0 } },
	{ "a name without an id", "eWeLink_", { "id=1000a05bf6" },
	    { false, "", "", "", false, false, false, 0 } },
	{ "a name that is cut", "eWeLin", { "id=1000a05bf6" },
	    { false, "", "", "", false, false, false, 0 } },
	{ "iHost", "ihost-1001abcdef", { "id=1001abcdef", "type=ihost" },
	    { false, "", "ihost", "", false, false, false, 0 } },
	{ "Zigbee bridge", "zbbridgeu-1001abcdef-wlan0", { NULL },
	    { false, "", "", "", false, false, false, 0 } },
	{ "one id in the name, another in TXT", "eWeLink_1000a05bf6",
	    { "id=1000a05bf7", "type=diy_plug" },
	    { false, "", "diy_plug", "", false, false, false, 0 } },
	{ "no TXT yet, or firmware without id and seq", "eWeLink_1000a05bf6",
	    { NULL }, { true, "1000a05bf6", "", "", false, false, false, 0 } },
	{ "the first of a key counts, and its case does not",
	    "eWeLink_1000a05bf6",
	    { "TYPE=diy_plug", "type=strip", "Encrypt=TRUE", "encrypt=false" },
	    { true, "1000a05bf6", "diy_plug", "", true, false, false, 0 } },
	{ "data in four pieces out of order, padded with \\x02",
	    "eWeLink_1000a05bf6",
	    { "data4=.7.3\"}\x02\x02\x02", "data2=tch\":\"on\",",
		"data1={\"swi", "data3=\"fwVersion\":\"3" },
	    { true, "1000a05bf6", "", "3.7.3", false, true, false, 0 } },
	{ "hostile values", "eWeLink_1000a05bf6",
	    { "type=diy\x1b[31m_plug", "seq=-1",
		"data1={\"switch\":1,\"fwVersion\":\"3.6\\n;rm\"}", "=x", "",
		"data2" },
	    { true, "1000a05bf6", "diy\\x1b[31m_plug", "", false, false, false,
		0 } },
	{ "a type that is too long is no type of ours", "eWeLink_1000a05bf6",
	    { "type=diy_plug_of_another_and_longer_kind" },
	    { true, "1000a05bf6", "diy_plug_of_another_and_long...", "", false,
		false, false, 0 } },
	{ "nor is one with a blank behind it", "eWeLink_1000a05bf6",
	    { "type=diy_plug " },
	    { true, "1000a05bf6", "diy_plug ", "", false, false, false, 0 } },
};

static void
set_txt(struct sighting *s, const char *const strings[MAX_STRINGS])
{
	static unsigned char txt[SCANLINE_TXT];

	s->has_txt = true;
	s->txt = txt;
	for (size_t i = 0; i < MAX_STRINGS && strings[i] != NULL; i++) {
		size_t len = strlen(strings[i]);

		txt[s->txt_len++] = (unsigned char)len;
		memcpy(txt + s->txt_len, strings[i], len);
		s->txt_len += len;
	}
}

static struct sighting
make_sighting(const char *instance)
{
	struct sighting s = { .service = ANNOUNCE_EWELINK,
		.instance_len = strlen(instance),
		.interface = "eth0",
		.has_address = true,
		.has_port = true,
		.port = 8081 };

	memcpy(s.instance, instance, s.instance_len);
	inet_pton(AF_INET, "192.168.1.23", &s.address);
	return s;
}

/* Through the line and back. */
static struct announce
announce_of(const struct sighting *s)
{
	char *line = scanline_seen(s);
	size_t len = strlen(line);
	struct announce a;
	struct error err;

	assert_true(len <= SCANLINE_MAX);
	assert_int_equal(line[len - 1], '\n');
	for (size_t i = 0; i < len - 1; i++)
		assert_in_range(line[i], ' ', '~');
	if (!announce_parse(line, len - 1, &a, &err))
		fail_msg("%s: %s", err.text, line);
	free(line);
	return a;
}

TEST(captures_are_understood)
{
	for (size_t i = 0; i < COUNT(captures); i++) {
		const struct capture *c = &captures[i];
		struct sighting s = make_sighting(c->instance);
		struct announce a;

		print_message("  %s\n", c->what);
		set_txt(&s, c->txt);
		a = announce_of(&s);
		assert_int_equal(a.kind, ANNOUNCE_SEEN);
		assert_string_equal(a.service, ANNOUNCE_EWELINK);
		assert_string_equal(a.interface, "eth0");
		assert_true(a.has_address && !a.address_is_hint);
		assert_int_equal(a.port, 8081);
		assert_int_equal(a.is_target, c->want.is_target);
		assert_string_equal(a.id, c->want.id);
		assert_string_equal(a.type, c->want.type);
		assert_string_equal(a.firmware, c->want.firmware);
		assert_int_equal(a.encrypted, c->want.encrypted);
		/* Only 3.0 to 3.2 says so at all (DIY_Tools#10). */
		assert_int_equal(
		    a.is_old, strcmp(c->want.id, "1000900d70") == 0);
		assert_int_equal(a.has_switch, c->want.has_switch);
		assert_int_equal(a.has_switches, c->want.has_switches);
		assert_int_equal(a.has_seq, c->want.seq != 0);
		assert_int_equal(a.seq, c->want.seq);
		assert_int_equal(a.text[0] == '\0', a.is_target);
	}
}

TEST(esphome_tells_its_mac_and_version)
{
	static const char *const txt[MAX_STRINGS] = { "mac=5ccf7f123ABC",
		"version=2024.6.1", "platform=ESP8266", "board=esp8285",
		"friendly_name=K\xc3\xbc\x63he", "network=wifi" };
	struct sighting s = make_sighting("kueche");
	struct announce a;

	s.service = ANNOUNCE_ESPHOME;
	set_txt(&s, txt);
	a = announce_of(&s);
	assert_string_equal(a.mac, "5c:cf:7f:12:3a:bc");
	assert_string_equal(a.version, "2024.6.1");
	assert_false(a.is_target);
	assert_string_equal(a.id, "");
}

static struct announce
esphome_that_says(const char *mac, const char *version)
{
	const char *const txt[MAX_STRINGS] = { mac, version };
	struct sighting s = make_sighting("kueche");

	s.service = ANNOUNCE_ESPHOME;
	set_txt(&s, txt);
	return announce_of(&s);
}

TEST(a_mac_is_twelve_digits_with_or_without_colons)
{
	static const char *const cases[][2] = {
		{ "mac=5ccf7f123abc", "5c:cf:7f:12:3a:bc" },
		{ "mac=5C:CF:7F:12:3A:BC", "5c:cf:7f:12:3a:bc" },
		{ "mac=5ccf7f123ab", "" },
		{ "mac=5ccf7f123abcd", "" },
		{ "mac=5ccf7f123abcde", "" },
		{ "mac=5c:cf:7f:12:3a:bc:d", "" },
		{ "mac=5ccf7f123abg", "" },
		{ "mac=", "" },
		{ "mac", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct announce a = esphome_that_says(cases[i][0], "version=1");

		assert_string_equal(a.mac, cases[i][1]);
		assert_string_equal(a.version, "1");
	}
}

TEST(a_version_is_one_word)
{
	static const char *const cases[][2] = {
		{ "version=2024.6.1", "2024.6.1" },
		{ "version=2024.6.0-dev_1+x", "2024.6.0-dev_1+x" },
		{ "version=2", "2" },
		{ "version=2024 6", "" },
		{ "version=1/2", "" },
		{ "version=", "" },
		{ "version=0123456789012345678901234567890",
		    "0123456789012345678901234567890" },
		{ "version=01234567890123456789012345678901", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    esphome_that_says("mac=5ccf7f123abc", cases[i][0]).version,
		    cases[i][1]);
}

TEST(a_seq_is_a_number_of_32_bits)
{
	static const struct {
		const char *text;
		bool has;
		uint32_t seq;
	} cases[] = {
		{ "seq=0", true, 0 },
		{ "seq=1", true, 1 },
		{ "seq=4294967295", true, UINT32_MAX },
		{ "seq=4294967296", false, 0 },
		{ "seq=x", false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const txt[MAX_STRINGS] = { cases[i].text };
		struct sighting s = make_sighting("eWeLink_1000a05bf6");
		struct announce a;

		set_txt(&s, txt);
		a = announce_of(&s);
		assert_int_equal(a.has_seq, cases[i].has);
		assert_int_equal(a.seq, cases[i].seq);
	}
}

static bool
parse_line(struct announce *a, const char *rest)
{
	char line[200];
	struct error err;

	snprintf(line, sizeof(line),
	    "{\"event\":\"seen\",\"instance\":\"x\"%s}", rest);
	return announce_parse(line, strlen(line), a, &err);
}

TEST(a_service_is_one_word_and_a_port_16_bits)
{
	struct announce a;

	assert_false(parse_line(&a, ""));
	assert_true(parse_line(&a, ",\"service\":\"x\""));
	assert_true(parse_line(&a, ",\"service\":\"x\",\"port\":65535"));
	assert_int_equal(a.port, 65535);
	assert_true(parse_line(&a, ",\"service\":\"x\",\"port\":0"));
	assert_int_equal(a.port, 0);
	assert_false(parse_line(&a, ",\"service\":\"x\",\"port\":65536"));
	assert_false(parse_line(&a, ",\"service\":\"x\",\"port\":-1"));
}

/* Blanks at its end are part of a line, too. */
TEST(a_line_has_its_limit)
{
	static char line[SCANLINE_MAX + 1];
	static const char status[] = "{\"event\":\"status\"}";
	struct announce a;
	struct error err;

	memset(line, ' ', sizeof(line));
	memcpy(line, status, sizeof(status) - 1);
	assert_true(announce_parse(line, SCANLINE_MAX - 1, &a, &err));
	assert_false(announce_parse(line, SCANLINE_MAX, &a, &err));
	assert_int_equal(err.code, EMSGSIZE);
	assert_false(announce_parse(line, SCANLINE_MAX + 1, &a, &err));
}

TEST(what_a_line_does_not_say_is_empty)
{
	struct announce a;

	memset(&a, 0xff, sizeof(a));
	assert_true(parse_line(&a, ",\"service\":\"x\",\"host\":\"h.local\""));
	assert_string_equal(a.host, "h.local");
	assert_string_equal(a.id, "");
	assert_string_equal(a.mac, "");
	assert_string_equal(a.backend, "");
	assert_string_equal(a.text, "");
	assert_false(a.has_address || a.is_target || a.has_seq || a.ready);
	assert_int_equal(a.next_sec, 0);
}

TEST(a_promise_is_for_less_than_a_day)
{
	static const long cases[][2] = { { 0, 0 }, { 1, 1 }, { 86399, 86399 },
		{ 86400, 0 }, { -1, 0 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		char line[100];
		struct announce a;
		struct error err;

		snprintf(line, sizeof(line),
		    "{\"event\":\"status\",\"next\":%ld}", cases[i][0]);
		assert_true(announce_parse(line, strlen(line), &a, &err));
		assert_int_equal(a.next_sec, cases[i][1]);
		assert_int_equal(a.heard, SCAN_HEARD_UNKNOWN);
		assert_false(a.ready);
	}
}

TEST(hostile_names_stay_on_their_line)
{
	struct sighting s = make_sighting("");
	struct announce a;

	memcpy(s.instance, "a\0b\n\x1b[2J\xff\xc3\xbc\x9b\x7f", 13);
	s.instance_len = 13;
	a = announce_of(&s);
	assert_string_equal(a.instance,
	    "a\\xef\\xbf\\xbdb\\x0a\\x1b[2J\\xef\\xbf\\xbd\\xc3\\xbc"
	    "\\xef\\xbf\\xbd\\xef\\xbf\\xbd");
	assert_false(a.is_target);
}

TEST(a_hostile_record_fits_on_a_line)
{
	struct sighting s = make_sighting("eWeLink_1000a05bf6");
	unsigned char txt[SCANLINE_TXT];
	struct announce a;

	memset(txt, 0x01, sizeof(txt));
	for (size_t at = 0; at + 256 < sizeof(txt); at += 256) {
		txt[at] = 255;
		txt[at + 1] = (unsigned char)('a' + at / 256);
		txt[at + 2] = '=';
	}
	s.has_txt = true;
	s.txt = txt;
	s.txt_len = sizeof(txt);
	a = announce_of(&s);
	assert_true(a.is_target);
}

/* {"a":...,"b":...} of so many strings, of 255 bytes each but the last. */
static size_t
tell_strings(struct sighting *s, size_t last, size_t *line_len)
{
	unsigned char *txt = xcalloc(SCANLINE_TXT, 1);
	char *line;
	json_t *root;
	size_t count, at;

	for (at = 0; at < 5 * 256; at += 256) {
		memset(txt + at, 0x01, 256);
		txt[at] = at < 4 * 256 ? 255 : (unsigned char)last;
		txt[at + 1] = (unsigned char)('a' + at / 256);
		txt[at + 2] = '=';
	}
	memset(txt + 4 * 256 + 3, 'x', 252);
	s->has_txt = true;
	s->txt = txt;
	s->txt_len = 4 * 256 + 1 + last;
	line = scanline_seen(s);
	*line_len = strlen(line);
	root = json_loads(line, 0, NULL);
	count = json_object_size(json_object_get(root, "txt"));
	json_decref(root);
	free(line);
	free(txt);
	return count;
}

/* Each letter more is one letter more, up to the limit; then half is left. */
TEST(a_record_loses_its_last_strings_where_the_line_is_too_long)
{
	struct sighting s = make_sighting("");
	char host[4 * 61] = "";
	size_t shortest, len;

	memset(host, 0x01, sizeof(host) - 1);
	for (size_t at = 60; at < sizeof(host) - 1; at += 61)
		host[at] = '.';
	s.has_host = true;
	assert_true(dnsname_make(&s.host, host, 60, host + 61));
	assert_int_equal(tell_strings(&s, 2, &shortest), 5);
	while (shortest + 200 < SCANLINE_MAX) {
		s.instance[s.instance_len++] = 0x01;
		assert_true(s.instance_len <= DNSNAME_LABEL);
		assert_int_equal(tell_strings(&s, 2, &shortest), 5);
	}
	for (size_t more = 0; more < 250; more++) {
		bool fits = shortest + more <= SCANLINE_MAX;

		assert_int_equal(
		    tell_strings(&s, 2 + more, &len), fits ? 5 : 2);
		assert_true(len <= SCANLINE_MAX);
		assert_int_equal(len == shortest + more, fits);
	}
}

TEST(an_address_may_be_missing_or_a_hint)
{
	struct sighting s = make_sighting("eWeLink_1000a05bf6");
	struct announce a;

	s.address_is_hint = true;
	assert_true(announce_of(&s).address_is_hint);
	s.has_address = s.has_port = false;
	a = announce_of(&s);
	assert_false(a.has_address || a.address_is_hint);
	assert_int_equal(a.port, 0);
}

TEST(gone_and_status_are_lines_too)
{
	struct sighting s = make_sighting("eWeLink_1000a05bf6");
	char *gone = scanline_gone(&s);
	char *status = scanline_status(&(struct scanstatus){
	    "avahi", "listening", true, 60, SCAN_HEARD_OTHERS });
	struct announce a;
	struct error err;

	assert_true(announce_parse(gone, strlen(gone) - 1, &a, &err));
	assert_int_equal(a.kind, ANNOUNCE_GONE);
	assert_string_equal(a.id, "1000a05bf6");
	assert_true(announce_parse(status, strlen(status) - 1, &a, &err));
	assert_int_equal(a.kind, ANNOUNCE_STATUS);
	assert_string_equal(a.backend, "avahi");
	assert_string_equal(a.text, "listening");
	assert_true(a.ready && a.next_sec == 60);
	assert_int_equal(a.heard, SCAN_HEARD_OTHERS);
	free(gone);
	free(status);
}

TEST(that_nobody_was_heard_is_not_the_same_as_not_knowing)
{
	struct scanstatus s = { .backend = "avahi", .text = "" };

	for (s.heard = SCAN_HEARD_UNKNOWN; s.heard <= SCAN_HEARD_OTHERS;
	    s.heard++) {
		char *line = scanline_status(&s);
		struct announce a;
		struct error err;

		assert_true(announce_parse(line, strlen(line) - 1, &a, &err));
		assert_int_equal(a.heard, s.heard);
		free(line);
	}
}

TEST(lines_of_another_form_are_refused)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "null",
		"{\"event\":\"flash\"}", "{\"event\":1}",
		"{\"event\":\"seen\"}",
		"{\"event\":\"seen\",\"service\":\"_http._tcp\"}",
		"{\"event\":\"seen\",\"service\":\"a b\",\"instance\":\"x\"}",
		"{\"event\":\"seen\",\"service\":\"_http._tcp\","
		"\"instance\":\"x\",\"address\":\"1.2.3\"}",
		"{\"event\":\"seen\",\"service\":\"_http._tcp\","
		"\"instance\":\"x\",\"port\":65536}",
		"{\"event\":\"seen\",\"service\":\"_http._tcp\","
		"\"instance\":\"x\",\"instance\":\"y\"}",
		"{\"event\":\"seen\",\"service\":\"_http._tcp\","
		"\"instance\":\"x\",\"txt\":{\"a\":[[[[[[[1]]]]]]]}}" };
	struct announce a;
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(announce_parse(bad[i], strlen(bad[i]), &a, &err));
}

TEST(malformed_data_still_tells_what_it_can)
{
	static const char rf_bridge[] =
	    "{\"rfChl\"=\"1\",\"fwVersion\":\"3.5.1\",\"switch\":\"on\"}";
	static const struct {
		const char *said, *taken;
	} versions[] = {
		{ "3.6.0", "3.6.0" },
		{ "3", "3" },
		{ "", "" },
		{ "3.6.0-x", "" },
		{ "123456789012345", "123456789012345" },
		{ "1234567890123456", "" },
	};
	static const char cut[] = "{\"switches\":[{\"switch\":\"on\",\"fwV";
	struct ewedata d;

	ewedata_read(&d, rf_bridge, strlen(rf_bridge));
	assert_true(d.has_switch && !d.has_switches);
	assert_string_equal(d.firmware, "3.5.1");
	ewedata_read(&d, cut, strlen(cut));
	assert_true(d.has_switches);
	assert_string_equal(d.firmware, "");
	for (size_t i = 0; i < COUNT(versions); i++) {
		char text[80];

		snprintf(text, sizeof(text), "{\"fwVersion\":\"%s\"}",
		    versions[i].said);
		ewedata_read(&d, text, strlen(text));
		assert_string_equal(d.firmware, versions[i].taken);
		text[strlen(text) - 1] = '\0'; /* cut behind it */
		ewedata_read(&d, text, strlen(text));
		assert_string_equal(d.firmware, versions[i].taken);
	}
	ewedata_read(&d, "", 0);
	assert_false(d.has_switch || d.has_switches);
}

/* RFC 3629 by the numbers; how long a character is, 0: it is none. */
static size_t
character(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1
	    : p[0] >> 5 == 6	 ? 2
	    : p[0] >> 4 == 14	 ? 3
	    : p[0] >> 3 == 30	 ? 4
				 : 0;
	uint32_t code = len == 1 ? p[0] : p[0] & (0x7fu >> len);

	if (len == 0 || len > left || p[0] == 0 || p[0] == 0x7f)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

/* What the line says of an instance of these bytes. */
static void
assert_told(const unsigned char *bytes, size_t len)
{
	struct sighting s = make_sighting("");
	char want[64] = "", *line;
	json_auto_t *root = NULL;

	memcpy(s.instance, bytes, len);
	s.instance_len = len;
	for (size_t at = 0; at < len;) {
		size_t n = character(bytes + at, len - at);

		strncat(want, n > 0 ? (const char *)bytes + at : "\xef\xbf\xbd",
		    n > 0 ? n : 3);
		at += n > 0 ? n : 1;
	}
	line = scanline_seen(&s);
	root = json_loads(line, 0, NULL);
	assert_non_null(root);
	assert_string_equal(
	    json_string_value(json_object_get(root, "instance")), want);
	free(line);
}

TEST(only_characters_come_through)
{
	static const unsigned char leads[] = { 0x7e, 0x80, 0xc1, 0xc2, 0xdf,
		0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf2, 0xf3,
		0xf4, 0xf5 };
	static const unsigned char rests[] = { 0x7e, 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0 };
	const size_t n = sizeof(rests);

	for (unsigned byte = 0; byte < 256; byte++)
		assert_told((unsigned char[]){ (unsigned char)byte }, 1);
	for (size_t i = 0; i < sizeof(leads); i++)
		for (size_t j = 0; j < n * n * n; j++) {
			const unsigned char bytes[] = { leads[i], rests[j % n],
				rests[j / n % n], rests[j / n / n] };

			assert_told(bytes, 4);
			if (j / n / n == 0)
				assert_told(bytes, 3);
			if (j / n == 0)
				assert_told(bytes, 2);
		}
}

/* RFC 6763 6.4. */
TEST(a_key_is_printable_and_the_first_counts)
{
	static const struct {
		const char *string;
		bool counts;
	} cases[] = {
		{ "ty pe=x", true },
		{ "t~=x", true },
		{ "t\x1f=x", false },
		{ "t\x7f=x", false },
		{ "t\x80=x", false },
		{ "\x1ft=x", false },
		{ "=x", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const txt[MAX_STRINGS] = { cases[i].string };
		struct sighting s = make_sighting("x");
		json_auto_t *root = NULL;
		char *line;

		set_txt(&s, txt);
		line = scanline_seen(&s);
		root = json_loads(line, 0, NULL);
		assert_int_equal(json_object_size(json_object_get(root, "txt")),
		    cases[i].counts);
		free(line);
	}
}

/* What the line says of one record. */
static json_t *
tell_record(const char *const strings[MAX_STRINGS])
{
	struct sighting s = make_sighting("x");
	json_t *root, *txt;
	char *line;

	set_txt(&s, strings);
	line = scanline_seen(&s);
	root = json_loads(line, 0, NULL);
	txt = json_incref(json_object_get(root, "txt"));
	json_decref(root);
	free(line);
	return txt;
}

TEST(a_key_counts_once_in_either_case_and_has_its_length)
{
#define KEY64 "1234567890123456789012345678901234567890123456789012345678901234"
	static const char *const twice[MAX_STRINGS] = { "Type=plug",
		"type=lamp", "TYPE", "flag", "\x09=", "flag=x" };
	static const char *const lengths[MAX_STRINGS] = { KEY64 "=a",
		KEY64 "x=a", KEY64 "y" };
	json_t *txt = tell_record(twice);

	assert_int_equal(json_object_size(txt), 2);
	assert_string_equal(
	    json_string_value(json_object_get(txt, "Type")), "plug");
	assert_true(json_is_null(json_object_get(txt, "flag")));
	json_decref(txt);
	txt = tell_record(lengths);
	assert_int_equal(json_object_size(txt), 1);
	assert_string_equal(
	    json_string_value(json_object_get(txt, KEY64)), "a");
	json_decref(txt);
}

TEST(a_host_is_told_with_its_dots)
{
	struct sighting s = make_sighting("x");

	assert_true(dnsname_make(&s.host, "eWeLink_1", 9, "local"));
	s.has_host = true;
	assert_string_equal(announce_of(&s).host, "eWeLink_1.local");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
