/* SPDX-License-Identifier: ISC */
/*
 * filereply -- what to answer to a GET or HEAD of a file: status, headers in
 * their final spelling, and which bytes.
 *
 * The client may be a stock updater that searches the reply for exact strings:
 * "HTTP/1.1 206 Partial Content", "Content-Length: ", "Content-Range" in just
 * this case, all headers within 1024 bytes, and no chunks.  Tasmota's updater
 * on the other hand wants 200 and likes x-MD5.
 */
#ifndef REFLASHD_FILEREPLY_H
#define REFLASHD_FILEREPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/http/conditional.h"
#include "core/http/httphead.h"

#define FILEREPLY_PART_SIZE	  256 /* room for filereply_part() */
#define FILEREPLY_VALIDATORS_SIZE 128

struct filereply {
	int status;
	struct range_set parts; /* the body; of a 200 the whole file */
	struct httphead head;	/* without Date, Connection and its end */
};

struct filereply_file {
	struct conditional_file is;
	const char *md5;      /* 32 hex digits, or NULL; borrowed */
	const char *boundary; /* between parts: in none of the files */
	/* ETag and Last-Modified, which are the same in each reply. */
	char validators[FILEREPLY_VALIDATORS_SIZE];
};

/* Make the headers of every reply.  Call it when all else is set. */
void filereply_prepare(struct filereply_file *);

/*
 * Make the reply. is_get: otherwise it is a HEAD, which has the headers of the
 * 200 and no body.  The sender adds Date and Connection.
 */
void filereply_make(const struct filereply_file *,
    const struct conditional_headers *, bool is_get, struct filereply *);

/*
 * Write what is in front of part number i of several; i == parts.count gives
 * the end of the last one.  Returns its length.
 */
size_t filereply_part(const struct filereply_file *, const struct filereply *,
    size_t i, char dst[FILEREPLY_PART_SIZE]);

#endif
