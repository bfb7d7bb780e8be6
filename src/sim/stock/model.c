/* SPDX-License-Identifier: ISC */
/* What each stock firmware says of itself: its TXT record, and /info. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device.h"
#include "sim/stock/model.h"

#define PIECE                                                                  \
	249 /* bytes of data in one TXT string, by the vendor's document */

static bool
is_before(const struct device *d, unsigned firmware)
{
	return firmware_number(d->spec.firmware) < firmware;
}

bool
model_is_encrypted(const struct device *d)
{
	return fault_has(&d->spec.faults, FAULT_ENCRYPTED) ||
	    d->spec.model == MODEL_STRIP;
}

bool
model_takes_empty_id(const struct device *d)
{
	return is_before(d, 30706);
}

bool
model_takes_no_id(const struct device *d)
{
	return !is_before(d, 30500);
}

/* /info came with the tool for 3.3.0 (Sonoff_Devices_DIY_Tools#17). */
bool
model_knows_info(const struct device *d)
{
	return !model_is_old(d) || d->spec.old_info;
}

bool
model_is_old(const struct device *d)
{
	return is_before(d, 30300) && d->spec.model == MODEL_PLUG;
}

/* Make the data that the TXT record and /info of a model have in common. */
static json_t *
common_data(const struct device *d)
{
	if (d->spec.model == MODEL_MINIR3)
		return json_pack("{s:[{s:s,s:i}], s:[{s:s,s:i}]}", "switches",
		    "switch", "on", "outlet", 0, "configure", "startup", "off",
		    "outlet", 0);
	/* From the vendor's SPM-Main HTTP API 2.2. */
	if (d->spec.model == MODEL_SPM)
		return json_pack(
		    "{s:[{s:s,s:i},{s:s,s:i},{s:s,s:i},{s:s,s:i}]}", "switches",
		    "switch", "on", "outlet", 0, "switch", "on", "outlet", 1,
		    "switch", "on", "outlet", 2, "switch", "on", "outlet", 3);
	if (d->spec.model == MODEL_BULB)
		return json_pack("{s:s, s:s, s:{s:i,s:i}}", "switch", "on",
		    "ltype", "white", "white", "br", 100, "ct", 120);
	if (d->spec.model == MODEL_DIMMER)
		return json_pack("{s:s, s:i, s:i}", "switch", "on",
		    "brightness", 60, "mode", 0);
	return json_pack("{s:s, s:s, s:s}", "switch", "off", "startup", "off",
	    "pulse", "off");
}

static json_t *
txt_data(const struct device *d)
{
	json_t *data = common_data(d);

	/* From captures of 3.1.0 (DIY_Tools#10) and 3.6.0 (SonoffLAN#574). */
	if (is_before(d, 30300) || !is_before(d, 30600))
		json_object_set_new(data, "sledOnline", json_string("on"));
	if (!is_before(d, 30600))
		json_object_set_new(
		    data, "fwVersion", json_string(d->spec.firmware));
	if (d->spec.model != MODEL_SPM)
		json_object_set_new(data, "pulseWidth", json_integer(500));
	json_object_set_new(data, "rssi", json_integer(d->spec.rssi));
	return data;
}

json_t *
model_info(const struct device *d)
{
	bool text = is_before(d, 30500);
	json_t *data = common_data(d), *as_text;
	const char *id = d->spec.id;
	char *dump;

	json_object_set_new(data, "pulseWidth", json_integer(500));
	json_object_set_new(
	    data, "ssid", json_string(text ? "sonoffDiy" : "koala-iot"));
	if (d->spec.model != MODEL_MINIR3 && d->spec.model != MODEL_SPM)
		json_object_set_new(
		    data, "otaUnlock", json_boolean(device_is_unlocked(d)));
	if (!text) {
		if (fault_has(&d->spec.faults, FAULT_OTHER_ID))
			id = "1000ffffff";
		json_object_set_new(
		    data, "fwVersion", json_string(d->spec.firmware));
		json_object_set_new(data, "deviceid", json_string(id));
		/* Octets have no leading zero in the vendor's sample. */
		json_object_set_new(
		    data, "bssid", json_string("ec:17:2f:3d:15:e"));
		json_object_set_new(
		    data, "signalStrength", json_integer(d->spec.rssi));
		return data;
	}
	dump = json_dumps(data, JSON_COMPACT);
	as_text = json_string(dump);
	free(dump);
	json_decref(data);
	return as_text;
}

