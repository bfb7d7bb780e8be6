/* SPDX-License-Identifier: ISC */
/* Counts the connections of the file server, and keeps places for devices. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

#include "base/memory.h"
#include "core/net/conn_limit.h"

/* An address, and how many have come from there. */
struct admission_source {
	uint32_t address;
	unsigned count;
	UT_hash_handle hh;
};

static struct admission_source *
find_source(const struct admission *adm, struct in_addr from)
{
	struct admission_source *source;

	HASH_FIND(hh, adm->sources, &from.s_addr, sizeof(from.s_addr), source);
	return source;
}

static struct admission_source *
add_source(struct admission *adm, struct in_addr from)
{
	struct admission_source *source = xcalloc(1, sizeof(*source));

	source->address = from.s_addr;
	HASH_ADD(hh, adm->sources, address, sizeof(source->address), source);
	return source;
}

/* The visitors are in the order in which they came in. */
static struct visitor *
oldest_of(const struct admission *adm, const struct admission_reserve *reserve)
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

/* Returns the visitor that has lost its place, or NULL. */
static struct visitor *
take_place(
    struct admission *adm, struct visitor *v, struct admission_reserve *reserve)
{
	struct visitor *oldest = NULL;

	if (reserve->count >= ADMISSION_RESERVED)
		oldest = oldest_of(adm, reserve);
	if (oldest != NULL)
		give_back_place(oldest);
	v->reserve = reserve;
	reserve->count++;
	return oldest;
}

bool
admission_enter(struct admission *adm, struct visitor *v,
    struct admission_reserve *reserve, uint64_t now_sec,
    struct visitor **gives_way)
{
	bool needs_place = adm->count >= (adm->max + 1) / 2;
	struct admission_source *source = find_source(adm, v->from);

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
	admission_await(adm, v, now_sec);
	return true;
}

void
admission_leave(struct admission *adm, struct visitor *v)
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
admission_prove(
    struct admission *adm, struct visitor *v, struct admission_reserve *reserve)
{
	if (v->reserve == NULL || v->reserve == reserve)
		return NULL;
	give_back_place(v);
	return take_place(adm, v, reserve);
}

void
admission_dissolve(struct admission *adm, struct admission_reserve *reserve)
{
	struct visitor *v;

	while ((v = oldest_of(adm, reserve)) != NULL)
		give_back_place(v);
}

void
admission_await(
    const struct admission *adm, struct visitor *v, uint64_t now_sec)
{
	v->deadline_sec = now_sec +
	    (adm->request_sec != 0 ? adm->request_sec : ADMISSION_REQUEST_SEC);
}

void
admission_answer(
    const struct admission *adm, struct visitor *v, uint64_t now_sec)
{
	v->deadline_sec = now_sec +
	    (adm->reply_sec != 0 ? adm->reply_sec : ADMISSION_REPLY_SEC);
}

struct visitor *
admission_overdue(
    const struct admission *adm, struct visitor *after, uint64_t now_sec)
{
	struct visitor *v = after == NULL ? adm->visitors : after->next;

	while (v != NULL && v->deadline_sec > now_sec)
		v = v->next;
	return v;
}
