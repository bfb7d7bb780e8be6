/* SPDX-License-Identifier: ISC */
/* Tells systemd that the daemon is alive, and what it is doing now. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/report.h"
#include "core/device/registry.h"
#include "io/manager.h"
#include "io/timer.h"
#include "reflashd/events/service.h"

#define STATUS_MS 1000 /* between two lines, at least */

struct service {
	struct registry *registry; /* borrowed */
	struct timer *status;	   /* owned */
	struct timer *watchdog;	   /* owned */
};

static void
append(char *dst, size_t size, const char *text)
{
	size_t used = strlen(dst);

	snprintf(dst + used, size - used, "%s%s", used > 0 ? ", " : "", text);
}

/* Write "2 seen, 1 flashing 43 %, 5 verified". */
static void
make_line(struct registry *registry, char *dst, size_t size)
{
	unsigned count[STATE_COUNT] = { 0 }, flashing = 0, percent = 0;
	char part[64];

	dst[0] = '\0';
	registry_foreach (registry, device) {
		if (!state_is_at_work(device->state)) {
			count[device->state]++;
			continue;
		}
		flashing++;
		percent += report_percent(device);
	}
	for (enum state s = 0; s < STATE_COUNT; s++) {
		if (s == STATE_PROBING && flashing > 0) {
			snprintf(part, sizeof(part), "%u flashing %u %%",
			    flashing, percent / flashing);
			append(dst, size, part);
		}
		if (count[s] > 0) {
			snprintf(part, sizeof(part), "%u %s", count[s],
			    state_name(s));
			append(dst, size, part);
		}
	}
	if (dst[0] == '\0')
		append(dst, size, "no device yet");
}

static void
on_status(void *ctx)
{
	struct service *service = ctx;
	char line[256];

	make_line(service->registry, line, sizeof(line));
	manager_status(line);
}

static void
on_watchdog(void *ctx)
{
	struct service *service = ctx;

	manager_alive();
	timer_set(service->watchdog, manager_watchdog_ms());
}

struct service *
service_new(struct event_base *base, struct registry *registry)
{
	struct service *service = xcalloc(1, sizeof(*service));

	service->registry = registry;
	service->status = timer_new(base, on_status, service);
	service->watchdog = timer_new(base, on_watchdog, service);
	if (manager_watchdog_ms() > 0)
		timer_set(service->watchdog, manager_watchdog_ms());
	manager_ready();
	on_status(service);
	return service;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	timer_free(service->status);
	timer_free(service->watchdog);
	free(service);
}

void
service_changed(struct service *service)
{
	if (service != NULL && !timer_is_set(service->status))
		timer_set(service->status, STATUS_MS);
}
