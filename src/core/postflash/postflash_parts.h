/* SPDX-License-Identifier: ISC */
/*
 * postflash_parts -- what the files of core/postflash/postflash share.
 *
 *  postflash.c           calls, time, ends
 *  postflash_find.c      which device it is, and whether it is still there
 *  postflash_missing.c   what is said of a device that is not
 *  postflash_upgrade.c   the second image
 *  postflash_settings.c  the set-up
 */
#ifndef REFLASHD_POSTFLASH_PARTS_H
#define REFLASHD_POSTFLASH_PARTS_H

#include "core/postflash/postflash.h"

#define POSTFLASH_POLL_MS 3000 /* between two looks */

enum postflash_phase {
	PHASE_FIND,    /* Status 5 at one address after the other */
	PHASE_REST,    /* nothing, for a while */
	PHASE_VERSION, /* Status 2 of the device that was found */
	PHASE_URL,     /* OtaUrl is sent alone, to a minimal build */
	PHASE_UPGRADE, /* Upgrade is sent, and OtaUrl unless that was before */
	PHASE_RETURN,  /* OtaUrl is sent once more */
	PHASE_READ,    /* one setting after the other is read back */
	PHASE_SEND,    /* send the missing settings */
};

/* The next step once the device has proved its identity. */
enum postflash_aim {
	AIM_VERSION, /* ask which firmware runs */
	AIM_BELIEVE, /* believe its answer about its firmware */
	AIM_UPGRADE, /* tell it to upgrade */
	AIM_START,   /* tell a minimal build that has the URL to start */
	AIM_READ,    /* read the step that is next */
	AIM_SET,     /* send the settings that are missing, or end */
};

struct postflash {
	struct device *device; /* borrowed */
	struct postflash_task task;
	struct tasmota_steps steps;	 /* owned */
	const struct postflash_ops *ops; /* borrowed */
	void *ctx;			 /* borrowed */

	enum postflash_phase phase;
	enum postflash_aim aim;
	bool asking;
	uint64_t deadline_ms;

	struct in_addr addresses[POSTFLASH_MAX_ADDRESSES];
	size_t address_count, address_at;
	bool is_proven;	 /* the last answer was its MAC */
	bool is_guarded; /* its MAC took the password */
	bool is_pressed; /* the password is tried */
	bool stranger;	 /* its address answers, but not as a Tasmota */
	char other[18];	 /* or it does, with this MAC */
	/* Like the device but for its MAC, at its old address. */
	struct {
		const char *what; /* NULL: nothing */
		char mac[18];	  /* "" not told */
	} heir;
	struct in_addr claimed_at; /* where one only says its MAC; 0 none */
	/* An announced ESPHome accepts nothing here; 0: none. */
	struct in_addr announced_at;
	/* A Tasmota that may be the device or another; NULL: none. */
	const char *shared;
	bool is_locked;	 /* the device wants another password */
	bool is_esphome; /* an ESPHome was found */
	const char *how; /* and how; borrowed */
	/* A Tasmota without a MAC was here in the last round. */
	struct in_addr mute_at;

	struct tasmota_facts facts; /* the firmware in its last answer */
	bool is_minimal; /* its build knows neither Status nor Backlog */
	char url[128];	 /* of the upgrade */
	unsigned upgrades;
	bool fetching, fetched;
	uint64_t news_ms; /* when the upgrade was last heard of */

	struct tasmota_dialect dialect; /* how the device answers */
	size_t step;			/* that is being read */
	bool is_shut; /* it refused a request without the password */
};

uint64_t postflash_now(const struct postflash *);
void postflash_set_deadline(struct postflash *, unsigned seconds);
void postflash_wait(struct postflash *, uint64_t ms);

/* Wait so long, then prove again which device answers, and go on with `aim`. */
void postflash_rest(struct postflash *, enum postflash_aim, uint64_t ms);

/* Ask the device at the address where it was proved to be. */
void postflash_get(struct postflash *, const char *command);
void postflash_get_from(struct postflash *, struct in_addr, const char *command,
    bool with_password);

/* End it.  This is the last call: the owner may free the object. */
void postflash_end(struct postflash *, enum state_event);
void postflash_fail(struct postflash *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void postflash_fail_locked(struct postflash *);

/* Return true if the device may run that firmware now: Tasmota or ESPHome. */
bool postflash_may_be(const struct postflash *, enum device_expect);

/* Go on: the device is found, and runs its new firmware. */
void postflash_is_found(struct postflash *);
void postflash_say_what_it_is(struct postflash *);

/*
 * postflash_find.c.  A restart of the device may give it another address, and
 * its old one to another device.  So the device is asked for its MAC before it
 * is told anything, and an answer counts only if its MAC is confirmed
 * afterwards.  Where it is not, the device is looked for as at the start.
 */
void postflash_prove(struct postflash *, enum postflash_aim);
void postflash_find(struct postflash *); /* at the address that is next */
void postflash_find_heard(struct postflash *, int status, const char *server,
    const char *body, size_t len);
void postflash_version_heard(struct postflash *, const char *body, size_t len);

/* postflash_missing.c: ends the search. */
void postflash_missing_late(struct postflash *);

/* End it if another device took the place of this one; else return false. */
bool postflash_missing_lost(struct postflash *);

/* postflash_upgrade.c: ends in postflash_settings_begin(), or failed. */
void postflash_upgrade_begin(struct postflash *);
void postflash_upgrade_send(struct postflash *);
void postflash_upgrade_start(struct postflash *);
void postflash_upgrade_heard(struct postflash *, const char *body, size_t len);
void postflash_upgrade_uncount(struct postflash *);
void postflash_upgrade_unheard(struct postflash *);
void postflash_upgrade_sent(struct postflash *); /* or perhaps not */
void postflash_upgrade_believe(struct postflash *);
void postflash_upgrade_late(struct postflash *);

/* postflash_settings.c: ends verified, or failed. */
void postflash_settings_begin(struct postflash *);
void postflash_settings_read(struct postflash *); /* the step that is next */
void postflash_settings_set(struct postflash *);
void postflash_settings_heard(struct postflash *, const char *body, size_t len);
void postflash_settings_password(struct postflash *, bool locked);
void postflash_settings_sent(struct postflash *, bool heard);
void postflash_settings_late(struct postflash *);

#endif
