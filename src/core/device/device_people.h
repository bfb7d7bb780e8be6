/* SPDX-License-Identifier: ISC */
/*
 * device_people -- who has said what about a device.
 *
 * These texts are apart from what they belong to, as that is copied as a whole,
 * and few devices have any of them.
 */
#ifndef REFLASHD_DEVICE_PEOPLE_H
#define REFLASHD_DEVICE_PEOPLE_H

/* Owned, and recorded; NULL: nobody.  xreplace() sets them. */
struct device_people {
	char *attempt;	 /* ordered or approved the last attempt */
	char *may_run;	 /* the same of the attempt in device_may_run */
	char *approved;	 /* gave the approval that stands */
	char *ordered;	 /* gave the order, or the retry */
	char *cancelled; /* until `retry` or `flash` */
};

/* Return a copy, which owns texts of its own. */
struct device_people device_people_copy(const struct device_people *);

/* Free the texts. */
void device_people_fini(struct device_people *);

#endif
