/* SPDX-License-Identifier: ISC */
/* Tells systemd that the daemon is alive, and what it is doing. */
#include "config.h"

#include <event2/event.h>
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
	struct event *watchdog;	   /* owned; NULL: nobody watches */
};

static void
append(char *dst, size_t size, const char *text)
{
	size_t used = strlen(dst);

	snprintf(dst + used, size - used, "%s%s", used > 0 ? ", " : "", text);
}

void
service_line(struct registry *registry, char *dst, size_t size)
{
	unsigned count[STATE_COUNT] = { 0 }, flashing = 0, percent = 0;
	struct device *device = NULL;
	char part[64];

	dst[0] = '\0';
	while ((device = registry_next(registry, device)) != NULL) {
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

	service_line(service->registry, line, sizeof(line));
	manager_status(line);
}

static void
on_watchdog(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	manager_alive();
}

struct service *
service_new(struct event_base *base, struct registry *registry)
{
	struct service *service = xcalloc(1, sizeof(*service));
	uint64_t ms = manager_watchdog_ms();
	struct timeval tv = { (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000 * 1000) };

	service->registry = registry;
	service->status = timer_new(base, on_status, service);
	if (ms > 0) {
		service->watchdog =
		    event_new(base, -1, EV_PERSIST, on_watchdog, service);
		event_add(service->watchdog, &tv);
	}
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
	if (service->watchdog != NULL)
		event_free(service->watchdog);
	free(service);
}

void
service_changed(struct service *service)
{
	if (service != NULL && !timer_is_set(service->status))
		timer_set(service->status, STATUS_MS);
}
