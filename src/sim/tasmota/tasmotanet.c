/* SPDX-License-Identifier: ISC */
/*
 * Runs the commands of Tasmota about its network, its web pages and its group
 * topics (support_command.ino, xdrv_01_webserver.ino, xdrv_02_mqtt.ino).
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"

#define COLORS	 20
#define GROUPS	 4
#define NO_GROUP 99

/* ParseIp: four numbers and three points, whatever else is between. */
static bool
parse_address(const char *text, char *dst, size_t size)
{
	unsigned part[4];

	for (int i = 0; i < 4; i++) {
		part[i] = (unsigned)strtoul(text, NULL, 10) & 0xff;
		text = strchr(text, '.');
		if ((text == NULL) != (i == 3))
			return false;
		text = text != NULL ? text + 1 : "";
	}
	snprintf(dst, size, "%u.%u.%u.%u", part[0], part[1], part[2], part[3]);
	return true;
}

/* The first one tells the address that it has as well, in (), but in 9.2. */
static void
write_address(
    const struct tasmotacmnd *c, unsigned index, char *dst, size_t size)
{
	char key[TASMOTA_KEY], value[TASMOTA_VALUE], own[INET_ADDRSTRLEN];
	bool plain = c->version >= 90200 && c->version < 90300;

	snprintf(key, sizeof(key), "IPAddress%u", index);
	inet_ntop(AF_INET, &c->tasmota->device->port.address, own, sizeof(own));
	tasmota_get(c->tasmota, key, value, sizeof(value));
	if (index != 1)
		snprintf(dst, size, "%.31s", value);
	else
		snprintf(
		    dst, size, plain ? "%.31s %s" : "%.31s (%s)", value, own);
}

bool
tasmotado_ipaddress(struct tasmotacmnd *c)
{
	char text[64], key[TASMOTA_KEY];
	char *all = xstrdup(""), *longer;

	if (c->version >= 90200 && !c->has_index) {
		for (unsigned i = 1; i <= c->row->top; i++) {
			write_address(c, i, text, sizeof(text));
			longer = xasprintf("%s%s\"IPAddress%u\":\"%s\"", all,
			    i > 1 ? "," : "", i, text);
			free(all);
			all = longer;
		}
		tasmotasay_add(c->say, "{%s}", all);
		free(all);
		return true;
	}
	free(all);
	snprintf(key, sizeof(key), "IPAddress%u", c->index);
	if (parse_address(c->data, text, sizeof(text)))
		tasmota_set(c->tasmota, key, text);
	write_address(c, c->index, text, sizeof(text));
	return tasmotacmnd_say_text(c, text);
}

bool
tasmotado_hostname(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char value[TASMOTA_VALUE];

	if (c->len > 0) {
		bool reset = tasmotacmnd_shortcut(c->data) == 1 ||
		    strchr(c->data, '%') != NULL;

		if (reset)
			tasmota_set(t, "Hostname", NULL);
		else
			tasmotaset_text(c, "Hostname", c->data);
		t->restart_due = true;
	}
	return tasmotacmnd_say_text(
	    c, tasmota_get(t, "Hostname", value, sizeof(value)));
}

bool
tasmotado_ap(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char key[TASMOTA_KEY], value[TASMOTA_VALUE], *escaped;
	long now = tasmota_number(t, "Ap");

	if (c->payload >= 0 && c->payload <= 2) {
		now = c->payload == 0 ? 3 - now : c->payload;
		tasmota_set_number(t, "Ap", now);
		t->restart_due = true;
	}
	snprintf(key, sizeof(key), "SSId%ld", now);
	escaped = tasmotasay_escape(
	    c->version, tasmota_get(t, key, value, sizeof(value)));
	tasmotasay_add(c->say, "{\"Ap\":{\"%ld\":\"%s\"}}", now, escaped);
	free(escaped);
	return true;
}

bool
tasmotado_wificonfig(struct tasmotacmnd *c)
{
	static const char *const names[] = { "Restart", "", "WifiManager", "",
		"Retry", "Wait", "Serial", "ManagerRst" };
	long now;

	if (c->payload >= 0 && c->payload <= 7)
		tasmota_set_number(c->tasmota, "WifiConfig",
		    c->payload == 1 || c->payload == 3 ? 2 : c->payload);
	now = tasmota_number(c->tasmota, "WifiConfig");
	tasmotasay_add(
	    c->say, "{\"WifiConfig\":{\"%ld\":\"%s\"}}", now, names[now & 7]);
	return true;
}

