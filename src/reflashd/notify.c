/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/hookenv.h"
#include "core/report.h"
#include "io/hooks.h"
#include "reflashd/notify.h"

void
notify_change(
    struct daemon *daemon, const struct device *device, enum state old)
{
	json_auto_t *report = NULL;
	struct words env = { 0 };
	char subject[64], *input;

	if (!hooks_look(daemon->hooks))
		return;
	report = report_device(device);
	input = json_dumps(report, JSON_COMPACT);
	snprintf(subject, sizeof(subject), "%s is %s", device->id,
	    state_name(device->state));
	hookenv_make(device, old, &env);
	hooks_run(
	    daemon->hooks, subject, &env, input, registry_is_known(device));
	free(input);
}
