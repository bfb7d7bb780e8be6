/* SPDX-License-Identifier: ISC */
/*
 * error -- why something failed, in words an operator can act on.
 *
 * A function that can fail returns false (or NULL) and describes the failure
 * in the struct error its caller passed last.  Nobody logs an error that it
 * also returns: the caller who decides what to do about it logs it, once.
 */
#ifndef REFLASHD_ERROR_H
#define REFLASHD_ERROR_H

#include <stdbool.h>

struct error {
	int code;	/* an errno value: for programs */
	char text[400]; /* a sentence without a full stop: for people */
};

/*
 * Describe a failure.  Always returns false, so it can be the return value.
 * The arguments must not point into the error itself: error_prefix() is there
 * for that.
 */
bool error_set(struct error *, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Describe a failure likewise, with ": strerror(code)" after it. */
bool error_errno(struct error *, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "fmt: " in front of what is there already.  Always returns false. */
bool error_prefix(struct error *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