/* Only a switch up to 9.4; later with the mode, which 2 to 4 choose. */
bool
tasmotado_wifi(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char state[TASMOTA_VALUE];
	long mode;

	if (c->payload == 0 || c->payload == 1)
		tasmota_set_number(t, "SetOption95", c->payload);
	if (c->version < 90500) {
		t->restart_due |=
		    c->version < 90200 && (c->payload == 0 || c->payload == 1);
		return tasmotacmnd_say_state(
		    c, tasmota_number(t, "SetOption95") != 0);
	}
	if (c->payload >= 2 && c->payload <= 4)
		tasmota_set_number(t, "WifiMode", c->payload);
	mode = tasmota_number(t, "WifiMode");
	tasmotasay_add(c->say, "{\"Wifi\":\"%s\",\"Mode\":\"11%c\"}",
	    tasmota_state(
		c, tasmota_number(t, "SetOption95") != 0, state, sizeof(state)),
	    "  bgn"[mode]);
	return true;
}

/* A number since 13, in quotes from 8.2 to 12. */
bool
tasmotado_wifipower(struct tasmotacmnd *c)
{
	long value = (unsigned char)(int)(tasmotacmnd_float(c->data) * 10);
	char text[16];
	long most = c->version < 130000 ? 205 : 200;

	if (value > most)
		value = most;
	if (value == 10 && c->version >= 130000)
		value = 170;
	if (c->len > 0)
		tasmota_set_number(c->tasmota, "WifiPower", value);
	value = tasmota_number(c->tasmota, "WifiPower");
	if (value == 0 && c->version >= 130000)
		value = 170;
	if (c->version < 80200 || c->version >= 130000)
		return tasmotacmnd_say_float(c, (float)value / 10, 1);
	snprintf(text, sizeof(text), "%.1f", (double)((float)value / 10));
	return tasmotacmnd_say_text(c, text);
}

/* Up to four characters are no password of WPA2: it stays as it was. */
bool
tasmotado_password(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	int shortcut = tasmotacmnd_shortcut(c->data);
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	bool hidden = c->index > 2;

	if (hidden)
		c->index -= 2;
	snprintf(key, sizeof(key), "Password%u", c->index);
	if (c->len > 4 || shortcut <= 1) {
		tasmotaset_text(c, key, shortcut <= 1 ? "" : c->data);
		t->restart_due = true;
	} else {
		hidden = true;
	}
	return tasmotacmnd_say_text(
	    c, hidden ? "****" : tasmota_get(t, key, value, sizeof(value)));
}

bool
tasmotado_webserver(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char own[INET_ADDRSTRLEN];
	long now;

	if (c->payload >= 0 && c->payload <= 2)
		tasmota_set_number(t, "Webserver", c->payload);
	now = tasmota_number(t, "Webserver");
	if (now == 0)
		return tasmotacmnd_say_state(c, false);
	inet_ntop(AF_INET, &t->device->port.address, own, sizeof(own));
	tasmotasay_add(c->say,
	    "{\"Webserver\":\"Active for %s on %s with IP address %s\"}",
	    now == 2 ? "Admin" : "User", t->hostname, own);
	return true;
}

/*
 * WebHexCode: the number of what is left of nine letters, as strtol of 32 bits
 * reads it; or three digits of which each counts twice.
 */
static unsigned
parse_color(const char *code)
{
	char copy[10], *text = copy;
	long number;
	unsigned color;

	snprintf(copy, sizeof(copy), "%s", code);
	text += text[0] == '#';
	number = strtol(text, NULL, 16);
	color = number > INT32_MAX ? INT32_MAX : (unsigned)number;
	if (strlen(text) != 3)
		return color & 0xffffff;
	color = (color & 0xf00) << 8 | (color & 0x0f0) << 4 | (color & 0x00f);
	return color | color << 4;
}

static const char *
default_color(unsigned index)
{
	static const char *const colors[COLORS] = { "#eaeaea", "#252525",
		"#4f4f4f", "#000000", "#dddddd", "#65c115", "#1f1f1f",
		"#ff5661", "#008000", "#faffff", "#1fa3ec", "#0e70a4",
		"#d43535", "#931f1f", "#47c266", "#5aaf6f", "#faffff",
		"#999999", "#eaeaea", "#08405e" };

	return colors[index];
}

/* The last one, of a button that is off, came with 14.4. */
static unsigned
count_colors(const struct tasmotacmnd *c)
{
	return c->version < 140400 ? COLORS - 1 : COLORS;
}

/* Of JSON only {"WebColor":[...]} is read. */
static void
set_colors(struct tasmotacmnd *c)
{
	json_t *root = json_loads(c->data, 0, NULL), *color;
	json_t *list = json_object_get(root, "WebColor");
	char key[TASMOTA_KEY], text[16];
	size_t i;

	json_array_foreach (list, i, color) {
		const char *value = json_string_value(color);

		/* Since 8.5 what is no text is black. */
		if (i >= count_colors(c) ||
		    (value == NULL && c->version < 80500))
			continue;
		snprintf(key, sizeof(key), "WebColor%zu", i + 1);
		snprintf(text, sizeof(text), "#%06x",
		    parse_color(value != NULL ? value : ""));
		tasmota_set(c->tasmota, key, text);
	}
	json_decref(root);
}

