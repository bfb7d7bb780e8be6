/* SPDX-License-Identifier: ISC */
/* confirm -- shows a person what is about to be flashed, and asks. */
#ifndef REFLASHD_REFLASHCTL_CONFIRM_H
#define REFLASHD_REFLASHCTL_CONFIRM_H

#include <jansson.h>
#include <stdbool.h>

/* Return true if there is a person at a terminal who can answer. */
bool confirm_can_ask(void);

/*
 * Say which image will be put on which of these devices, which are outcomes of
 * previews, and that this cannot be undone.  Returns true if the answer is yes;
 * everything else is a no.
 */
bool confirm_flash(const json_t *previews);

#endif
