/* SPDX-License-Identifier: ISC */
/*
 * device -- what is known of one device, and its state.
 *
 * The fields are open for reading.  Facts are set by whoever learns them; the
 * state is set by device_post() alone, which tells the listener afterwards.
 */
#ifndef REFLASHD_DEVICE_H
#define REFLASHD_DEVICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <uthash.h>

#include "base/ratelimit.h"
#include "core/sonoff/devapi.h"
#include "core/state/reason.h"
#include "core/state/state.h"

#define DEVICE_ID_SIZE	   DEVAPI_ID_SIZE
#define DEVICE_PORT	   8081 /* where no SRV record names one */
#define DEVICE_DETAIL_SIZE 384
#define DEVICE_MAX_CLAIMS                                                      \
	4 /* addresses of one id: real ones have one, or two */

#define DEVICE_MAX_TRIED 8 /* images that are remembered to have been tried */

struct job;
struct device_ops;

struct device_image {
	char name[64]; /* of the file, escaped */
	char sha256[65];
	uint64_t size;
	char kind[16]; /* "tasmota", "esphome", ... */
};

/* An address at which the id is announced, too; not asked again before. */
struct device_claim {
	struct in_addr address;
	uint64_t until_ms; /* monotonic */
};

/* Another one that says that it is this device. */
struct device_rival {
	struct in_addr address; /* 0.0.0.0: none */
	char interface[16];	/* where it was announced */
	uint64_t answered_ms;	/* monotonic: it was heard last */
};

/*
 * What a device announces of itself, which anybody can say in its name.  The
 * device keeps the last of it, to see when it changes.
 */
struct device_said {
	bool is_known;	   /* the device has announced itself at all */
	char type[32];	   /* "" never told */
	char firmware[16]; /* "" not told */
	bool encrypted;
	bool has_switches;
	bool is_old;   /* in the form of firmware 3.0 to 3.2 */
	uint16_t port; /* not believed, but told to people; 0: none */
	bool has_seq;
	uint32_t seq; /* starts at 1 again when the device does */
};

/* The attempt of which most is known, of those that have failed. */
struct device_kept {
	enum reason reason; /* NONE: there is no such attempt */
	unsigned attempt;
	uint64_t bytes; /* that it had fetched */
	char detail[DEVICE_DETAIL_SIZE];
};

/* What else than an announcement knows it, which anybody can make up. */
enum device_rank {
	DEVICE_STRANGER,
	DEVICE_FITTING, /* a policy fits what it says of itself, or may */
	DEVICE_NAMED,	/* by its id, in a policy or the configuration */
};

/* What a device must come back as, by what it was given. */
enum device_expect {
	DEVICE_EXPECT_UNSET,   /* not known: an earlier version flashed it */
	DEVICE_EXPECT_TASMOTA, /* found by asking */
	DEVICE_EXPECT_ESPHOME, /* found by its announcement */
	DEVICE_EXPECT_ANY,     /* its image did not tell */
	DEVICE_EXPECT_OTHER,   /* something that is not recognised */
	DEVICE_EXPECTS,
};

struct device {
	char id[DEVICE_ID_SIZE];
	char name[64]; /* the instance name, escaped; "" if never announced */
	struct in_addr address; /* device_set_address() */
	char interface[16]; /* where the address was announced; "" nowhere */
	bool has_address;
	uint8_t prefix; /* bits of the net of ours it is on; 0: not known */
	uint16_t port;
	char mac[18];	   /* "" unknown */
	bool has_answered; /* info, ever: somebody is there */
	/*
	 * The device as it is in its present life.  What its info has told
	 * stands until the device answers something else, or goes away; an
	 * announcement that contradicts it, which anybody can send, is only a
	 * reason to ask again.  Before it has answered, what it announces
	 * counts: device_hear().
	 */
	struct device_said said;
	char type[32];	   /* "" unknown */
	char firmware[16]; /* "" not told */
	bool encrypted;	   /* it said so, or its answer did: see no_info */
	bool has_switches; /* several relays: the ESP32 generation */
	bool is_foreign;   /* its info is that of a bulb or a dimmer, say */
	bool info_known;   /* it has answered info, and need not be asked */
	bool is_answered;  /* what is known here is what its info has told */
	bool has_no_info;  /* answers, but to no info, as firmware 3.0 to 3.2 */
	enum devapi_form form; /* that it answers, or is tried next */
	int rssi;	       /* dBm; 0 unknown */
	char variant[24];      /* of a Tasmota: "lite", "tasmota"; "" */
	struct device_rival rival;
	struct device_claim claims[DEVICE_MAX_CLAIMS];