static void
set_color(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], text[16];

	if (c->len > 3 && c->index > 0 && c->index <= count_colors(c)) {
		snprintf(key, sizeof(key), "WebColor%u", c->index);
		snprintf(text, sizeof(text), "#%06x", parse_color(c->data));
		tasmota_set(c->tasmota, key, text);
	} else if (c->payload == 0) {
		for (unsigned i = 1; i <= COLORS; i++) {
			snprintf(key, sizeof(key), "WebColor%u", i);
			tasmota_set(c->tasmota, key, NULL);
		}
	}
}

bool
tasmotado_webcolor(struct tasmotacmnd *c)
{
	char all[512] = "", key[TASMOTA_KEY], value[16];

	if (strchr(c->data, '{') != NULL)
		set_colors(c);
	else if (c->len > 0)
		set_color(c);
	for (unsigned i = 0; i < count_colors(c); i++) {
		size_t len = strlen(all);

		snprintf(key, sizeof(key), "WebColor%u", i + 1);
		tasmota_get(c->tasmota, key, value, sizeof(value));
		snprintf(all + len, sizeof(all) - len, "%s\"%s\"",
		    i > 0 ? "," : "", value[0] ? value : default_color(i));
	}
	tasmotasay_add(c->say, "{\"WebColor\":[%s]}", all);
	return true;
}

/* Which part of the date is shown. */
bool
tasmotado_webtime(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	const char *date = "2026-01-01T01:00:00";
	long from, to, limit = (long)strlen(date);

	if (sscanf(c->data, "%ld%*[, ]%ld", &from, &to) == 2) {
		to = to > limit ? limit : to;
		tasmota_set_number(t, "WebTime1", from >= to ? 0 : from);
		tasmota_set_number(t, "WebTime2", to);
	}
	from = tasmota_number(t, "WebTime1");
	to = tasmota_number(t, "WebTime2");
	tasmotasay_add(c->say, "{\"WebTime\":[%ld,%ld],\"Time\":\"%.*s\"}",
	    from, to, (int)(to - from), date + from);
	return true;
}

/* In tenths of a second. */
bool
tasmotado_wifitimeout(struct tasmotacmnd *c)
{
	const char *key = "MqttWifiTimeout";

	if (c->payload >= 100 && c->payload <= 20000)
		tasmota_set_number(c->tasmota, key, c->payload / 100 * 100);
	return tasmotacmnd_say_number(c, tasmota_number(c->tasmota, key));
}

static void
group_key(unsigned i, char dst[TASMOTA_KEY])
{
	snprintf(dst, TASMOTA_KEY, "GroupTopic%u", i + 1);
}

/* Each name once, without a gap; none at all is the default. */
static void
close_ranks(struct tasmota *t)
{
	char name[GROUPS][TASMOTA_VALUE], key[TASMOTA_KEY];
	unsigned count = 0;

	for (unsigned i = 0; i < GROUPS; i++) {
		unsigned j = 0;

		group_key(i, key);
		tasmota_get(t, key, name[count], sizeof(name[count]));
		while (j < count && strcmp(name[j], name[count]) != 0)
			j++;
		count += name[count][0] != '\0' && j == count;
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		group_key(i, key);
		tasmota_set(t, key, i < count ? name[i] : "");
	}
	if (count == 0)
		tasmota_set(t, "GroupTopic1", "tasmotas");
}

/* Since 8.3 all four are told, whichever is set. */
bool
tasmotado_grouptopic(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	char *escaped[GROUPS];
	int shortcut;

	if (c->len > 0) {
		for (char *p = c->data; *p != '\0'; p++)
			if (strchr("+# ", *p) != NULL)
				*p = '_';
		shortcut = tasmotacmnd_shortcut(c->data);
		group_key(c->index - 1, key);
		tasmota_set(t, key,
		    shortcut == 0	? ""
			: shortcut == 1 ? "tasmotas"
					: c->data);
		close_ranks(t);
		t->restart_due = true;
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		group_key(i, key);
		escaped[i] = tasmotasay_escape(
		    c->version, tasmota_get(t, key, value, sizeof(value)));
	}
	tasmotasay_add(c->say,
	    "{\"GroupTopic1\":\"%s\",\"GroupTopic2\":\"%s\","
	    "\"GroupTopic3\":\"%s\",\"GroupTopic4\":\"%s\"}",
	    escaped[0], escaped[1], escaped[2], escaped[3]);
	for (unsigned i = 0; i < GROUPS; i++)
		free(escaped[i]);
	return true;
}
