/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashd/orders.h"

struct orders {
	struct policy_list *policies; /* owned */
};

struct orders *
orders_new(void)
{
	struct orders *orders = xcalloc(1, sizeof(*orders));

	orders->policies = policy_list_new();
	return orders;
}

void
orders_free(struct orders *orders)
{
	if (orders == NULL)
		return;
	policy_list_free(orders->policies);
	free(orders);
}

static struct policy *
make(const char *path)
{
	char *text = xasprintf("[Flash]\nAction=flash\nImage=%s\n", path);
	struct problems problems = { 0 };
	struct policy *policy = policy_parse(
	    ORDERS_POLICY, text, strlen(text), ORDERS_POLICY, &problems);

	problems_fini(&problems);
	free(text);
	return policy;
}

struct policy *
orders_policy(struct orders *orders, const char *path)
{
	struct policy_list *list = orders->policies;
	struct policy *policy;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->image, path) == 0)
			return list->items[i];
	if (strpbrk(path, "\r\n") != NULL)
		return NULL;
	policy = make(path);
	if (policy != NULL)
		policy_list_add(list, policy);
	return policy;
}
