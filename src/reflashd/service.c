/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/registry.h"
#include "core/report.h"
#include "io/manager.h"
#include "reflashd/service.h"

struct service {
	struct registry *registry; /* borrowed */
	struct event *status;	   /* owned: one shot */
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
on_status(evutil_socket_t fd, short what, void *ctx)
{
	struct service *service = ctx;
	char line[256];

	(void)fd;
	(void)what;
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
	service->status = evtimer_new(base, on_status, service);
	if (ms > 0) {
		service->watchdog =
		    event_new(base, -1, EV_PERSIST, on_watchdog, service);
		event_add(service->watchdog, &tv);
	}
	manager_ready();
	on_status(-1, 0, service);
	return service;
}

void
service_free(struct service *service)
{
	if (service == NULL)
		return;
	event_free(service->status);
	if (service->watchdog != NULL)
		event_free(service->watchdog);
	free(service);
}

void
service_changed(struct service *service)
{
	const struct timeval second = { 1, 0 };

	if (service != NULL && !evtimer_pending(service->status, NULL))
		evtimer_add(service->status, &second);
}
