/* SPDX-License-Identifier: ISC */
/*
 * server -- the HTTP server from which devices fetch their images.
 *
 *	GET, HEAD /<token>/<name>	an image, for a live job only
 *	POST /api/device/otaFlash	what a device says about its update
 *
 * Everything else is 404.  Host and whatever stands after '?' are ignored:
 * some firmwares send a Host of their own and add a query.
 *
 * A job is live from server_job_new() to server_job_free(); its URL means
 * nothing before and after.  Its bytes are sent from the memory they are in.
 *
 * All callbacks come from the event loop, never from within a call into this
 * module, and may free any job; they must not free the server.  The process
 * has to ignore SIGPIPE.
 */
#ifndef REFLASHD_SERVER_H
#define REFLASHD_SERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

#define SERVER_TOKEN_LEN 22 /* letters and digits: 130 bits */
#define SERVER_NAME_MAX	 31
#define SERVER_URL_SIZE	 61 /* stock firmware takes at most 60 characters */

struct event_base;
struct server;
struct server_job;

/* A request or a connection that belongs to no job. */
enum server_stray {
	SERVER_STRAY_PATH,	  /* no live URL */
	SERVER_STRAY_ADDRESS,	  /* a live URL, asked for by another device */
	SERVER_STRAY_VERDICT,	  /* a verdict from no live job's device */
	SERVER_STRAY_BAD_VERDICT, /* from a job's device, but unreadable */
	SERVER_STRAY_REFUSED,	  /* a connection too many */
	SERVER_STRAYS
};

/* Calls from a job to its owner.  Any op may be NULL. */
struct server_job_ops {
	/* The first bytes of the image were asked for. */
	void (*fetch_started)(void *ctx, struct in_addr from);
	/*
	 * The kernel has taken these bytes of the image; how many of them it
	 * may still hold is in base/listen.h.  A reply that the other side cut
	 * short is not told, as it is not known how much of it arrived.
	 */
	void (*served)(
	    void *ctx, uint64_t first, uint64_t len, struct in_addr from);
	/* The job's device has sent this number under "error". */
	void (*verdict)(void *ctx, int code, struct in_addr from);
	/*
	 * A client asks for the job's URL from an address that was neither
	 * given nor expected.  Return true if the device is there; it is
	 * expected there then.  NULL: it is not.
	 */
	bool (*is_at)(void *ctx, struct in_addr from);
	/*
	 * Several jobs have the address that a verdict comes from.  Return true
	 * if the device of this one is known not to be there.
	 */
	bool (*is_elsewhere)(void *ctx, struct in_addr from);
};

/* Calls that concern no job.  Any op may be NULL. */
struct server_ops {
	/* A client has connected, whatever it wants. */
	void (*came)(void *ctx, struct in_addr from);
	void (*stray)(void *ctx, enum server_stray, struct in_addr from);
	/*
	 * Connections wait that this machine cannot accept, for the reason of
	 * an errno.  Told when that begins, and each second for as long as it
	 * lasts.  0: the machine can accept again.
	 */
	void (*starved)(void *ctx, int why);
};

struct server_config {
	struct in_addr listen;
	uint16_t port;	   /* 0: any; see server_port() */
	bool check_source; /* only the job's device may fetch */
	unsigned max_connections;
	unsigned max_connections_per_address;
	unsigned request_sec; /* to a complete request; 0: 60 */
	unsigned reply_sec;   /* for a whole reply; 0: 300 */
	const int *fds; /* inherited; with any, listen and port do not matter */
	size_t fd_count;
};

/*
 * Make a server.  The ops and ctx are borrowed.  Inherited fds are taken if it
 * succeeds.
 */
struct server *server_new(struct event_base *, const struct server_config *,
    const struct server_ops *, void *ctx, struct error *);
void server_free(struct server *); /* frees the jobs, too; NULL is fine */

/* Apply the limits, and check_source for the jobs to come.  All else stays. */
void server_configure(struct server *, const struct server_config *);

/* The status of each reply that there is. */
#define SERVER_STATUSES 200, 206, 304, 400, 404, 412, 416
#define SERVER_STATUS_COUNT                                                    \
	(sizeof((const int[]){ SERVER_STATUSES }) / sizeof(int))

/* The sums of all replies since the server was made. */
struct server_counts {
	uint64_t image_bytes; /* that the kernel has taken */
	uint64_t replies[SERVER_STATUS_COUNT];
};

/* Return the counts, borrowed from the server. */
const struct server_counts *server_counts(const struct server *);

uint16_t server_port(const struct server *);

/* Return the only address at which the server can be reached, or 0.0.0.0. */
struct in_addr server_address(const struct server *);

struct server_file {
	const char *name; /* in the URL; NULL: "fw.bin" */
	const void *data; /* must not change */
	size_t size;
	const char *sha256; /* lower-case hex: its start is the ETag */
	const char *md5;    /* hex, or NULL */
	time_t modified;    /* 0: do not tell */
	/*
	 * Called with owner when nothing uses data any more: after the job and
	 * after the last reply that was under way, which may be as late as
	 * event_base_free().  NULL: data outlives all that.
	 */
	void (*release)(void *owner);
	void *owner;
};

/*
 * Make a job.  All of the file but data is copied; the ops and ctx are
 * borrowed. token is the token of an earlier server, or NULL for a new one.  On
 * failure release() is not called.
 */
struct server_job *server_job_new(struct server *, const struct server_file *,
    struct in_addr device, const char *token, const struct server_job_ops *,
    void *ctx, struct error *);
void server_job_free(struct server_job *); /* NULL is fine */

const char *server_job_token(const struct server_job *);

/* The device has another address now. */
void server_job_move(struct server_job *, struct in_addr device);

/* The device is told once more: this is another download. */
void server_job_renew(struct server_job *, struct in_addr device);

/*
 * The device may appear at that address as well.  It has done so if its URL,
 * which only the device knows, is asked for from there.
 */
void server_job_expect(struct server_job *, struct in_addr address);

/*
 * Write the job's URL for a device that reaches this machine under the address
 * local.  Returns false if it does not fit; a name of 8 bytes always fits in
 * SERVER_URL_SIZE.
 */
bool server_job_url(
    const struct server_job *, struct in_addr local, char *dst, size_t size);

#endif
