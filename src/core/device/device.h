/* SPDX-License-Identifier: ISC */
/*
 * device -- what is known of one device, and its state.
 *
 * The fields are open for reading.  The module that learns a fact sets it.
 * Only device_post() sets the state, and tells the listener afterwards.
 */
#ifndef REFLASHD_DEVICE_H
#define REFLASHD_DEVICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <uthash.h>

#include "base/ratelimit.h"
#include "core/device/device_claim.h"
#include "core/device/device_image.h"
#include "core/device/device_people.h"
#include "core/device/label.h"
#include "core/sonoff/devapi.h"
#include "core/state/reason.h"
#include "core/state/state.h"

#define DEVICE_ID_SIZE	   DEVAPI_ID_SIZE
#define DEVICE_PORT	   8081 /* where no SRV record names one */
#define DEVICE_DETAIL_SIZE 384
#define DEVICE_TITLE_SIZE  112 /* of device_title() */
#define DEVICE_SUBJECT_SIZE                                                    \
	(DEVICE_ID_SIZE + LABEL_SIZE + 40) /* of device_subject() */
#define DEVICE_MAX_TRIED 8 /* images that are remembered to have been tried */

struct job;
struct device_ops;

/* Another device that claims to be this one. */
struct device_rival {
	struct in_addr address; /* 0.0.0.0: none */
	char interface[16];	/* the interface of the announcement */
	uint64_t answered_ms;	/* monotonic: when it last answered */
};

/*
 * What the device announces of itself, or anybody else in its name.  The last
 * announcement is kept, to see when it changes.
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

/* The failed attempt that says the most about the device. */
struct device_kept {
	enum reason reason; /* NONE: there is no such attempt */
	unsigned attempt;
	uint64_t bytes; /* fetched in that attempt */
	char detail[DEVICE_DETAIL_SIZE];
};

/*
 * How the device is known other than by an announcement, which anybody can make
 * up.
 */
enum device_rank {
	DEVICE_STRANGER,
	DEVICE_FITTING, /* a policy fits its announcement, or may fit */
	DEVICE_NAMED,	/* by its id, in a policy or the configuration */
};

/* What a device must come back as after its flash. */
enum device_expect {
	DEVICE_EXPECT_UNSET,   /* not known: an earlier version flashed it */
	DEVICE_EXPECT_TASMOTA, /* found by asking */
	DEVICE_EXPECT_ESPHOME, /* found by its announcement */
	DEVICE_EXPECT_ANY,     /* its image did not tell */
	DEVICE_EXPECT_OTHER,   /* something that is not recognised */
	DEVICE_EXPECTS,
};

/*
 * Where the device is, or was last.  device_set_address() writes the address
 * and what belongs to it, identify the port, reflashd/net the rest.
 */
struct device_place {
	struct in_addr address;
	char interface[16]; /* where the address was announced; "" nowhere */
	bool has_address;
	uint8_t prefix; /* bits of the net of ours it is on; 0: not known */
	uint16_t port;
	char mac[18];	   /* "" unknown */
	char cut_off[160]; /* why its network is out of reach; "": it is not */
};

/*
 * The device in its present life.  device_hear() and device_learn() write it;
 * identify and the job write what an answer without an info shows.  What its
 * info has told stands until the device answers something else, or goes away.
 * An announcement that contradicts the info is only a reason to ask again, as
 * anybody can send one.  Before the device has answered, its announcement
 * counts.  To have it asked again, clear info_known.
 */
struct device_facts {
	char type[32];	   /* "" unknown */
	char firmware[16]; /* "" not told */
	bool encrypted;	   /* by its announcement or an answer: see no_info */
	bool has_switches; /* several relays: the ESP32 generation */
	bool is_foreign;   /* its info is that of a bulb or a dimmer, say */
	bool info_known;   /* it has answered info, and need not be asked */
	bool is_answered;  /* the facts here come from its info */
	bool has_no_info;  /* answers, but to no info, as firmware 3.0 to 3.2 */
	enum devapi_form form; /* how it answers, or what is tried next */
	int rssi;	       /* dBm; 0 unknown */
	char variant[24];      /* of a Tasmota: "lite", "tasmota"; "" */
	char no_info[128];     /* why its last answer had no info; "": it had */
};

