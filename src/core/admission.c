/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

#include "core/admission.h"
#include "base/memory.h"

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

bool
admission_enter(
    struct admission *adm, struct visitor *v, bool expected, uint64_t now_sec)
{
	unsigned max = expected ? adm->max : (adm->max + 1) / 2;
	struct admission_source *source = find_source(adm, v->from);

	if (adm->count >= max || adm->max_per_address == 0 ||
	    (source != NULL && source->count >= adm->max_per_address))
		return false;
	v->source = source != NULL ? source : add_source(adm, v->from);
	v->source->count++;
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
	if (--v->source->count > 0)
		return;
	HASH_DEL(adm->sources, v->source);
	free(v->source);
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
