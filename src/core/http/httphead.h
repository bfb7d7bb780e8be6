/* SPDX-License-Identifier: ISC */
/*
 * httphead -- the head of a reply: status line and headers, as they are sent.
 *
 * It is written without printf(3), which took most of the time of a small
 * reply.  The client may be a stock updater that searches for exact strings, so
 * names keep the case they are given in.
 */
#ifndef REFLASHD_HTTPHEAD_H
#define REFLASHD_HTTPHEAD_H

#include <stddef.h>
#include <stdint.h>

/* The oldest device has room for 1024 bytes. */
#define HTTPHEAD_SIZE 640

struct httphead {
	int status;
	size_t len;
	char text[HTTPHEAD_SIZE];
};

/* Begin with the status line: "HTTP/1.1 206 Partial Content". */
void httphead_begin(struct httphead *, int status);

/* Append to the head.  It must fit; test_filereply has the longest head. */
void httphead_text(struct httphead *, const char *);
void httphead_number(struct httphead *, uint64_t);

/* Append "Name: value"; the number as in Content-Length. */
void httphead_add(struct httphead *, const char *name, const char *value);
void httphead_add_number(struct httphead *, const char *name, uint64_t);

#endif