/*
 * When and how the daemon came to know the device.  Discovery, identify, the
 * scheduler and the flasher write it.  It counts in this run of the daemon, but
 * for is_vouched, which is recorded.
 */
struct device_seen {
	bool is_present;	/* announced or answered lately */
	bool has_answered;	/* it has answered info at least once */
	uint64_t last_ms;	/* monotonic: last announcement or answer */
	uint64_t look_after_ms; /* monotonic: ask no sooner */
	bool look_waits;	/* to be asked when there is room */
	enum device_rank rank;	/* by the policies and the configuration */
	/*
	 * True if more than hearsay speaks for the device: a policy or the
	 * configuration names it, a person has ordered or approved its flash,
	 * or it has once fetched a quarter of an image.  The failures of other
	 * devices count for none but themselves: see core/schedule/rollout.
	 */
	bool is_vouched;
	struct ratelimit looks; /* that strangers can cause */
};

/*
 * What the log and the last event have shown of the device besides its state,
 * so that nothing is shown twice.  The scheduler and the events write it, in
 * this run of the daemon.
 */
struct device_shown {
	bool info;	/* its info has been logged */
	enum hold hold; /* the hold that was last logged */
	bool is_quiet;	/* not logged: it waits for our own network */
	struct in_addr address;
	bool is_present, no_info;
	bool is_outdated;	 /* the last event has another detail */
	struct ratelimit lines;	 /* of the log that strangers can cause */
	struct ratelimit events; /* of the same kind */
};

/*
 * The last attempt to flash the device, which may be under way.  The job, the
 * flasher and the events write it; an order or a retry begins to count anew.
 * It is recorded but for is_uncounted, called_off and never_came.
 */
struct device_attempt {
	unsigned number;  /* 1 is the first; 0 none yet */
	unsigned allowed; /* so many, by the policy */
	time_t begun;	  /* as since; 0 never */
	int64_t begun_s;  /* as since_s */
	unsigned took_s;  /* until the device left with its image; 0: not yet */
	bool has_image;
	struct device_image image;
	bool is_uncounted;
	bool is_excused;     /* by what this machine did, after the offer */
	unsigned called_off; /* so many in a row were not, and told nothing */
	bool never_came;     /* it answers, but did not fetch when told to */
	bool damaged;	     /* its last download: a restart may kill it */
	bool no_verdict;     /* flashed by all signs, but for its own word */
	bool unsure;	     /* it may run an image: see device_may_run */
	bool by_order;	     /* a person's: no part of a rollout */
};

/*
 * The download of the last attempt.  The flasher writes it when it tells the
 * device to fetch, the job while the bytes go.  While token is not "", all but
 * the rate is recorded, so that the device can go on after a restart of the
 * daemon.
 */
struct device_download {
	char token[32]; /* of the URL it was told to fetch; "" not told */
	time_t told_at; /* wall clock: told to fetch; 0 not in this job */
	/* The address of this machine in that URL; 0.0.0.0: none of its own. */
	struct in_addr told_from;
	uint64_t bytes;	 /* of the image handed to it so far */
	uint32_t rate;	 /* bytes/s while downloading */
	bool whole;	 /* every byte has been handed over */
	bool verdict_ok; /* the device has reported success */
	int last_error;	 /* that it reported in this run; 0: none since */
	/* True if this machine was restarted after its record was written. */
	bool is_from_other_boot;
	/*
	 * Monotonic: until then the device may still try to download, though
	 * its job has ended, so it is told nothing else, whatever anybody
	 * orders.  0: it does not.  It is recorded, and outlives the rest.
	 */
	uint64_t tries_until_ms;
};

/*
 * The attempt since which the device has not answered.  It counts, and is
 * recorded, while attempt.unsure: the device may run that image, and later
 * attempts have told it nothing.
 */
struct device_may_run {
	struct device_attempt attempt;
	char policy[64];
	uint64_t bytes;		       /* as in device_download */
	bool must_return, must_finish; /* as in device_awaited */
	enum device_expect expect;
};

/*
 * What must follow the flash.  The flasher writes the first three before it,
 * and they are recorded; a later policy counts for a retry only.  postflash
 * writes what it has heard since the device has the image, until that is used.
 */
struct device_awaited {
	bool must_return; /* it must be found; having left is not enough */
	bool must_finish; /* and then set up */
	enum device_expect expect;
	struct in_addr heard_at; /* announced as ESPHome; 0.0.0.0: nowhere */
	char heard_version[32];
};

