/* SPDX-License-Identifier: ISC */
/*
 * Writes the requests of Sonoff's LAN API, and reads what the device replies
 * and which verdict it reports.
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/json/strictjson.h"
#include "core/sonoff/devapi.h"

static const struct {
	const char *path;
	bool repeat;
} calls[] = {
#define X(symbol, path, repeat) [DEVAPI_##symbol] = { path, repeat },
	DEVAPI_CALLS(X)
#undef X
};

const char *
devapi_path(enum devapi_call call)
{
	return calls[call].path;
}

bool
devapi_may_repeat(enum devapi_call call)
{
	return calls[call].repeat;
}

struct devapi_try
devapi_next_try(struct devapi_try last, bool may_be_old)
{
	static const struct devapi_try tries[] = {
		{ DEVAPI_INFO, DEVAPI_WITH_ID },
		{ DEVAPI_INFO, DEVAPI_WITHOUT_ID },
		{ DEVAPI_INFO, DEVAPI_OLD },
		{ DEVAPI_SIGNAL, DEVAPI_OLD },
	};
	size_t count = sizeof(tries) / sizeof(tries[0]), at = 0;

	while (tries[at].call != last.call || tries[at].form != last.form)
		at++;
	do
		at = (at + 1) % count;
	while (tries[at].form == DEVAPI_OLD && !may_be_old);
	return tries[at];
}

/* Make a request in the form of firmware 3.0 to 3.2. data is taken. */
static json_t *
make_old(const char *id, time_t now, json_t *data)
{
	char sequence[24], *text = json_dumps(data, JSON_COMPACT);
	json_t *root;

	assert(text != NULL);
	snprintf(sequence, sizeof(sequence), "%lld", (long long)now);
	/* Any key works, but there must be one. */
	root = json_pack("{s:s, s:s, s:b, s:s, s:s}", "sequence", sequence,
	    "deviceid", id, "encrypt", 0, "selfApikey", "123", "data", text);
	free(text);
	json_decref(data);
	return root;
}

static char *
dump_request(enum devapi_form form, const char *id, time_t now, json_t *data)
{
	json_auto_t *root = form == DEVAPI_OLD
	    ? make_old(id, now, data)
	    : json_pack("{s:s*, s:o}", "deviceid",
		  form == DEVAPI_WITHOUT_ID ? NULL : id, "data", data);
	char *text = json_dumps(root, JSON_COMPACT);

	assert(text != NULL);
	return text;
}

char *
devapi_request(enum devapi_form form, const char *id, time_t now)
{
	return dump_request(form, id, now, json_object());
}

char *
devapi_request_flash(enum devapi_form form, const char *id, time_t now,
    const char *url, const char *sha256)
{
	return dump_request(form, id, now,
	    json_pack("{s:s, s:s}", "downloadUrl", url, "sha256sum", sha256));
}

bool
devapi_is_id(const char *id)
{
	size_t len = strlen(id);

	return len >= DEVAPI_ID_MIN && len <= DEVAPI_ID_MAX &&
	    text_is_hex(id, len);
}

bool
devapi_is_usual_id(const char *id)
{
	return text_is_hex(id, DEVAPI_ID_MIN) ||
	    text_is_hex(id, DEVAPI_ID_LONG);
}

bool
devapi_copy_id(char dst[DEVAPI_ID_SIZE], const char *id)
{
	dst[0] = '\0';
	if (!devapi_is_id(id))
		return false;
	for (size_t i = 0; i <= strlen(id); i++)
		dst[i] = (char)tolower((unsigned char)id[i]);
	return true;
}

static bool
read_id(const json_t *data, struct devapi_info *info, struct error *err)
{
	const json_t *value = json_object_get(data, "deviceid");
	const char *id = json_string_value(value);

	if (value == NULL || (id != NULL && *id == '\0'))
		return true;
	if (id == NULL || !devapi_copy_id(info->id, id))
		return error_set(err, EPROTO, "deviceid is not an id");
	return true;
}

static bool
read_firmware(const json_t *data, struct devapi_info *info, struct error *err)
{
	const json_t *value = json_object_get(data, "fwVersion");
	const char *text = json_string_value(value);

	if (value == NULL)
		return true;
	if (text == NULL)
		return error_set(err, EPROTO, "fwVersion is not a string");
	for (const char *c = text; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr(".-_", *c) == NULL)
			return error_set(
			    err, EPROTO, "fwVersion is not a version");
	if (!text_copy(info->firmware, sizeof(info->firmware), text))
		return error_set(err, EPROTO, "fwVersion is too long");
	return true;
}

