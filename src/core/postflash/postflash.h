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

/* What an image of that kind leads to under a policy that says so. */
enum device_expect postflash_expect(enum policy_expect, const char *kind);

/* And whether the device has to show up. */
bool postflash_must_return(enum policy_expect, const char *kind);

/*
 * A person has the device looked for once more, by a policy that has perhaps
 * been put right since.  What its image says is not changed by it.
 */
void postflash_renew_expect(struct device *, enum policy_expect);

/* Plain values, copied; the strings are borrowed. */
struct postflash_task {
	enum device_expect expect;
	bool must_return;   /* silence is a failure, not patience */
	bool finish_is_new; /* what is to be set was not, when it was flashed */
	unsigned verify_sec;  /* how long it may take to be seen */
	unsigned fetch_sec;   /* from the order to upgrade to its request */
	unsigned upgrade_sec; /* all of the upgrade */
	bool has_upgrade;
	/* What it is, and what the device is afterwards; "" unknown. */
	const char *upgrade_sha256, *upgrade_variant, *upgrade_version;
	bool has_password;   /* ops->get() sends it */
	const char *missing; /* what cannot be finished, and why; NULL */
	const char *lack;    /* a file that its set-up waits for; NULL */
	const char *no_step; /* why it cannot go by a minimal; "" it can */
};

/* Does this machine see the MAC of the device at an address? */
enum postflash_place {
	POSTFLASH_UNKNOWN,   /* it knows none there */
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
	/* One at a time; ends in postflash_answered(), never from inside. */
	void (*get)(
	    struct in_addr, const char *command, bool with_password, void *ctx);
	void (*set_timer)(uint64_t delay_ms, void *ctx);
	/* Where the device may be: its last address, those of its MAC. */
	size_t (*addresses)(struct in_addr *, size_t max, void *ctx);
	enum postflash_place (*place)(struct in_addr, void *ctx);
	/* The device has another address now. */
	void (*moved)(void *ctx);
	/*
	 * Put the upgrade on the server, under the token of the device or a
	 * new one, and keep that; its URL.
	 */
	bool (*serve)(char *url, size_t size, struct error *, void *ctx);
	/*
	 * Its set-up waits for a file, see its detail: begin anew once that is
	 * there.  May free.
	 */
	void (*lacks)(void *ctx);
	/* The device's state says how it ended.  May free. */
	void (*ended)(void *ctx);
};

/* The device, ops and ctx are borrowed; steps are taken. */
struct postflash *postflash_new(struct device *, const struct postflash_task *,
    struct tasmota_steps steps, const struct postflash_ops *, void *ctx);
void postflash_free(struct postflash *); /* NULL is fine */

/* Begin in the state the device is in: verifying or finishing. */
void postflash_start(struct postflash *);

/* With the Server of its header, or "". */
void postflash_answered(struct postflash *, enum postflash_heard, int status,
    const char *server, const char *body, size_t len);
void postflash_timer(struct postflash *);

/*
 * Where the kernel sees the MAC of the device, an ESPHome is announced with
 * that MAC, and answers: anybody can send the announcement alone.  how is what
 * it was known by, as in core/esphome/esphome, and not freed.
 */
void postflash_announced(struct postflash *, enum device_expect, struct in_addr,
    const char *version, const char *how);

/*
 * An announcement of its firmware from its last address, with another MAC: all
 * that comes of it is a sentence.
 */
void postflash_announced_other(
    struct postflash *, enum device_expect, struct in_addr, const char *mac);

/* It was announced there, but does not answer as one: only a sentence. */
void postflash_only_announced(struct postflash *, struct in_addr);

/* The upgrade is asked for; it has been handed over whole. */
void postflash_fetching(struct postflash *);
void postflash_fetched(struct postflash *);

/*
 * This machine cannot serve the device now: that it does not fetch what it was
 * told to says nothing, and it may be told again.
 */
void postflash_excuse(struct postflash *);

#endif
