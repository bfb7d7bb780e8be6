/* SPDX-License-Identifier: ISC */
/*
 * things -- the devices of the world: models of what people have in their
 * walls, written from the devices' documents and not from the daemon's code.
 */
#ifndef TESTS_WORLD_THINGS_H
#define TESTS_WORLD_THINGS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/world/world.h"

enum nature { NATURE_STOCK, NATURE_TASMOTA, NATURE_ESPHOME };

/* A firmware file, with what a device becomes by it (images.c). */
struct content {
	const char *name; /* as in "WORLD lite 9.5.0" */
	enum nature nature;
	const char *version, *variant;
	bool is_good; /* a device may get it as its first image */
	char sha256[65], md5[33];
	char data[16384];
};

/* What the order to download left on the device. */
struct order {
	bool is_on; /* it may fetch, or is fetching */
	char token[32], sha256[65];
	struct in_addr server;
	uint64_t at_ms, got;
	bool has_begun;
	unsigned life; /* of the daemon that it has a connection to; 0: none */
	const struct content *content; /* what it is fetching */
};

struct thing {
	unsigned n; /* its place in the list */
	char id[11], mac[18];
	unsigned last; /* byte of its address */
	bool is_on, is_joined;
	enum nature nature;
	bool is_encrypted, is_esp32, is_bulb;
	char firmware[8]; /* of the manufacturer */
	unsigned seq;
	bool is_unlocked;
	uint64_t busy_until_ms; /* it serves one connection at a time */
	struct order order;
	const struct content *runs; /* NULL: the firmware it came with */
	unsigned lives; /* starts, to drop events of an earlier one */
	bool joins;	/* finds the Wi-Fi by itself after a flash */

	/* Trouble, by acts of the script. */
	unsigned noise_percent;
	uint64_t noise_until_ms;
	int bad_verdict;   /* it reports this code next; 0: the truth */
	bool no_verdict;   /* it reports none next */
	unsigned repeats;  /* it reports the next one so many times more */
	unsigned stall_at; /* percent of the image; 0: nowhere */
	bool never_fetches;
	bool locks_itself; /* forgets that it was unlocked */
	bool falls_back;   /* starts its old firmware after a whole download */

	/* What its owner and the network have done to it, for the truth. */
	bool had_trouble;      /* anything that may make a flash fail */
	uint64_t error_ms;     /* it reported an error of its own so last */
	char error_sha256[65]; /* with that image */
	bool is_unsure;	       /* left without a verdict */
	uint64_t reported;     /* bit n: 400 + n; bit 0: success */
	uint64_t report_ms;    /* the last time */
	uint64_t said_ms;      /* the same, or that it was repeated */
	bool has_moved;	       /* had another address once */
	unsigned last_before;  /* byte of that address */
	bool is_vouched;       /* has fetched a quarter of an image */
	uint64_t shaken_ms; /* when it last was off, away or busy with itself */
	uint64_t answered_ms; /* when its old firmware last answered */
	unsigned told;	      /* orders that it has accepted */

	/* Its settings as a Tasmota. */
	char power_on_state[8], tele_period[8];
};

extern struct thing things[WORLD_MAX_DEVICES];
extern size_t thing_count;

struct thing *thing_at(struct in_addr);	 /* that is on the LAN; NULL */
void thing_has_answered(struct in_addr); /* its answer has come */
struct thing *thing_find(const char *id);

void thing_switch(struct thing *, bool on);
void thing_join(struct thing *);
void thing_move(struct thing *, unsigned last);
struct in_addr thing_address(const struct thing *);
void thing_announce(struct thing *);

/* An exchange over HTTP: what the device answers. */
struct asked {
	const char *method, *path, *body; /* "" if there is none */
	unsigned port;
	const char *raw; /* NULL: it is HTTP */
	size_t raw_len;
	struct in_addr from;
};

enum answer_kind { ANSWER_HTTP, ANSWER_RAW, ANSWER_REFUSED, ANSWER_HANGS };

struct answer {
	enum answer_kind kind;
	unsigned status;
	char server[40]; /* "" none */
	char body[2048];
	size_t len;
	unsigned delay_ms;
};

void thing_asked(struct thing *, const struct asked *, struct answer *);
void stock_asked(struct thing *, const struct asked *, struct answer *);
void tasmota_asked(struct thing *, const struct asked *, struct answer *);
void esphome_asked(struct thing *, const struct asked *, struct answer *);

void answer_json(struct answer *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* server.c: what a device gets from the daemon's server. */
enum served { SERVED, SERVED_NOT_FOUND, SERVED_NOBODY };

enum served server_fetch(const char *token, struct in_addr from, uint64_t first,
    uint64_t len, const struct content **, uint64_t *total);
/* token: of what was fetched on the same connection; "": nothing was */
void server_verdict(struct in_addr from, const char *token, int code);
bool server_is_open(void); /* the daemon runs, and can be reached */

/* images.c */
const struct content *content_of(const void *data, size_t size);
const struct content *content_find(const char *name);
void images_put(const char *file, const char *content); /* NULL: removed */
const char *images_path_content(const char *file);

/* scanner.c */
void scanner_announce(const struct thing *, const char *service);
void scanner_forge(const char *id, struct in_addr, unsigned seq);
/* The same with a firmware. */
void scanner_rumour(const char *id, struct in_addr, unsigned n);

#endif
