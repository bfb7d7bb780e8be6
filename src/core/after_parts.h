/* SPDX-License-Identifier: ISC */
/*
 * after_parts -- what the files of core/after share.
 */
#ifndef REFLASHD_AFTER_PARTS_H
#define REFLASHD_AFTER_PARTS_H

#include "core/after.h"

#define AFTER_POLL_MS 3000 /* between two looks */

enum after_phase {
	PHASE_FIND,	/* Status 5 at one address after the other */
	PHASE_VERSION,	/* Status 2 of the one that was found */
	PHASE_UPGRADE,	/* OtaUrl and Upgrade are sent */
	PHASE_UPGRADED, /* Status 2 until it tells of something new */
	PHASE_READ,	/* one setting after the other is read back */
	PHASE_SEND,	/* what is missing is sent */
};

struct after {
	struct device *device; /* borrowed */
	struct after_task task;
	struct tasmota_steps steps;  /* owned */
	const struct after_ops *ops; /* borrowed */
	void *ctx;		     /* borrowed */

	enum after_phase phase;
	bool asking;
	uint64_t deadline_ms;

	struct in_addr addresses[AFTER_MAX_ADDRESSES];
	size_t address_count, address_at;
	bool stranger;	/* its address answers, but not as a Tasmota */
	char other[18]; /* or it does, with this MAC */
	bool is_locked; /* it wants another password */

	struct tasmota_facts before; /* when finishing began */
	unsigned upgrades;
	bool fetching, fetched;
	uint64_t news_ms; /* when the upgrade was last heard of */

	size_t step;  /* that is being read */
	bool is_shut; /* it has refused who came without the password */
};

uint64_t after_now(const struct after *);
void after_set_deadline(struct after *, unsigned seconds);
void after_wait(struct after *, uint64_t ms);
void after_get(struct after *, const char *command, bool with_password);

/* The last thing that touches it: the owner may free it. */
void after_end(struct after *, enum machine_event);
void after_fail(struct after *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void after_take_version(struct after *, const struct tasmota_facts *);
void after_say_what_it_is(struct after *);

/* after_upgrade.c: ends in after_settings_begin(), or failed. */
void after_upgrade_begin(struct after *);
void after_upgrade_sent(struct after *); /* or perhaps not */
void after_upgrade_version(struct after *, const char *body, size_t len);
void after_upgrade_late(struct after *);

/* after_settings.c: ends verified, or failed. */
void after_settings_begin(struct after *);
void after_settings_read(struct after *); /* the step that is next */
void after_settings_heard(struct after *, const char *body, size_t len);
void after_settings_password(struct after *, bool locked);
void after_settings_sent(struct after *, bool heard);
void after_settings_late(struct after *);

#endif
