/* SPDX-License-Identifier: ISC */
/*
 * truth -- what must hold in every run, whatever happens: each rule is checked
 * where the world sees it broken, and ends the run with a sentence.
 */
#ifndef TESTS_WORLD_TRUTH_H
#define TESTS_WORLD_TRUTH_H

#include <jansson.h>
#include <stdbool.h>

#include "tests/world/script.h"

struct thing;

/* An act of the script begins. */
void truth_act(const struct act *);

/* A person's command is about to be given, and was answered. */
void truth_ordering(enum act_kind, const char *id);
void truth_ordered(enum act_kind, const char *id, bool ok);

/* The next one is to flash the device with this file of images. */
void truth_orders_image(unsigned device, unsigned file);

/* It was carried out; the daemon says whether that could not be saved. */
void truth_told_unsaved(enum act_kind, bool is_unsaved);

/* The daemon is asked for all its devices; it names one. */
void truth_listing(void);
void truth_listed(const json_t *device);

/* A file of images has another content; the clock on the wall was set. */
void truth_image(unsigned file, const char *content);
void truth_wall_set(void);
void truth_copies_spoilt(void);
void truth_policy_resumed(unsigned slot);
void truth_set_up(const struct thing *); /* a Tasmota is told a setting */
void truth_called(const struct thing *); /* a device is asked something */
void truth_forged(const struct thing *); /* somebody announces it */

/* A new life of the daemon begins, or has ended. */
void truth_new_life(void);
void truth_life_over(void);

/* The run is over: every device must have come to an end. */
void truth_at_end(void);

#endif
