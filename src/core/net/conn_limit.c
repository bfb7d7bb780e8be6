/* SPDX-License-Identifier: ISC */
/* Counts the connections of the file server, and keeps places for devices. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

#include "base/memory.h"
#include "core/net/conn_limit.h"

/* An address, and how many connections have come from there. */
struct conn_limit_source {
	uint32_t address;
	unsigned count;
	UT_hash_handle hh;
};

static struct conn_limit_source *
find_source(const struct conn_limit *adm, struct in_addr from)
{
	struct conn_limit_source *source;

	HASH_FIND(hh, adm->sources, &from.s_addr, sizeof(from.s_addr), source);
	return source;
}

static struct conn_limit_source *
add_source(struct conn_limit *adm, struct in_addr from)
{
	struct conn_limit_source *source = xcalloc(1, sizeof(*source));

	source->address = from.s_addr;
	HASH_ADD(hh, adm->sources, address, sizeof(source->address), source);
	return source;
}

/*
 * Return the visitor that has held a place of the reserve for the longest time.
 * The list has them in the order in which they came.
 */
static struct visitor *
oldest_of(
    const struct conn_limit *adm, const struct conn_limit_reserve *reserve)
{
	struct visitor *v = adm->visitors;

	while (v != NULL && v->reserve != reserve)
		v = v->next;
	return v;
}

static void
give_back_place(struct visitor *v)
{
	if (v->reserve != NULL)
		v->reserve->count--;
	v->reserve = NULL;
}

/*
 * Give the visitor a place of the reserve.  Returns the visitor that has lost
 * its place to it, or NULL.
 */
static struct visitor *
take_place(struct conn_limit *adm, struct visitor *v,
    struct conn_limit_reserve *reserve)
{
	struct visitor *oldest = NULL;

	if (reserve->count >= CONN_LIMIT_RESERVED)
		oldest = oldest_of(adm, reserve);
	if (oldest != NULL)
		give_back_place(oldest);
	v->reserve = reserve;
	reserve->count++;
	return oldest;
}

bool
conn_limit_enter(struct conn_limit *adm, struct visitor *v,
    struct conn_limit_reserve *reserve, uint64_t now_sec,
    struct visitor **gives_way)
{
	bool needs_place = adm->count >= (adm->max + 1) / 2;
	struct conn_limit_source *source = find_source(adm, v->from);

	*gives_way = NULL;
	if (adm->count >= adm->max || (needs_place && reserve == NULL) ||
	    adm->max_per_address == 0 ||
	    (source != NULL && source->count >= adm->max_per_address))
		return false;
	v->source = source != NULL ? source : add_source(adm, v->from);
	v->source->count++;
	v->reserve = NULL;
	if (needs_place)
		*gives_way = take_place(adm, v, reserve);
	DL_APPEND(adm->visitors, v);
	adm->count++;
	conn_limit_await(adm, v, now_sec);
	return true;
}

void
conn_limit_leave(struct conn_limit *adm, struct visitor *v)
{
	DL_DELETE(adm->visitors, v);
	adm->count--;
	give_back_place(v);
	if (--v->source->count > 0)
		return;
	HASH_DEL(adm->sources, v->source);
	free(v->source);
}

struct visitor *
conn_limit_prove(struct conn_limit *adm, struct visitor *v,
    struct conn_limit_reserve *reserve)
{
	if (v->reserve == NULL || v->reserve == reserve)
		return NULL;
	give_back_place(v);
	return take_place(adm, v, reserve);
}

void
conn_limit_dissolve(struct conn_limit *adm, struct conn_limit_reserve *reserve)
{
	struct visitor *v;

	while ((v = oldest_of(adm, reserve)) != NULL)
		give_back_place(v);
}

void
conn_limit_await(
    const struct conn_limit *adm, struct visitor *v, uint64_t now_sec)
{
	v->deadline_sec = now_sec +
	    (adm->request_sec != 0 ? adm->request_sec : CONN_LIMIT_REQUEST_SEC);
}

void
conn_limit_answer(
    const struct conn_limit *adm, struct visitor *v, uint64_t now_sec)
{
	v->deadline_sec = now_sec +
	    (adm->reply_sec != 0 ? adm->reply_sec : CONN_LIMIT_REPLY_SEC);
}

struct visitor *
conn_limit_overdue(
    const struct conn_limit *adm, struct visitor *after, uint64_t now_sec)
{
	struct visitor *v = after == NULL ? adm->visitors : after->next;

	while (v != NULL && v->deadline_sec > now_sec)
		v = v->next;
	return v;
}