	bool present;		/* announced or answered lately */
	uint64_t seen_ms;	/* monotonic: last announcement or answer */
	uint64_t look_after_ms; /* monotonic: ask no sooner */
	bool told_seen;		/* the log has it with what its info told */
	enum hold told_hold;	/* and that it waits for that */
	bool is_quiet;		/* it waits for our own network */
	enum device_rank rank;	/* by the policies and the configuration */
	bool look_waits;	/* to be asked when there is room */
	char no_info[128];	/* why its last answer told none; "" it did */
	struct ratelimit lines; /* of the log that strangers can cause */
	/* What the last event had of what is no state, and how many had. */
	struct in_addr shown_address;
	bool shown_present, shown_no_info;
	struct ratelimit shows;
	struct ratelimit looks; /* that strangers can cause */

	enum state state;	/* written by device_post() alone */
	time_t since;		/* as the clock on the wall showed it then */
	int64_t since_s;	/* in this state since, by steady_s() */
	enum hold hold;		/* with STATE_HELD */
	uint64_t hold_until_ms; /* monotonic: no attempt before; 0 at an end */
	enum reason reason;	/* why refused or failed, or the last failure */
	char detail[DEVICE_DETAIL_SIZE]; /* the facts of this case */

	char policy[64]; /* name of the deciding policy; "" none */
	bool has_image;
	struct device_image image; /* what it is or was flashed with */
	bool has_plan;
	struct device_image plan; /* what the policy would flash it with */
	uint64_t bytes;		  /* of the image handed to it so far */
	uint32_t rate;		  /* bytes/s while downloading */
	bool never_came;	  /* it works, was told to fetch, and did not */
	struct device_kept kept;  /* of the attempts so far */
	unsigned attempt;	  /* 1 is the first; 0 none yet */
	unsigned attempts;	  /* allowed by the policy */
	bool uncounted;		  /* the last one was not */
	bool is_excused;     /* by what this machine did, after the offer */
	unsigned called_off; /* so many in a row were not, and told nothing */
	char cut_off[160];   /* its network is out of our reach; "" it is not */
	int64_t unwatched_s; /* of the time in its state, nobody could look */
	bool damaged;	     /* its last download was: a restart may kill it */
	bool no_verdict;     /* flashed by all signs, but for its own word */
	bool unsure; /* silent since its download: it may run its image */

	/* sha256 of images that it came to an end with; the latest is first. */
	char tried[DEVICE_MAX_TRIED][65];
	unsigned tried_count;

	/* What must survive the daemon while a job is under way. */
	char token[32];	 /* of the URL it was told to fetch; "" not told */
	bool verdict_ok; /* it has reported success */
	bool whole;	 /* every byte has been handed over */
	time_t told_at;	 /* wall clock: told to fetch; 0 not in this job */
	/* The address of this machine in that URL; 0.0.0.0: none of its own. */
	struct in_addr told_from;
	/* This machine was switched off or restarted since its record. */
	bool is_from_other_boot;
	time_t begun;	  /* this attempt, as since; 0 never */
	int64_t begun_s;  /* as since_s */
	bool must_return; /* to be verified; that it left is not enough */
	enum device_expect expect; /* set with it, for whatever policy comes */
	bool must_finish;	   /* and then set up */

	/* Announced as ESPHome since it has the image, and not yet used. */
	struct in_addr heard_at; /* 0.0.0.0: it was not */
	char heard_version[32];

	/* And while an upgrade of its new firmware is. */
	char upgrade_token[32];	 /* of the URL it was told; "" not told */
	char upgrade_sha256[65]; /* of what is there */
	char upgrade_from[80];	 /* what it ran then */
	char upgraded_to[145];	 /* the last that took, and what ran then */

	/* sha256 of what was looked at before the flash and kept; "" none. */
	char next_upgrade[65], next_minimal[65];

	/* What a person has said; but for the approval until an end. */
	char approved[65];	  /* sha256 of the image that was approved */
	char approved_policy[64]; /* and the policy that had asked for it */
	bool ordered;  /* `flash ID`: holds of the policy do not count */
	bool by_order; /* the last attempt was: no part of a rollout */
	/*
	 * More than hearsay speaks for the device: a policy or the
	 * configuration has named it, a person has ordered or approved its
	 * flash, or it has once fetched a quarter of an image.  How others fail
	 * counts for none but themselves: see core/schedule/rollout.
	 */
	bool is_vouched;
	bool again;	   /* even if it has this image already */
	bool retry;	   /* `retry ID`: how it failed counts no more */
	char *order_image; /* owned; of `flash --image`, as in a policy; NULL */
	char
	    cancelled[32]; /* by whom, until `retry` or `flash`; "" it is not */

