/* SPDX-License-Identifier: ISC */
/* Translates the states of a device to what Home Assistant's update knows. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/reason.h"
#include "core/state/state.h"
#include "mqtt/message/shown.h"

#define STOCK	   "eWeLink"
#define UNKNOWN	   "unknown firmware"
#define HOME_URL   "https://github.com/reflashd/reflashd"
#define PICTURES   "https://brands.home-assistant.io/_/"
#define SHORT_SHA  8
#define NO_PERCENT (-1)

/* How Home Assistant shows the firmware of an image, by its kind. */
static const struct {
	const char *kind, *name, *instead, *url, *picture;
} kinds[] = {
	{ "tasmota", "Tasmota", "Tasmota (instead of " STOCK ")",
	    "https://tasmota.github.io/docs/", PICTURES "tasmota/icon.png" },
	{ "esphome", "ESPHome", "ESPHome (instead of " STOCK ")",
	    "https://esphome.io/", PICTURES "esphome/icon.png" },
	{ "", "New firmware", "New firmware (instead of " STOCK ")", HOME_URL,
	    PICTURES "mqtt/icon.png" },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* Where a device is with its firmware. */
enum place {
	STAYS, /* the old firmware runs, and nothing else is planned */
	WAITS, /* the old firmware runs, and an image is meant for it */
	AT_WORK,
	HAS_IT,	 /* the image runs */
	UNCLEAR, /* it has the image, but that does not run as it should */
};

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static enum place
place_of_failure(enum reason reason, bool has_image)
{
	if (reason == REASON_FINISH_FAILED)
		return HAS_IT;
	if (reason == REASON_RECORD_LOST ||
	    reason_retry(reason) == REASON_AFTER)
		return UNCLEAR;
	return has_image ? WAITS : STAYS;
}

static enum place
find_place(enum state state, enum reason reason, bool has_image)
{
	if (state == STATE_FAILED)
		return place_of_failure(reason, has_image);
	if (state_is_at_work(state))
		return AT_WORK;
	if (state_is_success(state))
		return HAS_IT;
	return state == STATE_HELD && has_image ? WAITS : STAYS;
}

static size_t
find_kind(const json_t *image)
{
	size_t i;

	for (i = 0; i + 1 < KIND_COUNT; i++)
		if (strcmp(kinds[i].kind, text_of(image, "kind")) == 0)
			break;
	return i;
}

/* Write the firmware that the device had from its maker: "eWeLink 3.6.0". */
static void
write_stock(const json_t *device, char *dst)
{
	const char *version = text_of(device, "firmware");

	snprintf(dst, SHOWN_VERSION_SIZE, STOCK "%s%s",
	    version[0] != '\0' ? " " : "", version);
}

/* Write "Tasmota 9.5.0 lite (5c1aecd2)". */
static void
write_image(const json_t *image, char *dst)
{
	const char *label = text_of(image, "label");

	if (label[0] == '\0')
		label = kinds[find_kind(image)].name;
	snprintf(dst, SHOWN_VERSION_SIZE, "%.100s (%.*s)", label, SHORT_SHA,
	    text_of(image, "sha256"));
}

/* Cut the text where it is too long, but not in the middle of a character. */
static void
write_summary(char dst[SHOWN_SUMMARY_SIZE], const char *text)
{
	size_t len = strlen(text);

	if (len >= SHOWN_SUMMARY_SIZE) {
		len = SHOWN_SUMMARY_SIZE - 1 - strlen("...");
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
		snprintf(dst, SHOWN_SUMMARY_SIZE, "%.*s...", (int)len, text);
		return;
	}
	memcpy(dst, text, len + 1);
}

/* Say what Install does, for a person who has to decide. */
static void
summarize_approval(const json_t *image, char *dst, size_t size)
{
	snprintf(dst, size,
	    "Install puts %.60s (%lld bytes, SHA-256 %.16s...) on the device. "
	    "This cannot be undone: there is no way back to the firmware of "
	    "the "
	    "manufacturer.",
	    text_of(image, "name"),
	    (long long)json_integer_value(json_object_get(image, "size")),
	    text_of(image, "sha256"));
}

static const char *
meaning_of(enum state state, const char *token)
{
	enum reason reason = reason_find(token);

	if (state == STATE_HELD)
		return hold_meaning(hold_find(token));
	return reason != REASON_NONE ? reason_sentence(reason)
				     : state_meaning(state);
}

/* Where not all of it fits, the advice is worth more than the detail. */
static void
summarize_state(const json_t *device, enum state state, char *dst, size_t size)
{
	const char *meaning = meaning_of(state, text_of(device, "reason"));
	const char *detail = text_of(device, "detail");
	const char *advice = text_of(device, "advice");

	snprintf(dst, size, "%.300s%s%.600s%s%.900s", meaning,
	    detail[0] != '\0' ? ": " : "", detail,
	    advice[0] != '\0' ? ". " : "", advice);
	if (strlen(dst) >= SHOWN_SUMMARY_SIZE && advice[0] != '\0')
		snprintf(dst, size, "%.300s. %.900s", meaning, advice);
}

/* Say what a device waits for that is in nobody's Wi-Fi. */
static void
summarize_joining(
    const json_t *device, enum state state, char *dst, size_t size)
{
	snprintf(dst, size,
	    "%.300s: join its access point %.40s with a phone, open %.100s "
	    "and enter your Wi-Fi. The device is recognised when it is back.",
	    meaning_of(state, text_of(device, "reason")),
	    text_of(device, "access_point"), text_of(device, "page"));
}

static void
summarize(const json_t *device, enum state state, struct shown *shown)
{
	bool joins = strcmp(text_of(device, "attention"), "join") == 0 &&
	    text_of(device, "access_point")[0] != '\0';
	char text[2048];

	if (shown->install == SHOWN_APPROVE)
		summarize_approval(
		    json_object_get(device, "image"), text, sizeof(text));
	else if (joins)
		summarize_joining(device, state, text, sizeof(text));
	else
		summarize_state(device, state, text, sizeof(text));
	write_summary(shown->summary, text);
}

static enum shown_install
find_install(enum state state, const char *token, bool has_image)
{
	enum hold hold = hold_find(token);

	if (!has_image)
		return SHOWN_NO_INSTALL;
	if (state == STATE_FAILED ||
	    (state == STATE_HELD && hold == HOLD_CANCELLED))
		return SHOWN_RETRY;
	return state == STATE_HELD && hold == HOLD_APPROVAL ? SHOWN_APPROVE
							    : SHOWN_NO_INSTALL;
}

static int
read_percent(const json_t *device)
{
	const json_t *percent =
	    json_object_get(json_object_get(device, "progress"), "percent");
	json_int_t value = json_integer_value(percent);

	return json_is_integer(percent) && value >= 0 && value <= 100
	    ? (int)value
	    : NO_PERCENT;
}

static void
write_versions(const json_t *device, const json_t *image, enum place place,
    struct shown *shown)
{
	switch (place) {
	case STAYS:
		write_stock(device, shown->installed);
		write_stock(device, shown->latest);
		break;
	case WAITS:
	case AT_WORK:
		write_stock(device, shown->installed);
		write_image(image, shown->latest);
		break;
	case HAS_IT:
		write_image(image, shown->installed);
		write_image(image, shown->latest);
		break;
	case UNCLEAR:
		snprintf(shown->installed, SHOWN_VERSION_SIZE, UNKNOWN);
		write_image(image, shown->latest);
		break;
	}
}

void
shown_look(const json_t *device, struct shown *shown)
{
	const json_t *image = json_object_get(device, "image");
	const char *token = text_of(device, "reason");
	bool has_image = json_is_object(image);
	enum state state = STATE_SEEN;
	enum place place;
	size_t kind = find_kind(image);

	*shown = (struct shown){ .percent = NO_PERCENT };
	state_find(text_of(device, "state"), &state);
	place = find_place(state, reason_find(token), has_image);
	write_versions(device, image, place, shown);
	shown->title = place == STAYS ? STOCK
	    : place == HAS_IT	      ? kinds[kind].name
				      : kinds[kind].instead;
	shown->url = place == STAYS ? HOME_URL : kinds[kind].url;
	shown->picture = kinds[place == STAYS ? KIND_COUNT - 1 : kind].picture;
	shown->is_in_progress = place == AT_WORK;
	if (state == STATE_DOWNLOADING)
		shown->percent = read_percent(device);
	shown->install = find_install(state, token, has_image);
	shown->sha256 = has_image
	    ? json_string_value(json_object_get(image, "sha256"))
	    : NULL;
	if (shown->sha256 == NULL)
		shown->install = SHOWN_NO_INSTALL;
	summarize(device, state, shown);
}

json_t *
shown_update(const struct shown *shown)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o}",
	    "installed_version", shown->installed, "latest_version",
	    shown->latest, "title", shown->title, "release_summary",
	    shown->summary, "release_url", shown->url, "entity_picture",
	    shown->picture, "in_progress", (int)shown->is_in_progress,
	    "update_percentage",
	    shown->percent == NO_PERCENT ? json_null()
					 : json_integer(shown->percent));
}
