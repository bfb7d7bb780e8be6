/* SPDX-License-Identifier: ISC */
/*
 * advice_words -- puts real names into an advice, so that it can be typed as it
 * stands.
 *
 * The tables of reasons and messages say "reflashctl retry ID", since they are
 * for every device.  What a person reads about one device names that device.
 */
#ifndef REFLASHD_ADVICE_WORDS_H
#define REFLASHD_ADVICE_WORDS_H

#include <stddef.h>

#define ADVICE_SIZE 1536 /* room for the longest advice with its names */

/* Each member replaces a word of the tables; NULL or "" leaves the word. */
struct advice_words {
	const char *device;	  /* "ID": the device in a command */
	const char *id;		  /* "<id>": in the name of its access point */
	const char *address;	  /* "ADDRESS" */
	const char *policy;	  /* "POLICY" */
	const char *access_point; /* "tasmota-..." */
	const char *port;	  /* "PORT": that devices download from */
};

/* Write the advice with these words; what does not fit is cut.  Returns dst. */
char *advice_fill(
    char *dst, size_t size, const char *advice, const struct advice_words *);

#endif
