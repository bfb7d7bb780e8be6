/* SPDX-License-Identifier: ISC */
/* Writes what happens to a device into the log, with fields for the journal. */
#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/control/report.h"
#include "core/state/message.h"
#include "reflashd/events/devlog.h"

#define MAX_RUMOURS 8 /* lines; two claims of four addresses each */

__attribute__((format(printf, 4, 0))) static void
emit(const struct device *device, int priority, const char *id, const char *fmt,
    va_list ap)
{
	char subject[DEVICE_SUBJECT_SIZE], text[768];
	char address[INET_ADDRSTRLEN] = "";
	const struct device_image *image = device_shown_image(device);
	const struct log_field fields[] = {
		{ "MESSAGE_ID", id },
		{ "REFLASHD_DEVICE", device->id },
		{ "REFLASHD_LABEL", device->label },
		{ "REFLASHD_STATE", state_name(device->state) },
		{ "REFLASHD_REASON", report_reason(device) },
		{ "REFLASHD_POLICY", device->policy },
		{ "REFLASHD_SHA256", image != NULL ? image->sha256 : NULL },
		{ "REFLASHD_ADDRESS", address },
	};

	vsnprintf(text, sizeof(text), fmt, ap);
	if (device->place.has_address)
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));
	log_fields(priority, fields, sizeof(fields) / sizeof(fields[0]),
	    "%s: %s", device_subject(device, subject, sizeof(subject)), text);
}

void
devlog_device(const struct device *device, int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(device, priority, MESSAGE_NOTE, fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 4, 5))) static void
tell(const struct device *device, int priority, const char *id, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(device, priority, id, fmt, ap);
	va_end(ap);
}

/* Log the state of the device: the catalog of the journal explains the line. */
#define tell_state(device, priority, ...)                                      \
	tell(device, priority, report_message(device), __VA_ARGS__)

void
devlog_rumour(struct device *device, int priority, const char *fmt, ...)
{
	uint64_t now = clock_now_ms();
	va_list ap;

	if (!ratelimit_take(&device->shown.lines, MAX_RUMOURS, now)) {
		if (ratelimit_tell(&device->shown.lines, now) > 0)
			devlog_device(device, LOG_WARNING,
			    "others keep claiming to be this device; the log "
			    "leaves that out for ten minutes");
		return;
	}
	va_start(ap, fmt);
	emit(device, priority, MESSAGE_NOTE, fmt, ap);
	va_end(ap);
}

void
devlog_progress(const struct device *device)
{
	tell(device, LOG_INFO, MESSAGE_PROGRESS,
	    "downloading %u %% (%" PRIu64 " of %" PRIu64 " bytes)",
	    report_percent(device), device->download.bytes,
	    device->attempt.image.size);
}

void
devlog_seen(const struct device *device)
{
	const char *id = message_of_state(STATE_SEEN);
	const char *type =
	    device->facts.type[0] ? device->facts.type : "unknown type";

	if (device->facts.firmware[0] != '\0')
		tell(device, LOG_INFO, id, "seen (%s, firmware %s)", type,
		    device->facts.firmware);
	else
		tell(device, LOG_INFO, id, "seen (%s)", type);
}

/* Log a failure or refusal: the reason, the facts, and what to do. */
static void
tell_reason(const struct device *device, int priority)
{
	char advice[ADVICE_SIZE];

	tell_state(device, priority, "%s: %s: %s (%s). %s",
	    state_name(device->state), reason_token(device->reason),
	    reason_sentence(device->reason), device->detail,
	    report_advice(device, advice));
}

static void
tell_attempt(const struct device *device)
{
	uint64_t now = clock_now_ms(), until = device_waits_until(device);
	char which[48] = "this attempt is not counted", wait[32];

	if (!device->attempt.is_uncounted)
		snprintf(which, sizeof(which), "attempt %u of %u failed",
		    device->attempt.number, device->attempt.allowed);
	tell_state(device, LOG_WARNING,
	    "%s: %s: %s (%s). The next one follows in %s%s", which,
	    reason_token(device->reason), reason_sentence(device->reason),
	    device->detail,
	    text_duration(wait, sizeof(wait),
		until > now ? (until - now + 999) / 1000 : 0),
	    device->attempt.damaged ? "; do NOT switch it off" : "");
}

static void
tell_held(const struct device *device)
{
	char advice[ADVICE_SIZE];

	if (device->hold == HOLD_BACKOFF && device->reason != REASON_NONE)
		tell_attempt(device);
	else if (device->hold == HOLD_CANCELLED)
		tell_state(device, LOG_NOTICE, "held: %s. %s", device->detail,
		    report_advice_of(device, REASON_CANCELLED, advice));
	else
		tell_state(device, LOG_INFO, "held: %s, %s%s%s",
		    hold_name(device->hold), hold_meaning(device->hold),
		    device->detail[0] ? ": " : "", device->detail);
}

void
devlog_change(const struct device *device, enum state old)
{
	switch (device->state) {
	case STATE_SEEN:
		devlog_seen(device);
		break;
	case STATE_IGNORED:
		tell_state(device, LOG_INFO, "ignored, as policy %s says",
		    device->policy);
		break;
	case STATE_HELD:
		tell_held(device);
		break;
	case STATE_REFUSED:
		tell_reason(device, LOG_WARNING);
		break;
	case STATE_FAILED:
		tell_reason(device, LOG_ERR);
		break;
	case STATE_PROBING:
		if (state_is_at_work(old))
			tell(device, LOG_WARNING,
			    message_of_reason(device->reason),
			    "%s: %s. Trying again at once: do not cut its "
			    "power",
			    reason_token(device->reason), device->detail);
		tell_state(device, LOG_INFO,
		    "probing (policy %s, image %s, attempt %u of %u)",
		    device->policy, device->attempt.image.name,
		    device->attempt.number, device->attempt.allowed);
		break;
	case STATE_VERIFIED:
		tell_state(device, LOG_NOTICE, "verified: %s", device->detail);
		break;
	case STATE_FLASHED:
		tell_state(device, LOG_NOTICE, "flashed: %s", device->detail);
		break;
	case STATE_REBOOTING:
		tell_state(device, LOG_INFO,
		    "rebooting: it has all %" PRIu64 " bytes; do not switch it"
		    " off",
		    device->download.bytes);
		break;
	default:
		tell_state(device, LOG_INFO, "%s: %s",
		    state_name(device->state), state_meaning(device->state));
		break;
	}
}