static bool
read_unlocked(const json_t *data, struct devapi_info *info, struct error *err)
{
	const json_t *value = json_object_get(data, "otaUnlock");

	if (value == NULL)
		return true;
	if (!json_is_boolean(value))
		return error_set(
		    err, EPROTO, "otaUnlock is neither true nor false");
	info->has_unlocked = true;
	info->unlocked = json_is_true(value);
	return true;
}

/* Read a BSSID, whose octets devices do not pad: "4e:5e:c:12:1:11" (3.5.0). */
static void
read_bssid(const char *text, char dst[18])
{
	unsigned o[6];
	int used = 0;

	if (strspn(text, "0123456789abcdefABCDEF:") == strlen(text) &&
	    sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &o[0], &o[1], &o[2],
		&o[3], &o[4], &o[5], &used) == 6 &&
	    text[used] == '\0')
		snprintf(dst, 18, "%02x:%02x:%02x:%02x:%02x:%02x", o[0] & 255,
		    o[1] & 255, o[2] & 255, o[3] & 255, o[4] & 255, o[5] & 255);
}

/*
 * Return true for a device that is no plug.  A dimmer has brightness and mode,
 * a bulb its ltype, and both have a switch and a lock (the "DIY mode" documents
 * of D1 and B02).
 */
static bool
is_foreign(const json_t *data)
{
	static const char *const foreign[] = { "brightness", "mode", "ltype",
		"white", "color" };

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (json_object_get(data, foreign[i]) != NULL)
			return true;
	return false;
}

static bool
is_plug(const json_t *data)
{
	return !is_foreign(data) && json_object_get(data, "switches") == NULL &&
	    json_is_string(json_object_get(data, "switch")) &&
	    json_is_string(json_object_get(data, "startup")) &&
	    json_is_string(json_object_get(data, "pulse"));
}

/* Read what is only shown to people; leave out what is not as expected. */
static void
read_signs(const json_t *data, struct devapi_info *info)
{
	const char *ssid = json_string_value(json_object_get(data, "ssid"));
	const char *bssid = json_string_value(json_object_get(data, "bssid"));
	const json_t *rssi = json_object_get(data, "signalStrength");

	if (ssid != NULL)
		text_escape(info->ssid, sizeof(info->ssid), ssid, strlen(ssid));
	if (bssid != NULL)
		read_bssid(bssid, info->bssid);
	if (json_is_integer(rssi) && json_integer_value(rssi) < 0 &&
	    json_integer_value(rssi) >= -128) {
		info->has_rssi = true;
		info->rssi = (int)json_integer_value(rssi);
	}
	info->has_switch = json_is_string(json_object_get(data, "switch"));
	info->is_plug = is_plug(data);
	info->is_foreign = is_foreign(data);
	info->has_switches = json_is_array(json_object_get(data, "switches"));
}

static bool
read_info(const json_t *data, struct devapi_info *info, struct error *err)
{
	if (!read_id(data, info, err) || !read_firmware(data, info, err) ||
	    !read_unlocked(data, info, err))
		return false;
	read_signs(data, info);
	return true;
}

/* Read the data: an object, or one string with the JSON of an object. */
static bool
read_data(const json_t *root, struct devapi_reply *reply, struct error *err)
{
	const json_t *data = json_object_get(root, "data");
	json_auto_t *inner = NULL;

	if (data == NULL || json_is_null(data))
		return true;
	if (json_is_string(data)) {
		inner = strictjson_load(json_string_value(data),
		    json_string_length(data), DEVAPI_MAX_BODY, err);
		if (inner == NULL)
			return error_prefix(err, "data");
		reply->info.string_data = true;
		data = inner;
	}
	if (!json_is_object(data))
		return error_set(err, EPROTO, "data is not an object");
	reply->has_info = true;
	return read_info(data, &reply->info, err);
}

static bool
read_error(const json_t *root, struct devapi_reply *reply, struct error *err)
{
	const json_t *value = json_object_get(root, "error");
	json_int_t error = json_integer_value(value);

	if (value == NULL)
		return true;
	if (!json_is_integer(value) || error < INT_MIN || error > INT_MAX)
		return error_set(err, EPROTO, "error is not a number");
	reply->has_error = true;
	reply->error = (int)error;
	return true;
}

static bool
is_word(const json_t *value, const char *word)
{
	return json_is_string(value) &&
	    strcasecmp(json_string_value(value), word) == 0;
}

static void
read_envelope(const json_t *root, struct devapi_reply *reply)
{
	const json_t *encrypt = json_object_get(root, "encrypt");
	const json_t *seq = json_object_get(root, "seq");

	reply->encrypted = encrypt == NULL
	    ? json_is_string(json_object_get(root, "iv"))
	    : json_is_true(encrypt) || is_word(encrypt, "true");
	if (json_is_integer(seq) && json_integer_value(seq) >= 0 &&
	    json_integer_value(seq) <= UINT32_MAX) {
		reply->has_seq = true;
		reply->seq = (uint32_t)json_integer_value(seq);
	}
}