/*
 * The upgrade of the new firmware after the flash.  postflash writes the first
 * four while it is under way, the flasher the images that it has checked before
 * the flash and kept for after it.  All of it is recorded.
 */
struct device_upgrade {
	char token[32];	 /* of the URL it was told; "" not told */
	char sha256[65]; /* of the image at that URL */
	char from[80];	 /* the build that ran then */
	char last[145];	 /* the last that took, and the build since */
	char next[65], next_minimal[65]; /* sha256; "" none */
};

/*
 * What a person has said.  The commands write it, and it is recorded.  The
 * approval stays; device_post() ends the rest with the flash.
 */
struct device_order {
	char approved[65];	  /* sha256 of the image that was approved */
	char approved_policy[64]; /* and the policy that had asked for it */
	bool is_given;	 /* `flash ID`: holds of the policy do not count */
	bool again;	 /* even if it has this image already */
	bool retry;	 /* `retry ID`: its failure counts no more */
	char *image;	 /* owned; of `flash --image`, as in a policy; NULL */
	char sha256[65]; /* of the only image that it is for; "": any */
};

/*
 * The images that came to an end on the device; the latest first.
 * device_post() writes them, and they are recorded.
 */
struct device_tried {
	char sha256[DEVICE_MAX_TRIED][65];
	unsigned count;
};

struct device {
	char id[DEVICE_ID_SIZE];
	char name[64]; /* the instance name, escaped; "" if never announced */
	char *label;   /* owned: what a person calls it; NULL: nothing */

	enum state state;	/* written by device_post() alone */
	time_t since;		/* by the clock on the wall at that time */
	int64_t since_s;	/* in this state since, by steady_s() */
	int64_t unwatched_s;	/* how long in it, it could not be asked */
	enum hold hold;		/* with STATE_HELD */
	uint64_t hold_until_ms; /* monotonic: no attempt before; 0 at an end */
	enum reason reason;	/* why refused or failed, or the last failure */
	char detail[DEVICE_DETAIL_SIZE]; /* the facts of this case */

	char policy[64]; /* name of the deciding policy; "" none */
	bool has_plan;
	struct device_image plan; /* the image that the policy would flash */

	struct device_place place;
	struct device_said said;
	struct device_facts facts;
	struct device_seen seen;
	struct device_rival rival; /* written by id_conflict, as the claims */
	struct device_claim claims[DEVICE_MAX_CLAIMS];
	struct device_shown shown;
	struct device_attempt attempt;
	struct device_may_run may_run;
	struct device_download download;
	struct device_kept kept; /* of the attempts so far */
	struct device_awaited awaited;
	struct device_upgrade upgrade;
	struct device_tried tried;
	struct device_order order;
	struct device_people people;

	struct job *job; /* borrowed; NULL unless at work */
	void *work;	 /* the world of that job, the daemon's */
	void *look;	 /* the daemon's question under way, or NULL */
	void *after;	 /* the daemon's postflash_run, or NULL */

	const struct device_ops *ops; /* borrowed */
	void *ctx;		      /* borrowed */
	UT_hash_handle hh;	      /* the registry's, by id */
	struct device *prev, *next;   /* the registry's: registry_learned() */
	bool is_learned;
};

struct device_ops {
	/*
	 * The state has changed from old.  The listener may look at the device,
	 * but not free it.
	 */
	void (*changed)(struct device *, enum state old, void *ctx);
	time_t (*wall_clock)(void *ctx);
	/*
	 * Return the seconds of a clock that only goes forward, which measures
	 * how long something lasts.  A time before a restart may be below 0.
	 */
	int64_t (*steady_s)(void *ctx);
	/* Return the TCP port that devices download from. */
	unsigned (*http_port)(void *ctx);
};

/* ops and ctx are borrowed and must outlive the device. */
struct device *device_new(const char *id, const struct device_ops *, void *ctx);
void device_free(struct device *); /* NULL is fine */

/* Post an event.  Returns false if it means nothing in the present state. */
bool device_post(struct device *, enum state_event);

/*
 * Set the reason and the detail of a refusal, a wait or a failure, before
 * posting it.
 */
