/* SPDX-License-Identifier: ISC */
/*
 * outcome -- what became of an order for each of its devices.
 *
 * Each device has one outcome, in the words of the daemon.  It is printed when
 * it is known: what was done on stdout, what was refused on stderr.  For
 * programs all outcomes are in one document in the end.
 */
#ifndef REFLASHD_REFLASHCTL_OUTCOME_H
#define REFLASHD_REFLASHCTL_OUTCOME_H

#include <jansson.h>

#include "reflashctl/link/request.h"

struct outcomes {
	enum ctl_id id;
	bool json;	    /* print nothing of what was done before the end */
	json_t *list;	    /* owned; an object for each device */
	json_t *advised;    /* owned; the advice that was printed */
	char *unsaved;	    /* owned; why a restart forgets it; NULL */
	const char *policy; /* borrowed; of the order; NULL */
	json_int_t done, refused;
	int failed; /* exit code of the first refusal, or DONE */
};

struct outcomes outcomes_new(const struct ctl *, enum ctl_id);
void outcomes_fini(struct outcomes *);

/* Take in the answer about one device, which was named so. */
void outcomes_add(struct outcomes *, const struct ctl *, const char *name,
    const struct answer *, const struct error *err);

/*
 * Take in the answer to an order for several devices: an item for each.  err
 * NULL: the order was carried out for some of them.
 */
void outcomes_add_all(struct outcomes *, const struct ctl *,
    const struct answer *, const struct error *err);

/* Take in an outcome that was known before, and print it; item is borrowed. */
void outcomes_add_item(struct outcomes *, const json_t *item);

/* Print the document, or a summary.  Returns the exit code of the command. */
int outcomes_conclude(struct outcomes *);

/* Return "1000a05bf6 (Hall)" of an outcome, or the id alone; yours. */
char *outcome_title(const json_t *outcome);

/* Return the exit code for one outcome. */
int outcome_exit(const json_t *outcome);

#endif
