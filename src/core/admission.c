/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stddef.h>
#include <utlist.h>

#include "core/admission.h"

static unsigned
count_from(const struct admission *adm, struct in_addr from)
{
	const struct visitor *v;
	unsigned n = 0;

	DL_FOREACH (adm->visitors, v)
		n += v->from.s_addr == from.s_addr;
	return n;
}

bool
admission_enter(
    struct admission *adm, struct visitor *v, bool expected, uint64_t now_sec)
{
	unsigned max = expected ? adm->max : (adm->max + 1) / 2;

	if (adm->count >= max ||
	    count_from(adm, v->from) >= adm->max_per_address)
		return false;
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