void device_blame(struct device *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void device_clear_blame(struct device *);

/*
 * Return the image that the device waits for or is refused with, else the image
 * it had; NULL: none.
 */
const struct device_image *device_shown_image(const struct device *);

/*
 * device_may_cancel() returns true if a person may still cancel the flash.
 * device_note_cancel() notes the person's name; post STATE_EVENT_CANCEL after
 * it.
 */
bool device_may_cancel(const struct device *);
void device_note_cancel(struct device *, const char *who);

/*
 * Return the name, NULL for unset.  Finding returns false if there is no such
 * name.
 */
const char *device_expect_name(enum device_expect);
bool device_expect_find(const char *name, enum device_expect *);

/* Forget the upgrade: the device is to fetch none, or another one. */
void device_forget_upgrade(struct device *);

/*
 * Set the address. interface is where it was announced; "" or NULL: it was not.
 */
void device_set_address(struct device *, struct in_addr, const char *interface);

/* Set order.image to a copy of path; NULL or "": none. */
void device_order_image(struct device *, const char *path);

/* Forget the order to flash the device, but not that it is cancelled. */
void device_drop_order(struct device *);

/* Return who ordered or approved the next flash; NULL: a policy alone. */
const char *device_ordered_by(const struct device *);

/*
 * Return true if the device took its image and left, and its old firmware was
 * not seen since: it is after the flash, or failed there.
 */
bool device_took_image(const struct device *);

/* Return true if the device left with its image, and was not found since. */
bool device_has_left(const struct device *);

/*
 * Return true if the device left with its image, or the end of its download is
 * not known.  If its MAC answers under a new firmware, it is BACK.
 */
bool device_is_awaited(const struct device *);

/* Return the monotonic time before which no attempt begins; 0: at once. */
uint64_t device_waits_until(const struct device *);

/* Do not count the attempt: it came to nothing, and not by the device. */
void device_uncount(struct device *);

/*
 * device_note_unsure() notes that the device may run the image of its attempt
 * from now on.  device_end_unsure() notes that the device runs it: that attempt
 * is its last one again.
 */
void device_note_unsure(struct device *);
void device_end_unsure(struct device *);

/*
 * device_post() remembers an image that has come to an end with the device.  It
 * is not tried again unless a person says so.
 */
bool device_has_tried(const struct device *, const char *sha256);
void device_note_tried(struct device *, const char *sha256);
void device_forget_tried(struct device *, const char *sha256);

/*
 * Return since when the device is in its state, by the clock on the wall as it
 * is set now: it may have been set since.
 */
time_t device_since(const struct device *);

/*
 * Take up the state from a record.  Only at the start, before there is a
 * listener.
 */
void device_restore(struct device *, enum state, time_t since);

/*
 * Take in what the device announces.  While it announces the same as before,
 * nothing changes.  A device that was away, has restarted or announces
 * something else begins a new life: what its info told in the old life is
 * forgotten.  Call this before the device is called present.
 */
void device_hear(struct device *, const struct device_said *);

/*
 * Take in what the info of the device tells.  That counts as the truth, and
 * what it leaves out is not known.  A device whose type no announcement has
 * told is a diy_plug if its info is that of one.
 */
void device_learn(struct device *, const struct devapi_info *);

/*
 * device_may_be_old() returns true if the device may have firmware 3.0 to 3.2;
 * the other function returns how else to ask it.
 */
bool device_may_be_old(const struct device *);
struct devapi_try
device_next_try(const struct device *, enum devapi_call, enum devapi_form);

/*
 * Note that an answer has shown the device in eWeLink mode; how says which
 * answer.
 */
void device_learn_encrypted(struct device *, const char *how);

/*
 * Return true if a person has approved this image for the device at the request
 * of this policy.
 */
bool device_is_approved(
    const struct device *, const char *policy, const char *sha256);

/* Return true if the Wi-Fi signal is so low that a download depends on luck. */
bool device_is_weak(const struct device *);

/*
 * Write the subject of log lines: "device 1000a05bf6 (192.168.1.23)", or
 * "device 1000a05bf6 (Hall, 192.168.1.23)" if it has a label.
 */
const char *device_subject(const struct device *, char *dst, size_t size);

/*
 * Write what people call the device in a sentence: "1000a05bf6", or "Hall
 * (1000a05bf6)", with the beginning of a long label.  Returns dst.
 */
const char *device_title(const struct device *, char dst[DEVICE_TITLE_SIZE]);

#endif
