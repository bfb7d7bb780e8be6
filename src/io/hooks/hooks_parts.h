/* SPDX-License-Identifier: ISC */
/*
 * hooks_parts -- what the files of io/hooks/hooks share: the folder with what
 * is known of each hook, and one run of one of them.
 */
#ifndef REFLASHD_HOOKS_PARTS_H
#define REFLASHD_HOOKS_PARTS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "io/hooks/hooks.h"

/* Faults of a hook, each of which is reported once. */
enum hook_fault {
	HOOK_UNFIT,   /* not run at all */
	HOOK_NO_RUN,  /* the system cannot run the hook */
	HOOK_FAILED,  /* an exit status, or a signal */
	HOOK_HUNG,    /* its time was up */
	HOOK_TALKS,   /* more lines than are shown */
	HOOK_FLOODED, /* too much output; it is no longer read */
	HOOK_LATE,    /* events come faster than it runs */
};

struct hook {
	char *name, *path; /* owned */
	struct stat file;  /* when last looked at */
	unsigned said;	   /* 1 << enum hook_fault */
	unsigned pending;  /* runs that wait or run: it is kept for them */
	bool running;
	bool listed; /* there, when last looked at */
	bool is_fit;
	struct hook *prev, *next;
};

struct hook_folder {
	char *path;	    /* owned */
	struct hook *hooks; /* owned, in byte order */
	bool said;	    /* a fault of the folder was reported */
	struct stat empty;  /* as it was when last found without a hook */
};

/* An event; all runs for it share this. */
struct hook_event {
	unsigned refs;
	bool is_known;	       /* about a device that is */
	char *subject, *input; /* owned */
	struct strlist env;    /* owned */
};

/* hooks_folder.c: look which hooks there are.  False: none may be run. */
bool hook_folder_read(struct hook_folder *);
void hook_folder_set(struct hook_folder *, const char *path);
void hook_folder_fini(struct hook_folder *);
void hook_say(struct hook *, enum hook_fault, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* hooks_run.c: a run borrows the hook and the event from the waiting turn. */
struct hook_run;
typedef void hook_run_cb(struct hook_run *, void *ctx);

/* Start a run, which ended() may free.  NULL: reported as impossible. */
struct hook_run *
hook_run_new(struct event_base *, struct hook *, const struct hook_event *,
    const struct hooks_config *times, hook_run_cb *ended, void *ctx);
void hook_run_free(struct hook_run *); /* ends it, should it still run */
void hook_run_interrupt(struct hook_run *);

/* Return true if the run has failed, or had to be ended. */
bool hook_run_has_failed(const struct hook_run *);

#endif