bool
devapi_parse_reply(
    const void *body, size_t len, struct devapi_reply *reply, struct error *err)
{
	json_auto_t *root = NULL;

	*reply = (struct devapi_reply){ 0 };
	root = strictjson_load(body, len, DEVAPI_MAX_BODY, err);
	if (root == NULL || !read_error(root, reply, err))
		return false;
	read_envelope(root, reply);
	if (reply->encrypted || reply->error != 0)
		return true;
	return read_data(root, reply, err);
}

const char *
devapi_info_firmware(const struct devapi_info *info, enum devapi_form form)
{
	if (info->firmware[0] != '\0')
		return info->firmware;
	if (form == DEVAPI_OLD)
		return "3.0";
	return info->string_data ? "3.3" : "";
}

/*
 * The meaning of a code depends on the call; the last row of a call has the
 * rest, and a code that is in no row is a bad answer.
 * 422 of an unlock is the cloud's word that the device hands on
 * (itead/Sonoff_Devices_DIY_Tools#45); 400 is "not JSON", which ours always
 * is, or a device that expected an encrypted body.
 */
static const struct {
	enum devapi_call call;
	int error; /* 0: any other */
	enum reason reason;
} meanings[] = {
	{ DEVAPI_INFO, 400, REASON_NOT_DIY_MODE },
	{ DEVAPI_UNLOCK, 503, REASON_UNLOCK_UNREACHABLE },
	{ DEVAPI_UNLOCK, 0, REASON_UNLOCK_REFUSED },
	{ DEVAPI_FLASH, 413, REASON_IMAGE_TOO_LARGE },
	{ DEVAPI_FLASH, 471, REASON_DIGEST_ERROR },
	{ DEVAPI_FLASH, 0, REASON_OFFER_REFUSED },
};

enum reason
devapi_reason(enum devapi_call call, const struct devapi_reply *reply)
{
	if (reply->encrypted || (reply->has_error && reply->error == 401))
		return REASON_NOT_DIY_MODE;
	if (!reply->has_error)
		return REASON_BAD_ANSWER;
	if (reply->error == 0)
		return REASON_NONE;
	if (reply->error == 404)
		return REASON_WRONG_DEVICE;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].call == call &&
		    (meanings[i].error == reply->error ||
			meanings[i].error == 0))
			return meanings[i].reason;
	return REASON_BAD_ANSWER;
}

bool
devapi_is_unheard(
    struct devapi_try asked, const struct devapi_reply *reply, bool is_answered)
{
	if (!is_answered)
		return true;
	return asked.call == DEVAPI_INFO && asked.form == DEVAPI_OLD &&
	    (reply == NULL ||
		devapi_reason(DEVAPI_INFO, reply) == REASON_BAD_ANSWER);
}

void
devapi_describe(
    const char *call, const struct devapi_reply *reply, char *dst, size_t size)
{
	if (reply->encrypted)
		snprintf(dst, size, "its answer to %s is encrypted", call);
	else if (!reply->has_error)
		snprintf(dst, size, "its answer to %s has no error", call);
	else
		snprintf(dst, size, "it answers %s with error %d", call,
		    reply->error);
}

enum reason
devapi_verdict_reason(int error)
{
	switch (error) {
	case 0:
		return REASON_NONE;
	case 404:
		return REASON_DOWNLOAD_ERROR;
	case 409:
		return REASON_DIGEST_ERROR;
	default: /* 406 and 410, and whatever else it may say */
		return REASON_DEVICE_ERROR;
	}
}

#define MAX_VERDICT 512 /* a device sends 11 bytes */
#define MAX_CODE    9999

/*
 * Return the length without blanks at the end: jansson aborts on no input at
 * all, and refuses a NUL after the object.
 */
static size_t
without_tail(const char *body, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", body[len - 1]) != NULL)
		len--;
	return len;
}

bool
devapi_verdict_parse(const void *body, size_t len, int *code, struct error *err)
{
	json_auto_t *root = NULL;
	json_error_t why;
	json_t *value;

	if (len > MAX_VERDICT)
		return error_set(err, EMSGSIZE, "%zu bytes are too many", len);
	len = without_tail(body, len);
	if (len == 0)
		return error_set(err, EPROTO, "nothing in it");
	root = json_loadb(body, len, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		return error_set(err, EPROTO, "not JSON");
	value = json_object_get(root, "error");
	if (!json_is_integer(value))
		return error_set(err, EPROTO, "no number under \"error\"");
	if (json_integer_value(value) < -MAX_CODE ||
	    json_integer_value(value) > MAX_CODE)
		return error_set(err, ERANGE, "a code that cannot be");
	*code = (int)json_integer_value(value);
	return true;
}
