/* SPDX-License-Identifier: ISC */
/*
 * job_parts -- what the files of job share among themselves; nothing else
 * includes it.
 *
 *  job.c         the engine: time, questions, what the world says
 *  job_answer.c  what an answer means in whatever state
 *  job_end.c     how an attempt ends
 *  job_ask.c     probing, unlocking, confirming: nothing lasts yet
 *  job_flash.c   offering, downloading, rebooting: the device was told to fetch
 */
#ifndef REFLASHD_JOB_PARTS_H
#define REFLASHD_JOB_PARTS_H

#include "core/flash/byte_ranges.h"
#include "core/flash/job.h"
#include "core/flash/rate.h"

#define POLL_MS	    1000 /* between two looks at a device */
#define INFO_MS	    5000 /* a device that answers does so in < 1 s */
#define MAX_UNLOCKS 2	 /* per attempt */

/* The device's answer to ota_unlock in this attempt. */
enum unlock_word { WORD_NOT_ASKED, WORD_YES, WORD_NOTHING };

struct job {
	struct device *device; /* borrowed */
	struct job_limits limits;
	const struct job_ops *ops; /* borrowed */
	void *ctx;		   /* borrowed */
	uint64_t size;

	uint64_t deadline_ms; /* of this state */
	bool calling;
	bool hurried; /* the call has less time than an answer may take */
	enum devapi_call call;
	uint64_t asked_ms; /* when the call was made */

	struct devapi_try next; /* question of probing */
	enum unlock_word word;
	enum reason refusal; /* why it refused the unlock; NONE: it did not */
	int refusal_error;
	unsigned unlocks;
	uint64_t unlocked_ms; /* when it accepted the unlock */
	bool locked;	      /* what the last look showed */
	struct job_answer_kept {
		enum job_heard heard;
		bool cut_off;
		char why[120];
	} last; /* the last answer that was none */

	char garbage[120]; /* its answer to an order, if not a valid reply */

	bool told;	  /* to fetch, in this attempt */
	char excuse[240]; /* what was in the way since the offer; "" nothing */
	bool is_excuse_over; /* it is not in the way any more, for sure */
	uint64_t offered_ms;
	bool offer_answered; /* ota_flash was answered with 0 */
	bool began;	     /* the device has asked for the image */
	uint64_t served_ms;  /* last handed over, or first asked */
	struct {
		uint64_t since_ms, bytes;
	} window; /* bytes handed over within one StallSec */
	struct byte_ranges coverage;
	struct rate pace;  /* of the bytes in coverage */
	uint64_t whole_ms; /* everything handed over since; 0 not yet */
	bool resumed;	   /* not all fetched before our restart is known */
	int64_t resumed_s; /* when: by the clock of steady_s() */
	uint64_t resumed_bytes; /* of that, what is known */

	uint64_t gone_ms;  /* since when it does not answer; 0: it does */
	uint64_t stock_ms; /* since when it answers again; 0: was never gone */
	bool was_away;	   /* this machine, while the device restarted */
};

uint64_t job_now(const struct job *);
bool job_is_late(const struct job *);	     /* the time of this state is up */
uint64_t job_time_left(const struct job *);  /* ms */
void job_wake_in(struct job *, uint64_t ms); /* or when the time is up */

void job_ask(struct job *, enum devapi_call, uint64_t timeout_ms);
void job_ask_info(struct job *);
void job_hang_up(struct job *); /* end the call under way, if there is one */

/* Move on to the state that follows; the job may be gone afterwards. */
void job_advance(struct job *, enum state_event);

/* End this attempt; the table of reasons says what follows.  May free it. */
void job_fail(struct job *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * End this attempt without counting it, as the fault is ours and not the
 * device's.  The job may be gone afterwards.
 */
void job_fail_ours(struct job *, const char *why);

/*
 * Decide about the device anew.  False: something else than this flash was
 * decided, and the attempt has ended.  by_device: because of its own answer,
 * after which it waits.
 */
bool job_goes_on(struct job *, bool by_device);

/*
 * End the attempt without counting it: the device was told nothing that lasts,
 * and the network of this machine is down.
 */
void job_withdraw(struct job *);

/*
 * Start the time limit of a state that waits for an answer, with "no answer" as
 * the reason if none comes.
 */
void job_expect_answer(struct job *, unsigned seconds);

/* Keep the last failed answer as the reason if no better one comes. */
void job_keep_silence(struct job *, const struct job_answer *);

/* Keep that the answer to an order made no sense, for the detail. */
void
job_keep_garbage(struct job *, const char *what, const struct job_answer *);

/* Fail because the device's answer to `what` is no success. */
void job_fail_answered(
    struct job *, enum reason, const char *what, const struct devapi_reply *);

/* Fail because no usable answer came. */
void job_fail_unanswered(struct job *);

/* Return true if the reply comes from the job's device. */
bool job_is_same(const struct job *, const struct devapi_reply *);

/*
 * Return true if the device's info can be used; otherwise the job has failed.
 */
bool job_accept_info(struct job *, const struct job_answer *);

#define JOB_STEPS(X)                                                           \
	X(PROBING, probing)                                                    \
	X(UNLOCKING, unlocking)                                                \
	X(CONFIRMING, confirming)                                              \
	X(OFFERING, offering)                                                  \
	X(DOWNLOADING, downloading)                                            \
	X(REBOOTING, rebooting)

#define X(symbol, name)                                                        \
	void job_begin_##name(struct job *);                                   \
	void job_answered_##name(struct job *, const struct job_answer *);     \
	void job_timer_##name(struct job *);
JOB_STEPS(X)
#undef X

/*
 * Set the time limit to what the next part of a download may take from now on.
 */
void job_set_download_deadline(struct job *, uint64_t now_ms);

/* Measure the speed of the download anew: the device could not fetch. */
void job_begin_window(struct job *);

#endif
