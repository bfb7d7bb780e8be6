/* SPDX-License-Identifier: ISC */
/*
 * report -- what the devices saw: JSON for tests, a table for people.
 */
#ifndef REFLASHD_SIM_REPORT_H
#define REFLASHD_SIM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct sim;

/* Write the report; the file is replaced as a whole. */
bool report_write(const struct sim *, const char *path, struct error *);
void report_print(const struct sim *, FILE *);
size_t report_count_breaches(const struct sim *);

/* Write the piece of configuration that names every device. */
bool report_write_conf(const struct sim *, const char *path, struct error *);

#endif
