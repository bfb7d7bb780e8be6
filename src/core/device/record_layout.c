/* SPDX-License-Identifier: ISC */
/* Says which key of a record is which member of a device, and of what kind. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>

#include "core/device/record_parts.h"

#define MAX_RECORD_ATTEMPTS 1000
#define MAX_RECORD_TIME	    INT64_C(253402300799) /* the end of 9999 */

/* clang-format off */
#define ROW(key, kind, missing, member, max, fields)			\
	{ key, RECORD_##kind, RECORD_##missing,				\
	    offsetof(struct record, member),				\
	    sizeof(((struct record *)0)->member), max, fields }
#define END	{ NULL, RECORD_TEXT, RECORD_NEEDED, 0, 0, 0, NULL }
#define TEXT(key, missing, member) \
	ROW(key, TEXT, missing, member, 0, NULL)
#define STRING(key, missing, member) \
	ROW(key, STRING, missing, member, 0, NULL)
#define BOOL(key, missing, member) \
	ROW(key, BOOL, missing, member, 0, NULL)
#define NUMBER(key, missing, member, max) \
	ROW(key, NUMBER, missing, member, max, NULL)

#define IMAGE(image)							\
	STRING("name",		 NEEDED, image.name),			\
	STRING("sha256",	 NEEDED, image.sha256),			\
	NUMBER("size",		 NEEDED, image.size, UINT32_MAX),	\
	STRING("kind",		 NEEDED, image.kind),			\
	TEXT("version",		 LATER,	 image.version),		\
	TEXT("label",		 LATER,	 image.label)

static const struct record_field image_fields[] = {
	IMAGE(device.attempt.image),
	END
};

static const struct record_field run_fields[] = {
	IMAGE(device.may_run.attempt.image),
	STRING("policy",	 NEEDED, device.may_run.policy),
	NUMBER("attempt",	 NEEDED, device.may_run.attempt.number, MAX_RECORD_ATTEMPTS),
	NUMBER("attempts",	 NEEDED, device.may_run.attempt.allowed, MAX_RECORD_ATTEMPTS),
	NUMBER("begun",		 NEEDED, device.may_run.attempt.begun, MAX_RECORD_TIME),
	NUMBER("begun_before",	 NEEDED, written.run_begun, MAX_RECORD_TIME),
	NUMBER("bytes",		 NEEDED, device.may_run.bytes, UINT32_MAX),
	BOOL("no_verdict",	 NEEDED, device.may_run.attempt.no_verdict),
	BOOL("by_order",	 NEEDED, device.may_run.attempt.by_order),
	TEXT("who",		 LATER,	 may_run_by),
	BOOL("must_return",	 NEEDED, device.may_run.must_return),
	BOOL("must_finish",	 NEEDED, device.may_run.must_finish),
	TEXT("expect",		 NEEDED, run_expect),
	END
};

static const struct record_field told_fields[] = {
	STRING("token",		 NEEDED, device.download.token),
	NUMBER("at",		 NEEDED, device.download.told_at, MAX_RECORD_TIME),
	NUMBER("bytes",		 NEEDED, device.download.bytes, UINT32_MAX),
	BOOL("whole",		 NEEDED, device.download.whole),
	BOOL("verdict_ok",	 NEEDED, device.download.verdict_ok),
	TEXT("from",		 LATER,	 told_from),
	END
};

static const struct record_field clock_fields[] = {
	STRING("boot",		 NEEDED, written.boot),
	NUMBER("ms",		 NEEDED, written.ms, MAX_RECORD_TIME * 1000),
	NUMBER("wall",		 NEEDED, written.wall, MAX_RECORD_TIME),
	NUMBER("since",		 NEEDED, written.since, MAX_RECORD_TIME),
	NUMBER("begun",		 NEEDED, written.begun, MAX_RECORD_TIME),
	END
};

static const struct record_field kept_fields[] = {
	STRING("reason",	 NEEDED, kept_reason),
	NUMBER("attempt",	 NEEDED, device.kept.attempt, MAX_RECORD_ATTEMPTS),
	NUMBER("bytes",		 NEEDED, device.kept.bytes, UINT32_MAX),
	STRING("detail",	 NEEDED, device.kept.detail),
	END
};

static const struct record_field only_fields[] = {
	BOOL("ordered",		 NEEDED, only_ordered),
	BOOL("again",		 NEEDED, only_again),
	BOOL("retry",		 NEEDED, only_retry),
	END
};

/* This is read by itself: another format may have other keys. */
const struct record_field record_format_field[] = {
	NUMBER("format",	 NEEDED, format, 1000),
	END
};