struct txt {
	unsigned char bytes[MODEL_TXT_SIZE];
	size_t len;
};

static void
add_bytes(struct txt *t, const char *key, const char *value, size_t len)
{
	size_t whole = strlen(key) + 1 + len;

	if (whole > 255 || t->len + 1 + whole > sizeof(t->bytes))
		return;
	t->bytes[t->len++] = (unsigned char)whole;
	t->len += (size_t)snprintf(
	    (char *)t->bytes + t->len, sizeof(t->bytes) - t->len, "%s=", key);
	memcpy(t->bytes + t->len, value, len);
	t->len += len;
}

static void
add_text(struct txt *t, const char *key, const char *value)
{
	add_bytes(t, key, value, strlen(value));
}

static void
add_pieces(struct txt *t, const char *data, size_t piece)
{
	size_t len = strlen(data);

	for (unsigned n = 1; len > 0; n++) {
		size_t part = len < piece ? len : piece;
		char key[8];

		snprintf(key, sizeof(key), "data%u", n % 10);
		add_bytes(t, key, data, part);
		data += part;
		len -= part;
	}
}

static void
add_data(struct txt *t, const struct device *d)
{
	json_t *json = txt_data(d);
	char *text = json_dumps(json, JSON_COMPACT);
	size_t piece = PIECE;

	if (fault_has(&d->spec.faults, FAULT_TXT_SPLIT))
		piece = strlen(text) / 4 + 1;
	/* RF bridges write "=" for ":" and pad with \x02 (SonoffLAN). */
	if (fault_has(&d->spec.faults, FAULT_TXT_BROKEN))
		add_text(t, "data1", "{\"switch\"=\"off\",\"startup\"\x02\x02");
	else
		add_pieces(t, text, piece);
	free(text);
	json_decref(json);
}

/* Add any base64, for the key is not known here. */
static void
add_ciphertext(struct txt *t, const struct device *d)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				      "nopqrstuvwxyz0123456789+/";
	char text[PIECE * 2 + 89];

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = letters[(i * 37 + d->seq * 11 + i / 7) % 64];
	text[sizeof(text) - 1] = '\0';
	add_pieces(t, text, PIECE);
}

/* Reverse the order of the strings. */
static void
reverse_strings(struct txt *t)
{
	struct txt other = { .len = t->len };
	size_t at = t->len;

	for (size_t i = 0; i < t->len; i += 1 + (size_t)t->bytes[i]) {
		size_t len = 1 + (size_t)t->bytes[i];

		at -= len;
		memcpy(other.bytes + at, t->bytes + i, len);
	}
	*t = other;
}

static void
add_keys(struct txt *t, const struct device *d)
{
	const struct fault_set *faults = &d->spec.faults;
	bool encrypted = model_is_encrypted(d), old = is_before(d, 30300);
	char seq[12];

	add_text(t, "txtvers", "1");
	add_text(t, "id",
	    fault_has(faults, FAULT_TXT_OTHER_ID) ? "1000eeeeee" : d->spec.id);
	add_text(t, "type",
	    fault_has(faults, FAULT_ENCRYPTED) ? "plug" : d->spec.type);
	add_text(t, "apivers", "1");
	snprintf(seq, sizeof(seq), "%u", (unsigned)d->seq);
	if (!fault_has(faults, FAULT_NO_SEQ))
		add_text(t, "seq", seq);
	if (encrypted || old) {
		add_text(t, "encrypt", encrypted ? "true" : "false");
		add_text(t, "iv", "NTczMDkwMjEzMTMxOTEyNQ==");
	}
}

size_t
model_txt(const struct device *d, unsigned char dst[MODEL_TXT_SIZE])
{
	struct txt t = { .len = 0 };

	if (fault_has(&d->spec.faults, FAULT_TXT_EMPTY)) {
		dst[0] = 0;
		return 1;
	}
	add_keys(&t, d);
	if (model_is_encrypted(d))
		add_ciphertext(&t, d);
	else if (d->spec.model != MODEL_BRIDGE && d->spec.model != MODEL_IHOST)
		add_data(&t, d);
	if (fault_has(&d->spec.faults, FAULT_TXT_REVERSED))
		reverse_strings(&t);
	memcpy(dst, t.bytes, t.len);
	return t.len;
}
