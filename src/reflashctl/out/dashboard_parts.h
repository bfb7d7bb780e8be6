/* SPDX-License-Identifier: ISC */
/*
 * dashboard_parts -- what only the files of dashboard share.
 *
 *	dashboard.c		the devices, which are shown, in which order
 *	dashboard_draw.c	the picture
 */
#ifndef REFLASHD_REFLASHCTL_DASHBOARD_PARTS_H
#define REFLASHD_REFLASHCTL_DASHBOARD_PARTS_H

#include "reflashctl/out/dashboard.h"

struct dashboard {
	json_t *devices; /* owned; id to device */
	json_t *moved;	 /* owned; id to the last device_has_moved() */
	json_t *shown;	 /* owned; in their order; NULL: to be made */
	char filter[128];
};

/* Return the devices that are shown, in their order; borrowed. */
const json_t *dashboard_shown(struct dashboard *);

#endif
