/* SPDX-License-Identifier: ISC */
/* Makes a policy of each image that a person orders, for the scheduler. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashd/schedule/orders.h"

#define MANY 16 /* policies; from then on unused ones are dropped */

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

/* Return NULL if the path is read as another one, without its last blank. */
static struct policy *
make_policy(const char *path)
{
	char *text = xasprintf("[Flash]\nAction=flash\nImage=%s\n", path);
	struct problems problems = { 0 };
	struct policy *policy = policy_parse(
	    ORDERS_POLICY, text, strlen(text), ORDERS_POLICY, &problems);

	problems_fini(&problems);
	free(text);
	if (policy == NULL || strcmp(policy->image, path) == 0)
		return policy;
	policy_free(policy);
	return NULL;
}

static bool
has_policy(const struct policy_list *list, const struct policy *policy)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == policy)
			return true;
	return false;
}

static struct policy *
find_policy(const struct orders *orders, const char *path)
{
	const struct policy_list *list = orders->policies;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->image, path) == 0)
			return list->items[i];
	return NULL;
}

struct policy *
orders_policy(struct orders *orders, const char *path)
{
	struct policy *policy = find_policy(orders, path);

	if (policy != NULL || strpbrk(path, "\r\n") != NULL)
		return policy;
	policy = make_policy(path);
	if (policy != NULL)
		policy_list_add(orders->policies, policy);
	return policy;
}

bool
orders_tidy(struct orders *orders, struct registry *registry)
{
	struct policy_list *named;
	if (orders->policies->count <= MANY)
		return false;
	named = policy_list_new();
	registry_foreach (registry, device) {
		struct policy *policy = device->order.image != NULL
		    ? find_policy(orders, device->order.image)
		    : NULL;

		if (policy != NULL && !has_policy(named, policy))
			policy_list_add(named, policy_ref(policy));
	}
	policy_list_free(orders->policies);
	orders->policies = named;
	return true;
}
