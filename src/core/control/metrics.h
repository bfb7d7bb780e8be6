/* SPDX-License-Identifier: ISC */
/*
 * metrics -- the numbers of the daemon as a text for Prometheus.
 *
 * The text is the exposition format, version 0.0.4, without timestamps.  The
 * labels are the tokens of this program, and the names of policies and
 * versions: none is from a device, so that the number of series does not depend
 * on how many devices there are, or on what somebody announces.
 */
#ifndef REFLASHD_METRICS_H
#define REFLASHD_METRICS_H

#include <jansson.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/*
 * Make the text, yours, of the daemon's reply to "counters".  What the reply of
 * an older daemon lacks is left out, so that nothing is made up.
 */
char *metrics_text(const json_t *reply);

#endif
