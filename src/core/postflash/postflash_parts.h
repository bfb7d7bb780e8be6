/* SPDX-License-Identifier: ISC */
/*
 * postflash_parts -- what the files of core/postflash/postflash share.
 *
 *	postflash.c			calls, time, ends
 *	postflash_find.c		which one is it, and is it still there?
 *	postflash_upgrade.c		the second image
 *	postflash_settings.c	the set-up
 */
#ifndef REFLASHD_POSTFLASH_PARTS_H
#define REFLASHD_POSTFLASH_PARTS_H

#include "core/postflash/postflash.h"

#define AFTER_POLL_MS 3000 /* between two looks */

enum after_phase {
	PHASE_FIND,    /* Status 5 at one address after the other */
	PHASE_REST,    /* nothing, for a while */
	PHASE_VERSION, /* Status 2 of the one that was found */
	PHASE_URL,     /* OtaUrl is sent alone, to a minimal build */
	PHASE_UPGRADE, /* Upgrade is sent, and OtaUrl unless that was before */
	PHASE_RETURN,  /* OtaUrl is sent once more */
	PHASE_READ,    /* one setting after the other is read back */
	PHASE_SEND,    /* what is missing is sent */
};

/* What is done as soon as it is proven who answers. */
enum after_aim {
	AIM_VERSION, /* ask what it runs */
	AIM_BELIEVE, /* it does run what it said that it runs */
	AIM_UPGRADE, /* tell it to upgrade */
	AIM_START,   /* tell a minimal build that has the URL to start */
	AIM_READ,    /* read the step that is next */
	AIM_SET,     /* send what the steps that were read lack, or end */
};

struct after {
	struct device *device; /* borrowed */
	struct after_task task;
	struct tasmota_steps steps;  /* owned */
	const struct after_ops *ops; /* borrowed */
	void *ctx;		     /* borrowed */

	enum after_phase phase;
	enum after_aim aim;
	bool asking;
	uint64_t deadline_ms;

	struct in_addr addresses[AFTER_MAX_ADDRESSES];
	size_t address_count, address_at;
	bool is_proven;	 /* the last answer was its MAC */
	bool is_guarded; /* its MAC took the password */
	bool is_pressed; /* the password is tried */
	bool stranger;	 /* its address answers, but not as a Tasmota */
	char other[18];	 /* or it does, with this MAC */
	/* What is at its old address, and sounds like it but for its MAC. */
	struct {
		const char *what; /* NULL: nothing */
		char mac[18];	  /* "" not told */
	} heir;
	struct in_addr claimed_at; /* where one only says its MAC; 0 none */
	/* Where an ESPHome is announced, but accepts no connection; 0 none. */
	struct in_addr announced_at;
	/* A Tasmota that may be the device or another; NULL: none. */
	const char *shared;
	bool is_locked;	 /* it wants another password */
	bool is_esphome; /* that is what was found */
	const char *how; /* and how; borrowed */
	/* Where one that tells no MAC was in the last round; 0 none. */
	struct in_addr mute_at;

	struct tasmota_facts facts; /* what it said last that it runs */
	bool is_minimal; /* one that knows neither Status nor Backlog */
	char url[128];	 /* of the upgrade */
	unsigned upgrades;
	bool fetching, fetched;
	uint64_t news_ms; /* when the upgrade was last heard of */

	struct tasmota_dialect dialect; /* how it answers */
	size_t step;			/* that is being read */
	bool is_shut; /* it has refused who came without the password */
};

uint64_t after_now(const struct after *);
void after_set_deadline(struct after *, unsigned seconds);
void after_wait(struct after *, uint64_t ms);

/* Later, and then ask anew who it is. */
void after_rest(struct after *, enum after_aim, uint64_t ms);

/* Ask whoever was proven to be it. */
void after_get(struct after *, const char *command);
void after_get_from(
    struct after *, struct in_addr, const char *command, bool with_password);

/* The last thing that touches it: the owner may free it. */
void after_end(struct after *, enum machine_event);
void after_fail(struct after *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void after_fail_locked(struct after *);

/* Whether the device may be that now: Tasmota, ESPHome. */
bool after_may_be(const struct after *, enum device_expect);

/* It is the device, under its new firmware. */
void after_is_found(struct after *);
void after_say_what_it_is(struct after *);

/*
 * postflash_find.c.  Each of its restarts may give the device another address,
 * and its old one to another device.  So it is asked for its MAC before it is
 * told anything, and what it said counts if it tells its MAC behind it; where
 * it does not, it is looked for as in the beginning.
 */
void after_prove(struct after *, enum after_aim);
void after_find(struct after *); /* at the address that is next */
void after_find_heard(struct after *, int status, const char *server,
    const char *body, size_t len);
void after_find_late(struct after *);
bool after_find_lost(struct after *); /* to another one, and it has ended */
void after_version_heard(struct after *, const char *body, size_t len);

/* postflash_upgrade.c: ends in after_settings_begin(), or failed. */
void after_upgrade_begin(struct after *);
void after_upgrade_send(struct after *);
void after_upgrade_start(struct after *);
void after_upgrade_heard(struct after *, const char *body, size_t len);
void after_upgrade_uncount(struct after *);
void after_upgrade_unheard(struct after *);
void after_upgrade_sent(struct after *); /* or perhaps not */
void after_upgrade_believe(struct after *);
void after_upgrade_late(struct after *);

/* postflash_settings.c: ends verified, or failed. */
void after_settings_begin(struct after *);
void after_settings_read(struct after *); /* the step that is next */
void after_settings_set(struct after *);
void after_settings_heard(struct after *, const char *body, size_t len);
void after_settings_password(struct after *, bool locked);
void after_settings_sent(struct after *, bool heard);
void after_settings_late(struct after *);

#endif
