/* SPDX-License-Identifier: ISC */
/*
 * shown -- what Home Assistant shows of a device: which firmware runs, which
 * one would be put on it, how far that is, and what Install would mean.
 *
 * Home Assistant compares the two versions with AwesomeVersion: equal is "up to
 * date", not comparable is "there is an update", and bare numbers are compared.
 * So there is always a word in front of a version, and after a flash both are
 * the same text.  The short checksum makes another build of the same version
 * another version: who has skipped the first one is asked again.
 */
#ifndef REFLASHD_SHOWN_H
#define REFLASHD_SHOWN_H

#include <jansson.h>
#include <stdbool.h>

#define SHOWN_VERSION_SIZE 128
#define SHOWN_SUMMARY_SIZE 256 /* Home Assistant shows 255 characters */

/* The meaning of Install; it names the commands of the same name. */
enum shown_install { SHOWN_NO_INSTALL, SHOWN_APPROVE, SHOWN_RETRY };

struct shown {
	char installed[SHOWN_VERSION_SIZE];
	char latest[SHOWN_VERSION_SIZE];
	const char *title; /* constant */
	char summary[SHOWN_SUMMARY_SIZE];
	const char *url;     /* constant */
	const char *picture; /* constant */
	bool is_in_progress;
	int percent; /* -1: not known */
	enum shown_install install;
	const char *sha256; /* borrowed from the device; NULL: no image */
};

/* Look at a device object of the control protocol, of whatever version. */
void shown_look(const json_t *device, struct shown *);

/* Return the eight keys of Home Assistant's update, and no others. */
json_t *shown_update(const struct shown *);

#endif