	struct job *job; /* borrowed; NULL unless at work */
	void *work;	 /* the world of that job, the daemon's */
	void *look;	 /* the daemon's question under way, or NULL */
	void *after;	 /* the daemon's postflash_run, or NULL */

	const struct device_ops *ops; /* borrowed */
	void *ctx;		      /* borrowed */
	UT_hash_handle hh;	      /* the registry's, by id */
};

struct device_ops {
	/* The state has changed from old.  May look, may not free. */
	void (*changed)(struct device *, enum state old, void *ctx);
	time_t (*wall_clock)(void *ctx);
	/*
	 * Seconds of the clock that only goes forward: what lasts is counted by
	 * it.  What was before a restart may be below 0.
	 */
	int64_t (*steady_s)(void *ctx);
};

/* ops and ctx are borrowed and must outlive the device. */
struct device *device_new(const char *id, const struct device_ops *, void *ctx);
void device_free(struct device *); /* NULL is fine */

/* Post an event; false if it means nothing in the present state. */
bool device_post(struct device *, enum state_event);

/* Set what a refusal, a wait or a failure is about, before posting it. */
void device_blame(struct device *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void device_clear_blame(struct device *);

/* What it waits for or is refused with, else what it had; NULL: none. */
const struct device_image *device_shown_image(const struct device *);

/*
 * Whether a person may still say that it is not to be flashed.  Who has said so
 * is noted, and STATE_EVENT_CANCEL is to be posted then.
 */
bool device_may_cancel(const struct device *);
void device_note_cancel(struct device *, const char *who);

/* NULL for unset; false: there is no such name. */
const char *device_expect_name(enum device_expect);
bool device_expect_find(const char *name, enum device_expect *);

/* It is to fetch no upgrade, or another one. */
void device_forget_upgrade(struct device *);

/* interface: where it was announced; "" or NULL: it was not. */
void device_set_address(struct device *, struct in_addr, const char *interface);

/* Set order_image to a copy; NULL: none. */
void device_order_image(struct device *, const char *path);

/*
 * It took its image and left, and nobody has seen its old firmware since: it
 * is after the flash, or failed there.
 */
bool device_took_image(const struct device *);

/*
 * It left with its image, or nobody knows how its download ended: if its MAC
 * answers under a new firmware it is BACK.
 */
bool device_is_awaited(const struct device *);

/*
 * No image is tried again by itself once it has come to an end with the device:
 * device_post() remembers it, until a person says so.
 */
bool device_has_tried(const struct device *, const char *sha256);
void device_note_tried(struct device *, const char *sha256);
void device_forget_tried(struct device *, const char *sha256);

/*
 * Since when it is in its state, by the clock on the wall as it is set now: it
 * may have been set since.
 */
time_t device_since(const struct device *);

/* Take up a state that a record had: at the start, before anybody listens. */
void device_restore(struct device *, enum state, time_t since);

/*
 * Take in what the device announces.  While it says the same as before, nothing
 * changes.  A device that was away, has restarted or says something else begins
 * a new life: what its info told in the old one is forgotten.  Call it before
 * the device is called present.
 */
void device_hear(struct device *, const struct device_said *);

/*
 * Take in what the info of the device tells: that is the truth, and what it
 * does not tell is not known.  A device that no announcement has told the type
 * of, but whose info is that of a diy_plug, is one.
 */
void device_learn(struct device *, const struct devapi_info *);

/* Whether it may have firmware 3.0 to 3.2, and how to ask it otherwise. */
bool device_may_be_old(const struct device *);
struct devapi_try
device_next_try(const struct device *, enum devapi_call, enum devapi_form);

/* An answer has shown that the device is in eWeLink mode; how says which. */
void device_learn_encrypted(struct device *, const char *how);

/* Has a person approved this image for it, when this policy asked? */
bool device_is_approved(
    const struct device *, const char *policy, const char *sha256);

/* Its Wi-Fi signal is so low that a download is a matter of luck. */
bool device_is_weak(const struct device *);

/* As in "1000a05bf6 (192.168.1.23)": the subject of log lines. */
const char *device_subject(const struct device *, char *dst, size_t size);

#endif