/*
 * The first records of this format did not have the keys that are LATER.  A key
 * whose absence could mean anything but null, false or 0 needs another
 * RECORD_FORMAT.  Only "vouched" counts as true, so that an earlier failure
 * still stops its policy.
 */
const struct record_field record_fields[] = {
	STRING("id",		 NEEDED, device.id),
	TEXT("name",		 NEEDED, device.name),
	TEXT("address",		 NEEDED, address),
	NUMBER("port",		 NEEDED, device.place.port, UINT16_MAX),
	TEXT("mac",		 NEEDED, device.place.mac),
	TEXT("type",		 NEEDED, device.facts.type),
	TEXT("firmware",	 NEEDED, device.facts.firmware),
	TEXT("variant",		 LATER,	 device.facts.variant),
	BOOL("omit_id",		 NEEDED, omits_id),
	BOOL("old_form",	 LATER,	 is_old_form),
	STRING("state",		 NEEDED, state),
	NUMBER("since",		 NEEDED, device.since, MAX_RECORD_TIME),
	TEXT("hold",		 NEEDED, hold),
	TEXT("reason",		 NEEDED, reason),
	STRING("detail",	 NEEDED, device.detail),
	STRING("policy",	 NEEDED, device.policy),
	ROW("image", OPTION,	 NEEDED, device.attempt.has_image, 0, image_fields),
	NUMBER("not_before",	 NEEDED, not_before, MAX_RECORD_TIME),
	NUMBER("tries_until",	 LATER,	 tries_until, MAX_RECORD_TIME),
	NUMBER("attempt",	 NEEDED, device.attempt.number, MAX_RECORD_ATTEMPTS),
	NUMBER("attempts",	 NEEDED, device.attempt.allowed, MAX_RECORD_ATTEMPTS),
	ROW("tried", LIST,	 LATER,	 device.tried.sha256, DEVICE_MAX_TRIED, NULL),
	BOOL("damaged",		 LATER,	 device.attempt.damaged),
	BOOL("no_verdict",	 LATER,	 device.attempt.no_verdict),
	ROW("told", OPTION,	 NEEDED, has_told, 0, told_fields),
	NUMBER("begun",		 NEEDED, device.attempt.begun, MAX_RECORD_TIME),
	BOOL("must_return",	 LATER,	 device.awaited.must_return),
	TEXT("upgrade_token",	 LATER,	 device.upgrade.token),
	TEXT("upgrade_sha256",	 LATER,	 device.upgrade.sha256),
	TEXT("upgrade_from",	 LATER,	 device.upgrade.from),
	TEXT("upgraded_to",	 LATER,	 device.upgrade.last),
	TEXT("approved",	 NEEDED, device.order.approved),
	BOOL("ordered",		 NEEDED, device.order.is_given),
	BOOL("by_order",	 LATER,	 device.attempt.by_order),
	BOOL("again",		 NEEDED, device.order.again),
	TEXT("order_image",	 NEEDED, order_image),
	BOOL("retry",		 LATER,	 device.order.retry),
	BOOL("unsure",		 LATER,	 device.attempt.unsure),
	BOOL("must_finish",	 LATER,	 device.awaited.must_finish),
	TEXT("cancelled",	 LATER,	 cancelled),
	TEXT("expect",		 LATER,	 expect),
	ROW("clock", OBJECT,	 LATER,	 written.is_known, 0, clock_fields),
	ROW("kept", OPTION,	 LATER,	 has_kept, 0, kept_fields),
	NUMBER("prefix",	 LATER,	 device.place.prefix, 31),
	TEXT("approved_policy",	 LATER,	 device.order.approved_policy),
	TEXT("next_upgrade",	 LATER,	 device.upgrade.next),
	TEXT("next_minimal",	 LATER,	 device.upgrade.next_minimal),
	BOOL("vouched",		 LATER_TRUE, device.seen.is_vouched),
	BOOL("excused",		 LATER,	 device.attempt.is_excused),
	NUMBER("took",		 LATER,	 device.attempt.took_s, UINT32_MAX),
	ROW("may_run", OPTION,	 LATER,	 device.may_run.attempt.has_image, 0, run_fields),
	TEXT("label",		 LATER,	 label),
	TEXT("who",		 LATER,	 attempt_by),
	TEXT("approved_by",	 LATER,	 approved_by),
	TEXT("ordered_by",	 LATER,	 ordered_by),
	TEXT("order_sha256",	 LATER,	 device.order.sha256),
	ROW("only", OPTION,	 LATER,	 has_only, 0, only_fields),
	TEXT("exact_reason",	 LATER,	 exact_reason),
	TEXT("cancelled_by",	 LATER,	 cancelled_by),
	END
};
/* clang-format on */
