/* SPDX-License-Identifier: ISC */
/*
 * service_entry -- one service on one interface: what the records say about it,
 * and when there is something to report.
 *
 * A new service is reported as soon as all is known, or after 3 s as far as it
 * is known.  A change is reported a second later, because records arrive one by
 * one and old ones linger.  No socket and no clock: times are handed in.
 */
#ifndef REFLASHD_SERVICE_ENTRY_H
#define REFLASHD_SERVICE_ENTRY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "core/mdns/dnsscan.h"
#include "core/mdns/scanline.h"

#define SERVICE_ENTRY_ADDRESSES 4

/*
 * Names that differ only in case are the same service.  Zeroed before it is
 * filled.
 */
struct service_entry_key {
	int ifindex;
	uint8_t service; /* index into the options */
	uint8_t len;
	unsigned char name[DNSNAME_LABEL]; /* lower case */
};

struct question;

enum service_entry_asking {
	SERVICE_ENTRY_IDLE,
	SERVICE_ENTRY_WAITING,
	SERVICE_ENTRY_ASKED
};

struct service_entry {
	struct service_entry_key key;
	struct sighting seen;
	unsigned char *txt;				   /* owned */
	struct in_addr addresses[SERVICE_ENTRY_ADDRESSES]; /* the newest last */
	size_t address_count;
	struct in_addr hint; /* the sender of the announcement */
	bool has_hint;
	bool was_told, was_complete;
	bool is_leaving;  /* its farewell was heard */
	bool is_new_host; /* the question for its address is another */
	int64_t born_ms, told_ms, alive_ms;
	int64_t whole_ms; /* when one packet had all records; 0: never */
	int64_t due_ms;	  /* when to tell it; 0 = nothing to tell */

	/* Used by the browser. */
	void *owner; /* borrowed */
	enum service_entry_asking asking;
	int64_t wanted_ms, asked_ms;
	struct question *ask_srv, *ask_txt, *ask_a;
	struct service_entry *prev,
	    *next; /* of those that wait, or are asked */
	struct service_entry *due_prev,
	    *due_next; /* of those with something to tell */
	bool is_due;
	UT_hash_handle hh;
};

struct service_entry_key service_entry_make_key(
    int ifindex, size_t service, const void *instance, size_t len);

/* service is borrowed; interface is copied. */
struct service_entry *
service_entry_new(const struct service_entry_key *, const char *service,
    const void *instance, const char *interface, int64_t now_ms);
void service_entry_free(struct service_entry *);

/* A PTR record lists the service (again), or has gone. */
void service_entry_list(struct service_entry *, int64_t now_ms);
void service_entry_unlist(struct service_entry *, int64_t now_ms);

/*
 * Take in a packet about the service with these records, sent from there.  If
 * they are all its records, there is nothing to wait for.
 */
void service_entry_hear(struct service_entry *, const struct dnsscan_hit *,
    struct in_addr from, int64_t now_ms);

/* Take in one record.  A malformed one is ignored. */
void service_entry_take_srv(
    struct service_entry *, const void *, size_t, int64_t now_ms);
void service_entry_take_txt(
    struct service_entry *, const void *, size_t, int64_t now_ms);
void service_entry_take_a(
    struct service_entry *, const void *, size_t, bool is_gone, int64_t now_ms);

/* Report the service again: the reader has forgotten it. */
void service_entry_repeat(struct service_entry *, int64_t now_ms);

/* Return the line to report, for free(); the entry counts as reported. */
char *service_entry_tell(struct service_entry *, int64_t now_ms);

#endif
