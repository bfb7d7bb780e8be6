/* SPDX-License-Identifier: ISC */
/*
 * postflash -- what follows the flash: is it the device, what runs on it, and
 * has its set-up taken?
 *
 *   verifying   asks every address the device may have until one answers with
 *               its MAC, or waits for an announcement that has it
 *   finishing   upgrade, then settings: read all, send what is missing in one
 *               Backlog, read all again; what was sent twice has failed; and
 *               again and again: is it still the device that answers?
 *
 * Like a job it touches the world through its ops alone.  Settings are read
 * before anything is sent, so that going on after a restart repeats nothing.
 */
#ifndef REFLASHD_POSTFLASH_H
#define REFLASHD_POSTFLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/device/device.h"
#include "core/policy/policy.h"
#include "core/tasmota/tasmota.h"

#define POSTFLASH_MAX_ADDRESSES 8

struct postflash;

/* Return what the device becomes by an image under a policy's Expect=. */
enum device_expect postflash_expect(enum policy_expect, const char *kind);

/* Return true if the device has to be found after that flash. */
bool postflash_must_return(enum policy_expect, const char *kind);

/*
 * Set what the device is expected to be when a person has it looked for once
 * more: the policy may have been corrected since.  What its image says stays.
 */
void postflash_renew_expect(struct device *, enum policy_expect);

/* Plain values, copied; the strings are borrowed. */
struct postflash_task {
	enum device_expect expect;
	bool must_return;     /* silence is a failure, not patience */
	bool finish_is_new;   /* [Finish] was added after the flash */
	unsigned verify_sec;  /* how long the search may take */
	unsigned fetch_sec;   /* from the order to upgrade to its request */
	unsigned upgrade_sec; /* all of the upgrade */
	bool has_upgrade;
	/* The upgrade image, and the device after it; "" unknown. */
	const char *upgrade_sha256, *upgrade_variant, *upgrade_version;
	bool has_password;   /* ops->get() sends it */
	const char *missing; /* why set-up cannot end; NULL: it can */
	const char *lack;    /* a file that its set-up waits for; NULL */
	const char *no_step; /* why no minimal build can be used; "": it can */
};

/* The places where this machine sees the MAC of the device. */
enum postflash_place {
	POSTFLASH_UNKNOWN,   /* this machine knows no MAC there */
	POSTFLASH_ELSEWHERE, /* another one is there */
	POSTFLASH_SHARED,    /* there and at others: behind a repeater, say */
	POSTFLASH_ALONE,     /* there and nowhere else */
};

enum postflash_heard {
	POSTFLASH_REPLY,   /* HTTP, with a status and perhaps a body */
	POSTFLASH_SILENCE, /* nothing usable */
	POSTFLASH_CUT_OFF, /* this machine could not ask, or hear */
};

struct postflash_ops {
	uint64_t (*now_ms)(void *ctx); /* monotonic */
	/*
	 * Ask the device.  One call at a time; postflash_answered() ends it,
	 * and is never called from inside.
	 */
	void (*get)(
	    struct in_addr, const char *command, bool with_password, void *ctx);
	void (*set_timer)(uint64_t delay_ms, void *ctx);
	/*
	 * Return where the device may be: its last address, and the addresses
	 * where its MAC is seen.
	 */
	size_t (*addresses)(struct in_addr *, size_t max, void *ctx);
	enum postflash_place (*place)(struct in_addr, void *ctx);
	/* Told that the device has another address now. */
	void (*moved)(void *ctx);
	/*
	 * Put the upgrade on the server, under the device's token or a new one;
	 * keep the token and write the URL.
	 */
	bool (*serve)(char *url, size_t size, struct error *, void *ctx);
	/*
	 * The set-up waits for a file, which the device's detail names: begin
	 * anew once the file is there.  May free the object.
	 */
	void (*lacks)(void *ctx);
	/* The end: the device's state says which.  May free the object. */
	void (*ended)(void *ctx);
};

/* The device, ops and ctx are borrowed; steps are taken. */
struct postflash *postflash_new(struct device *, const struct postflash_task *,
    struct tasmota_steps steps, const struct postflash_ops *, void *ctx);
void postflash_free(struct postflash *); /* NULL is fine */

/* Begin in the state the device is in: verifying or finishing. */
void postflash_start(struct postflash *);

/* Hand over an answer; `server` is the Server line of its header, or "". */
void postflash_answered(struct postflash *, enum postflash_heard, int status,
    const char *server, const char *body, size_t len);
void postflash_timer(struct postflash *);

/*
 * An ESPHome was announced with the MAC of the device, and answers.  Call this
 * only where the kernel sees that MAC at the address: anybody can send the
 * announcement alone. `how` says how it was recognised, as in
 * core/esphome/esphome, and is not freed.
 */
void postflash_announced(struct postflash *, enum device_expect, struct in_addr,
    const char *version, const char *how);

/*
 * The firmware of the device was announced from its last address, but with
 * another MAC.  This only adds a sentence to the outcome.
 */
void postflash_announced_other(
    struct postflash *, enum device_expect, struct in_addr, const char *mac);

/*
 * An ESPHome was announced at the address, but does not answer as one.  This
 * only adds a sentence to the outcome.
 */
void postflash_only_announced(struct postflash *, struct in_addr);

/* The device asks for the upgrade; the upgrade has been handed over whole. */
void postflash_fetching(struct postflash *);
void postflash_fetched(struct postflash *);

/*
 * This machine cannot serve the device now.  If the device does not fetch the
 * upgrade, that says nothing of it, and the device may be told again.
 */
void postflash_excuse(struct postflash *);

#endif
