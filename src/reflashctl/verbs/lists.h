/* SPDX-License-Identifier: ISC */
/*
 * lists -- what the verbs share that ask for a list and print it.
 */
#ifndef REFLASHD_REFLASHCTL_LISTS_H
#define REFLASHD_REFLASHCTL_LISTS_H

#include "core/control/ctlproto.h"
#include "reflashctl/ctl.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/table.h"

struct listing {
	enum ctl_id id;
	const char *key; /* of the JSON */
	enum json_out shape;
	void (*print)(const json_t *);
	void (*print_more)(const json_t *reply); /* or NULL */
};

/* Ask for a list, of one device or (NULL) of all, and print it. */
int lists_ask(struct ctl *, const struct listing *, const char *device);

/* Print and free a table, or say why there are no rows. */
void lists_table(struct table *, const json_t *rows, const char *none);

/* Return true if some of the objects have a text under this key. */
bool lists_has_text(const json_t *objects, const char *key);

/*
 * Return how the labels of these objects share a line: they are whole unless
 * one is very long.
 */
enum table_kind lists_label_kind(const json_t *objects);

/*
 * Explain each reason of these objects once, with what their details say; the
 * objects have the keys id, reason, detail and advice.
 */
void lists_explain(const json_t *objects);

#endif
